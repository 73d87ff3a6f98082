#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace podium {

/// What `!quant.uniform<i8:f32:0, {0.1:-30, 0.5:-20}>` says: number = (integer - zero point) * scale.
struct QuantizedType {
    std::string storage, expressed;    ///< element types: i8, ui8, …; f32, …
    std::string least, greatest;       ///< of what is stored, as floats' literals; empty of 32 bits
    std::optional<std::int64_t> axis;  ///< of scales that are not one for all
    std::vector<std::string> scales;   ///< as they are written
    std::vector<std::string> zero_points;

    /// True if integers of the one are the same numbers as those of the other, the axis aside.
    bool same_numbers(const QuantizedType& other) const {
        return storage == other.storage && expressed == other.expressed && scales == other.scales &&
               zero_points == other.zero_points;
    }
};

/// Returns the position of the bracket that closes the one at `begin`, npos where none does; "->" closes nothing.
std::size_t closing_bracket(std::string_view text, std::size_t begin);
/// Returns the parts between commas outside of brackets, without the spaces around them; none of a text without any.
std::vector<std::string_view> parts_between_commas(std::string_view text);

/// Returns the first quantized type in `text`, npos its position where there is none.
struct FoundQuantizedType {
    std::size_t begin = std::string_view::npos, size = 0;
    QuantizedType type;
};
/// Throws UNIMPLEMENTED for quantized types other than those with one scale, or one for each place along an axis.
FoundQuantizedType find_quantized_type(std::string_view text);

}  // namespace podium

#pragma once

#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "podium/ir/ops.h"

namespace podium::nn {

/// How rotary positions reach beyond the length that a model was first trained with.
enum class RotaryScaling { NONE, LINEAR, LLAMA3, YARN };
constexpr auto enum_names(RotaryScaling) {
    using Row = std::pair<RotaryScaling, std::string_view>;
    return std::array{Row{RotaryScaling::NONE, "none"}, Row{RotaryScaling::LINEAR, "linear"},
                      Row{RotaryScaling::LLAMA3, "llama3"}, Row{RotaryScaling::YARN, "yarn"}};
}

/// The angles of rotary positions.
struct RotaryOptions {
    std::int64_t width = 2;  ///< how many numbers of a head turn; even
    double theta = 10000.0;  ///< the longest wave, over 2 pi
    RotaryScaling scaling = RotaryScaling::NONE;
    double factor = 1.0;                           ///< how much longer texts become
    double original_length = 8192;                 ///< of llama3 and yarn: tokens before
    double low_frequency = 1, high_frequency = 4;  ///< of llama3: waves a length between which scaling fades in
    double beta_fast = 32, beta_slow = 1;          ///< of yarn: the same
    double attention_factor = 0;                   ///< of yarn: of queries and keys; 0 is 1 + ln(factor) / 10

    bool operator==(const RotaryOptions&) const = default;
};

template <class V>
void visit_fields(V& v, RotaryOptions& options) {
    v("width", options.width, "how many numbers of a head turn");
    v("theta", options.theta, "longest wave, over 2 pi");
    v("scaling", options.scaling, "how positions reach beyond the length of the first training");
    v("factor", options.factor, "how much longer texts become by scaling");
    v("original_length", options.original_length, "of llama3 and yarn: tokens of the first training");
    v("low_frequency", options.low_frequency, "of llama3: waves that are scaled wholly have fewer turns than this");
    v("high_frequency", options.high_frequency, "of llama3: waves that are not scaled have more turns than this");
    v("beta_fast", options.beta_fast, "of yarn: waves that are not scaled have more turns than this");
    v("beta_slow", options.beta_slow, "of yarn: waves that are scaled wholly have fewer turns than this");
    v("attention_factor", options.attention_factor, "of yarn: factor of queries and keys; 0 is 1 + ln(factor) / 10");
}

/// Returns the radians by which each pair of numbers turns a position: [width / 2]. Sources: Su et al. 2021,
/// arXiv:2104.09864, equation 15; linear: Chen et al. 2023, arXiv:2306.15595; yarn: Peng et al. 2023, arXiv:2309.00071,
/// section 3.2; llama3: https://github.com/meta-llama/llama-models, apply_scaling.
std::vector<double> rotary_frequencies(const RotaryOptions& options);

/// Cosines and sines of a text's positions: f32[batch or 1, length, 1, width / 2].
struct RotaryTables {
    Tensor cosines, sines;
};
/// Returns the tables. positions: i32[batch or 1, length]. Throws INVALID_ARGUMENT for an odd width.
RotaryTables rotary_tables(const RotaryOptions& options, const Operand& positions);
/// Returns x turned, number i of a head's first 2 n together with number n + i, the others as they are. x: float[batch,
/// length, heads, depth].
Tensor rotated(const Operand& x, const RotaryTables& tables);

}  // namespace podium::nn

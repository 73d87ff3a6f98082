#include "podium/emit/literal_text.h"

#include <array>
#include <charconv>
#include <cmath>

#include "podium/ir/number.h"
#include "podium/ir/op.h"

namespace podium {
namespace {

constexpr std::array<std::string_view, DATA_TYPE_COUNT> ELEMENTS{
    "i1",        "i2",     "i4",       "i8",         "i16",           "i32",          "i64",
    "ui2",       "ui4",    "ui8",      "ui16",       "ui32",          "ui64",         "f4E2M1FN",
    "f8E3M4",    "f8E4M3", "f8E4M3FN", "f8E4M3FNUZ", "f8E4M3B11FNUZ", "f8E5M2",       "f8E5M2FNUZ",
    "f8E8M0FNU", "f16",    "bf16",     "f32",        "f64",           "complex<f32>", "complex<f64>"};

/// Returns a real number of `type` (stored as `bytes`) as MLIR reads it back exactly.
std::string real_text(DataType type, double value, const std::byte* bytes) {
    if (!std::isfinite(value)) {
        std::string hex = "0x";
        for (auto j = size_bytes(type); j-- > 0;) hex += fmt::format("{:02X}", std::to_integer<unsigned>(bytes[j]));
        return hex;
    }
    std::string text =
        type == DataType::FLOAT64 ? fmt::format("{}", value) : fmt::format("{}", static_cast<float>(value));
    if (text.find('.') == std::string::npos) text.insert(std::min(text.find('e'), text.size()), ".0");
    return text;
}

/// Returns one element as MLIR reads it back exactly.
std::string number_text(const HostArray& array, std::int64_t i) {
    const auto* bytes = array.data() + static_cast<std::size_t>(i) * size_bytes(array.type());
    if (is_float(array.type())) return real_text(array.type(), array.as_double(i), bytes);
    if (is_complex(array.type())) {
        const DataType part = part_type(array.type());
        const Complex128 value = array.as_complex(i);
        return fmt::format("({}, {})", real_text(part, value.real(), bytes),
                           real_text(part, value.imag(), bytes + size_bytes(part)));
    }
    const Number number = load(array, i);
    if (array.type() == DataType::BOOL) return number == Number(std::uint64_t{0}) ? "false" : "true";
    return is_unsigned(array.type()) ? fmt::format("{}", std::get<std::uint64_t>(number))
                                     : fmt::format("{}", std::get<std::int64_t>(number));
}

}  // namespace

std::string type_text(const Shape& shape) {
    if (shape == TOKEN_SHAPE) return "!stablehlo.token";
    std::string text = "tensor<";
    for (const auto dim : shape.dims) text += fmt::format("{}x", dim);
    return text + std::string(ELEMENTS[static_cast<std::size_t>(shape.type)]) + ">";
}

std::optional<Shape> shape_of_type(std::string_view text) {
    constexpr std::string_view OPENING = "tensor<";
    if (!text.starts_with(OPENING) || !text.ends_with('>')) return std::nullopt;
    text = text.substr(OPENING.size(), text.size() - OPENING.size() - 1);
    Shape shape(DataType::FLOAT32, {});
    while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
        std::int64_t size = 0;
        const auto* const end = std::from_chars(text.data(), text.data() + text.size(), size).ptr;
        if (end == text.data() + text.size() || *end != 'x') return std::nullopt;
        shape.dims.push_back(size);
        text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
    }
    const auto* const found = std::ranges::find(ELEMENTS, text);
    if (found == ELEMENTS.end()) return std::nullopt;
    shape.type = static_cast<DataType>(found - ELEMENTS.begin());
    return shape;
}

std::string literal_text(const HostArray& array) {
    if (array.count() == 1) return fmt::format("dense<{}> : {}", number_text(array, 0), type_text(array.shape()));
    if (array.count() == 0) return fmt::format("dense<> : {}", type_text(array.shape()));
    constexpr std::int64_t READABLE = 8;
    if (size_bits(array.type()) >= 8 && array.type() != DataType::BOOL && array.count() > READABLE) {  // whole bytes
        std::string hex;
        hex.reserve(array.size_bytes() * 2);
        constexpr std::string_view DIGITS = "0123456789ABCDEF";
        for (std::size_t i = 0; i < array.size_bytes(); ++i) {
            const auto byte = std::to_integer<unsigned>(array.data()[i]);
            hex += DIGITS[byte >> 4];
            hex += DIGITS[byte & 15];
        }
        return fmt::format("dense<\"0x{}\"> : {}", hex, type_text(array.shape()));
    }
    std::int64_t position = 0;
    const auto nested = [&](auto& self, std::size_t depth) -> std::string {
        if (depth == array.shape().dims.size()) return number_text(array, position++);
        std::string text = "[";
        for (std::int64_t i = 0; i < array.shape().dims[depth]; ++i)
            text += (i == 0 ? "" : ", ") + self(self, depth + 1);
        return text + "]";
    };
    return fmt::format("dense<{}> : {}", nested(nested, 0), type_text(array.shape()));
}

}  // namespace podium

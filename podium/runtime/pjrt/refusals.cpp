#include "podium/runtime/pjrt/refusals.h"

#include <algorithm>
#include <array>
#include <span>

#include "podium/base/error.h"

namespace podium {
namespace {

/// Something that the plugins of a kind of device do not do.
struct Refusal {
    std::string_view operation;               ///< without "stablehlo."
    std::span<const DeviceType> devices;      ///< empty: all
    std::span<const std::string_view> types;  ///< any of these element types in its signature; empty: all
    std::string_view reason, instead;
};

constexpr std::string_view DIALECT = "stablehlo.";
constexpr std::string_view LOCATION = " loc(";
constexpr std::string_view OPENING = "([{<", CLOSING = ")]}>";
constexpr std::size_t SHOWN_CHARACTERS = 120;

constexpr std::array ON_CPU{DeviceType::CPU}, ON_TPU{DeviceType::TPU};
constexpr std::array<std::string_view, 1> BOOLEANS{"i1"}, DOUBLES{"f64"}, COMPLEX_DOUBLES{"complex<f64>"};
constexpr std::array<std::string_view, 2> COMPLEX{"complex<f32>", "complex<f64>"}, TWO_BITS{"i2", "ui2"};
constexpr std::array<std::string_view, 4> WIDE{"f64", "i64", "ui64", "complex<f64>"};
constexpr std::string_view NOTHING_FEEDS = "the host has no such queue, and the program would wait for ever",
                           NO_CHANNEL = "there is no channel to the host",
                           REAL_PARTS_ONLY = "the CPU plugin compares the real parts only",
                           SELECT_BY_HAND = "compare real and imaginary parts and select",
                           NO_TWO_BITS = "the CPU plugin has no products of integers of two bits",
                           LOWERED = "plugins do not take quantized types",
                           TAKE_PARAMETERS = "take the data as a parameter",
                           GIVE_RESULTS = "return the data as a result",
                           QUANTIZE_BY_HAND =
                               "compute round(x / scale) + zero_point, clamped, as podium's own "
                               "uniform_quantize does";

constexpr auto REFUSALS = std::to_array<Refusal>({
    {"infeed", {}, {}, NOTHING_FEEDS, TAKE_PARAMETERS},
    {"outfeed", {}, {}, NOTHING_FEEDS, GIVE_RESULTS},
    {"send", ON_CPU, {}, NO_CHANNEL, GIVE_RESULTS},
    {"recv", ON_CPU, {}, NO_CHANNEL, TAKE_PARAMETERS},
    {"bitcast_convert", ON_CPU, BOOLEANS, "the CPU plugin crashes of it", "convert the booleans to integers"},
    {"maximum", ON_CPU, COMPLEX, REAL_PARTS_ONLY, SELECT_BY_HAND},
    {"minimum", ON_CPU, COMPLEX, REAL_PARTS_ONLY, SELECT_BY_HAND},
    {"dot_general", ON_CPU, TWO_BITS, NO_TWO_BITS, "convert to i8 or wider first"},
    {"convolution", ON_CPU, TWO_BITS, NO_TWO_BITS, "convert to i8 or wider first"},
    {"uniform_quantize", {}, {}, LOWERED, QUANTIZE_BY_HAND},
    {"uniform_dequantize", {}, {}, LOWERED, QUANTIZE_BY_HAND},
    {"dot_general", ON_TPU, WIDE, "TPUs have no products of 64-bit numbers", "convert to f32 (or i32) first"},
    {"select_and_scatter", ON_TPU, DOUBLES, "libtpu refuses it in f64", "convert to f32 first"},
    {"fft", ON_TPU, COMPLEX_DOUBLES, "libtpu refuses it in complex<f64>", "convert to complex<f32> first"},
});

/// True if the signature has a tensor of that element type: "<f64>", "x4xf64>".
bool mentions(std::string_view signature, std::string_view type) {
    for (auto at = signature.find(type); at != signature.npos; at = signature.find(type, at + 1)) {
        const auto before = at == 0 ? ' ' : signature[at - 1];
        const auto after = at + type.size() < signature.size() ? signature[at + type.size()] : ' ';
        if ((before == '<' || before == 'x') && (after == '>' || after == ',')) return true;
    }
    return false;
}

bool applies(const Refusal& refusal, std::string_view signature, DeviceType type) {
    return (refusal.devices.empty() || std::ranges::find(refusal.devices, type) != refusal.devices.end()) &&
           (refusal.types.empty() ||
            std::ranges::any_of(refusal.types, [&](std::string_view each) { return mentions(signature, each); }));
}

/// Returns the statement from `begin` on: to the end of the line on which all brackets are closed.
std::string_view rest_of_statement(std::string_view text, std::size_t begin) {
    int depth = 0;
    for (auto at = begin; at < text.size(); ++at) {
        if (text[at] == '\n' && depth <= 0) return text.substr(begin, at - begin);
        if (OPENING.find(text[at]) != OPENING.npos) ++depth;
        if (CLOSING.find(text[at]) != CLOSING.npos && text[at - 1] != '-') --depth;  // "->" closes nothing
    }
    return text.substr(begin);
}

}  // namespace

void expect_possible(std::string_view text, std::string_view name, DeviceType type) {
    for (auto at = text.find(DIALECT); at != text.npos; at = text.find(DIALECT, at)) {
        const auto begin = at + DIALECT.size();
        at = std::min(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", begin), text.size());
        const auto operation = text.substr(begin, at - begin);
        const auto* const refusal = std::ranges::find_if(REFUSALS, [&](const Refusal& each) {
            return each.operation == operation && applies(each, rest_of_statement(text, at), type);
        });
        if (refusal == REFUSALS.end()) continue;
        const auto line_begin = text.rfind('\n', begin) + 1;  // npos + 1 is 0
        auto line = text.substr(line_begin, text.find('\n', begin) - line_begin);
        if (line.substr(0, begin - line_begin).find("//") != line.npos) continue;
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        const auto place = std::min(line.rfind(LOCATION), line.size());  // the user's own line, which ends ours
        fail(Code::UNIMPLEMENTED, "compile {}: {} on {}: {}; {}. Line {}: {}{}", name, operation, podium::name(type),
             refusal->reason, refusal->instead, 1 + std::count(text.begin(), text.begin() + line_begin, '\n'),
             line.substr(0, std::min(place, SHOWN_CHARACTERS)), line.substr(place));
    }
}

}  // namespace podium

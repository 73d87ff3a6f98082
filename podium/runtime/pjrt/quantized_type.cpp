#include "podium/runtime/pjrt/quantized_type.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "podium/base/error.h"

namespace podium {
namespace {

constexpr std::string_view QUANTIZED = "!quant.uniform<";
constexpr std::string_view SPACES = " \t\r\n";

std::string_view trimmed(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(SPACES), text.size()));
    return text.substr(0, text.find_last_not_of(SPACES) + 1);
}

[[noreturn]] void refuse_quantized(std::string_view type) {
    fail(Code::UNIMPLEMENTED,
         "{} is not lowered: give storage, expressed type and a scale, or one for each place along "
         "an axis, as !quant.uniform<i8:f32, 0.1:-30>",
         type.substr(0, 80));
}

/// Returns the number that the whole text is.
std::optional<std::int64_t> integer_in(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && !text.empty() ? std::optional(value)
                                                                                     : std::nullopt;
}

/// Takes "i8<-127:127>:f32:0" apart.
void read_storage(QuantizedType& type, std::string_view head, std::string_view whole) {
    const auto end = head.find_first_of("<:");
    if (end == head.npos || head.find('{') != head.npos) refuse_quantized(whole);
    const auto storage = trimmed(head.substr(0, end));
    const bool is_signed = storage.starts_with('i');
    const auto bits = integer_in(storage.substr(std::min<std::size_t>(1, storage.size())));
    if ((!is_signed && !storage.starts_with('u')) || !bits || *bits < 2 || *bits > 32) refuse_quantized(whole);
    type.storage = (is_signed ? "i" : "ui") + std::to_string(*bits);
    std::int64_t least = is_signed ? -(std::int64_t{1} << (*bits - 1)) : 0;
    std::int64_t greatest = (std::int64_t{1} << (*bits - (is_signed ? 1 : 0))) - 1;
    auto rest = head.substr(end);
    if (rest.starts_with('<')) {
        const auto colon = rest.find(':'), close = rest.find('>');
        if (close == rest.npos || colon > close) refuse_quantized(whole);
        const auto low = integer_in(trimmed(rest.substr(1, colon - 1))),
                   high = integer_in(trimmed(rest.substr(colon + 1, close - colon - 1)));
        if (!low || !high) refuse_quantized(whole);
        least = *low;
        greatest = *high;
        rest.remove_prefix(close + 1);
    }
    if (!rest.starts_with(':')) refuse_quantized(whole);
    rest.remove_prefix(1);
    const auto colon = rest.find(':');
    type.expressed = trimmed(rest.substr(0, colon));
    if (colon != rest.npos) type.axis = integer_in(trimmed(rest.substr(colon + 1)));
    if (type.expressed.empty() || type.axis.has_value() != (colon != rest.npos)) refuse_quantized(whole);
    if (*bits < 32) {  // the greatest of 32 bits is no f32
        type.least = fmt::format("{}.0", least);
        type.greatest = fmt::format("{}.0", greatest);
    }
}

}  // namespace

std::size_t closing_bracket(std::string_view text, std::size_t begin) {
    int depth = 0;
    for (auto at = begin; at < text.size(); ++at) {
        if (std::string_view("([{<").find(text[at]) != std::string_view::npos) ++depth;
        if (std::string_view(")]}>").find(text[at]) != std::string_view::npos && (at == 0 || text[at - 1] != '-') &&
            --depth == 0)
            return at;
    }
    return std::string_view::npos;
}

std::vector<std::string_view> parts_between_commas(std::string_view text) {
    std::vector<std::string_view> parts;
    if (trimmed(text).empty()) return parts;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (std::string_view("([{<").find(text[at]) != std::string_view::npos) {
            const auto close = closing_bracket(text, at);
            at = std::min(close, text.size() - 1);
        } else if (text[at] == ',') {
            parts.push_back(trimmed(text.substr(begin, at - begin)));
            begin = at + 1;
        }
    }
    parts.push_back(trimmed(text.substr(begin)));
    return parts;
}

FoundQuantizedType find_quantized_type(std::string_view text) {
    const auto begin = text.find("!quant.");
    if (begin == text.npos) return {};
    if (!text.substr(begin).starts_with(QUANTIZED)) {
        const auto open = std::min(text.find('<', begin), text.size());
        const auto close = std::min(closing_bracket(text, open), text.size() - 1);
        refuse_quantized(text.substr(begin, close + 1 - begin));
    }
    const auto end = closing_bracket(text, begin + QUANTIZED.size() - 1);
    if (end == text.npos) refuse_quantized(text.substr(begin));
    const auto whole = text.substr(begin, end + 1 - begin);
    const auto inside = text.substr(begin + QUANTIZED.size(), end - begin - QUANTIZED.size());
    const auto parts = parts_between_commas(inside);
    if (parts.size() != 2) refuse_quantized(whole);
    QuantizedType type;
    read_storage(type, parts[0], whole);
    const bool each = parts[1].starts_with('{') && parts[1].ends_with('}') && parts[1].size() > 1;
    if (each != type.axis.has_value()) refuse_quantized(whole);
    for (const auto part :
         each ? parts_between_commas(parts[1].substr(1, parts[1].size() - 2)) : std::vector{parts[1]}) {
        const auto colon = part.find(':');
        const auto zero = colon == part.npos ? std::string_view("0") : trimmed(part.substr(colon + 1));
        if (part.find('{') != part.npos || !integer_in(zero)) refuse_quantized(whole);
        type.scales.emplace_back(trimmed(part.substr(0, colon)));
        type.zero_points.emplace_back(zero);
    }
    if (type.scales.empty()) refuse_quantized(whole);
    return {begin, whole.size(), std::move(type)};
}

}  // namespace podium

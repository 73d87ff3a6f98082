#include "podium/plan/out_of_memory.h"

#include <charconv>

namespace podium::plan {
namespace {

/// Returns the bytes of "48.00G" at the text's begin.
std::optional<std::int64_t> size_at(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc()) return std::nullopt;
    const auto at = static_cast<std::size_t>(end - text.data());
    const char unit = at < text.size() ? text[at] : ' ';
    const double factor = unit == 'K'   ? 1024.0
                          : unit == 'M' ? 1024.0 * 1024
                          : unit == 'G' ? 1024.0 * 1024 * 1024
                          : unit == 'T' ? 1024.0 * 1024 * 1024 * 1024
                                        : 1.0;
    return static_cast<std::int64_t>(value * factor);
}

/// Returns the size behind `words`, past brackets and blanks.
std::optional<std::int64_t> size_after(std::string_view text, std::string_view words) {
    const auto at = text.find(words);
    if (at == text.npos) return std::nullopt;
    const auto digits = text.find_first_of("0123456789", at + words.size());
    return digits == text.npos ? std::nullopt : size_at(text.substr(digits));
}

}  // namespace

std::optional<OutOfMemoryReport> read_out_of_memory(std::string_view message) {
    constexpr std::string_view USED = "Used ";
    std::optional<std::int64_t> needed, limit;
    if (const auto used = message.find(USED); used != message.npos) {
        needed = size_after(message.substr(used), USED);
        limit = size_after(message.substr(used), " of ");
    } else {
        needed = size_after(message, "total memory required");
        limit = size_after(message, "exceeds available HBM");
    }
    if (!needed || !limit) return std::nullopt;
    OutOfMemoryReport report{.needed_bytes = *needed, .limit_bytes = *limit};
    constexpr std::string_view SIZE = "Size: ", SHAPE = "Shape: ", NAME = "op_name=\"";
    constexpr std::size_t MOST = 10;
    for (auto at = message.find(SIZE); at != message.npos && report.largest.size() < MOST;) {
        const auto next = message.find(SIZE, at + 1);
        const auto block = message.substr(at + SIZE.size(), (next == message.npos ? message.size() : next) - at);
        std::string line(block.substr(0, block.find('\n')));
        if (const auto shape = block.find(SHAPE); shape != block.npos)
            line +=
                " " + std::string(block.substr(shape + SHAPE.size(), block.find('\n', shape) - shape - SHAPE.size()));
        if (const auto name = block.find(NAME); name != block.npos)
            line += " " + std::string(block.substr(name + NAME.size(),
                                                   block.find('"', name + NAME.size()) - name - NAME.size()));
        report.largest.push_back(std::move(line));
        at = next;
    }
    return report;
}

}  // namespace podium::plan

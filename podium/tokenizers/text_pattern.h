#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace podium {

/// A part of a text that a pattern found.
struct Span {
    std::size_t begin = 0, end = 0;
};

/// Returns the first occurrence of a pattern from `begin` on; an empty one behind the text where there is none.
using TextPattern = std::function<Span(std::string_view text, std::size_t begin)>;

/// Returns the pattern of a text, which is not empty.
TextPattern string_pattern(std::string string);

/// Returns the pattern {"String": …} or {"Regex": …} of a tokenizer.json. Of regular expressions those are known that
/// checkpoints of GPT-2, T5, Llama 3 and Qwen have; others throw UNIMPLEMENTED.
TextPattern pattern_in(const nlohmann::json& fields);

/// Returns the text with `content` in place of what the pattern finds.
std::string replaced(std::string_view text, const TextPattern& pattern, std::string_view content);

}  // namespace podium

#pragma once

#include <span>
#include <string>
#include <string_view>

namespace podium {

/// Returns the candidate with the smallest edit distance to `word`; empty where none is near (more than half differs).
std::string nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace podium

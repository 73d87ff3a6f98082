#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace podium::data {

/// Calls `take` with each row of a Parquet file's column of text (or of bytes), in order; with nothing for a null.
/// Reads through DuckDB's library, which `podium plugin install parquet` fetches. Throws FAILED_PRECONDITION where that
/// is not installed, and INVALID_DATA where the file cannot be read or has no such column.
void for_each_row(const std::string& path, const std::string& column,
                  const std::function<void(std::optional<std::string_view> text)>& take);

}  // namespace podium::data

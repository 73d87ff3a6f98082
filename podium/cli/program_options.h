#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "podium/runtime/backend.h"

namespace podium {

// What `run` and `bisect` are told of a program in the same words. Errors begin with the verb and name the flag.

/// Returns the flags of XLA in texts like "NAME=VALUE".
std::map<std::string, XlaOptions::Value> xla_flags(std::string_view verb, const std::vector<std::string>& texts);

/// Returns the files of texts like "POSITION=FILE.npy" by position.
std::map<std::size_t, std::string> files_by_position(std::string_view verb, std::string_view flag,
                                                     const std::vector<std::string>& texts);

/// Returns the files of texts like "NAME=FILE.npy" by name.
std::map<std::string, std::string> files_by_name(std::string_view verb, std::string_view flag,
                                                 const std::vector<std::string>& texts);

/// Returns the array in the file, which is for a value of that shape; `what` says which: "parameter 1".
HostArray read_value(std::string_view verb, std::string_view what, const std::string& file, const Shape& expected);

}  // namespace podium

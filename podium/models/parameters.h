#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "podium/ir/ops.h"

namespace podium::models {

/// A parameter before it has a value.
struct ParameterSpec {
    enum class Start { NORMAL, ZEROS, ONES, COUNT };  ///< COUNT: 0, an i64 that is counted and not trained

    std::string path;
    Dims dims;
    Start start = Start::NORMAL;
};

/// Throws INVALID_ARGUMENT where a size is below 1.
void expect_sizes(std::string_view model, std::initializer_list<std::pair<const char*, std::int64_t>> sizes);
/// Returns first values: normal ones of that deviation, zeros or ones.
Tree first_values(const std::vector<ParameterSpec>& specs, const Key& key, double deviation, DataType type);

}  // namespace podium::models

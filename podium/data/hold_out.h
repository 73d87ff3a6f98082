#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "podium/data/find_files.h"

namespace podium::data {

/// A corpus in two parts, each in the order of the whole.
struct Split {
    std::vector<FoundFile> training, validation;
};

/// Returns the files with whole ones held out for validation: in the order of a hash of their names, those that fit
/// into `fraction` of all bytes. Where none fits, the smallest file of at least `window_bytes` is held out (the
/// smallest of all, where there is none), so that two files or more always give a validation set. One file, or fraction
/// 0: nothing.
Split hold_out(std::span<const FoundFile> files, double fraction, std::uint64_t window_bytes);

}  // namespace podium::data

#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace podium {

/// Elements `begin` to `end` of a loop over arrays; scalars are arrays of one element.
using KernelLoop = void (*)(const void* const* in, void* const* out, std::int64_t begin, std::int64_t end);

/// A loop that tools/print_kernels.cpp has printed (emit/kernel.h).
struct PrintedKernel {
    std::string_view name;
    std::size_t array = 0, results = 0;  ///< an operand that is an array like all results, and how many there are
    std::span<const std::pair<std::size_t, std::size_t>> in_place;
    KernelLoop loop;
};
std::span<const PrintedKernel> printed_kernels();

/// Makes the printed loops operators of the process, once, where the processor has what they are compiled for.
void define_kernels();

}  // namespace podium

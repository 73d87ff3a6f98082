#include "podium/runtime/pjrt/kernels.h"

#include <algorithm>
#include <mutex>

#include "podium/base/platform.h"
#include "podium/ir/custom_operator.h"

namespace podium {
namespace {

constexpr std::int64_t TILE = 1 << 15;  // elements: tiles of all arrays together stay in the second-level cache

void define(const PrintedKernel& kernel) {
    const auto run = [loop = kernel.loop](const OperatorCall& call) {
        std::vector<const void*> in;
        std::vector<void*> out;
        for (const auto& operand : call.operands) in.push_back(operand.data());
        for (auto& result : call.results) out.push_back(result.mutable_data());
        const auto count = call.results[0].count();
        call.for_each((count + TILE - 1) / TILE, [&](std::int64_t tile) {
            loop(in.data(), out.data(), tile * TILE, std::min(count, (tile + 1) * TILE));
        });
    };
    CustomOperator(
        {.name = std::string(kernel.name),
         .shapes = [&kernel](std::span<const Shape> in,
                             const CallSettings&) { return std::vector<Shape>(kernel.results, in[kernel.array]); },
         .run = run,
         .in_place = {kernel.in_place.begin(), kernel.in_place.end()}});
}

}  // namespace

void define_kernels() {
    static std::once_flag once;
    std::call_once(once, [] {
        if (has_vectors_of_kernels()) std::ranges::for_each(printed_kernels(), define);
    });
}

}  // namespace podium

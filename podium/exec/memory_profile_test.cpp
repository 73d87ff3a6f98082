#include "podium/exec/memory_profile.h"

#include <gtest/gtest.h>

#include <map>

#include "podium/exec/backends.h"
#include "podium/exec/jit.h"
#include "podium/ir/ops.h"

namespace podium {
namespace {

using Named = std::map<std::string, Tensor>;

constexpr std::array TAGS{MemoryTag::PARAMETERS, MemoryTag::OPTIMIZER_STATE, MemoryTag::OTHER};
constexpr std::int64_t WIDTH = 256, ROWS = 1024;
constexpr std::int64_t MATRIX = WIDTH * WIDTH * 4, ACTIVATION = ROWS * WIDTH * 4;

/// A step of momentum over four layers, compiled for arguments like these.
std::shared_ptr<Executable> step_of_four_layers(bool in_loop, Device device = Device()) {
    const auto loss = [](const Tensor& w, const Tensor& x) {
        Tensor y = x;
        for (int i = 0; i < 4; ++i) y = tanh(matmul(y, w));
        return mean(square(y));
    };
    const auto step = jit(
        [=](const Tensor& w, const Tensor& momentum, const Tensor& x) {
            Tensor value, gradient;
            if (in_loop) {
                const auto [sum, values] = scan(
                    [&](const Tensor& before, const Tensor& piece) {
                        const auto [one, direction] = value_and_grad(loss)(w, piece);
                        return std::pair(before + direction, one);
                    },
                    zeros({WIDTH, WIDTH}), reshape(x, {4, ROWS / 4, WIDTH}));
                value = mean(values);
                gradient = sum;
            } else {
                std::tie(value, gradient) = value_and_grad(loss)(w, x);
            }
            const Tensor next = momentum * 0.9 + gradient;
            return std::tuple(w - next * 0.1, next, value);
        },
        {.donate = {0, 1}});
    const DeviceScope scope(device);
    return step.compile(uniform(key(1), {WIDTH, WIDTH}), zeros({WIDTH, WIDTH}), uniform(key(2), {ROWS, WIDTH}));
}

TEST(MemoryProfile, TotalsAreTheCompilers) {
    for (const bool in_loop : {false, true}) {
        const auto program = step_of_four_layers(in_loop);
        const auto memory = program->memory();
        const auto profile = memory_profile(*program, TAGS, 2);
        const auto total = memory.argument_bytes + memory.output_bytes - memory.alias_bytes + memory.temporary_bytes +
                           memory.code_bytes;
        EXPECT_EQ(profile.at_peak.sum(), total);
        EXPECT_EQ(profile.at_peak[MemoryTag::PARAMETERS], MATRIX);
        EXPECT_EQ(profile.at_peak[MemoryTag::OPTIMIZER_STATE], MATRIX);
        // What live ranges say is what XLA's own buffer assignment found room for.
        EXPECT_LT(profile.fragmentation, 0.01);
        const auto temporary = temporary_peak_bytes(program->schedule());
        EXPECT_NEAR(static_cast<double>(temporary), static_cast<double>(memory.temporary_bytes),
                    0.02 * static_cast<double>(memory.temporary_bytes));
        EXPECT_EQ(profile.timeline.size(), program->schedule().instructions.size());
        EXPECT_FALSE(profile.peak_instruction.empty());
    }
}

TEST(MemoryProfile, WhatTheForwardPassKeepsIsActivations) {
    const auto profile = memory_profile(*step_of_four_layers(false), TAGS, 2);
    EXPECT_GE(profile.at_peak[MemoryTag::ACTIVATIONS], 3 * ACTIVATION) << "the layers' outputs wait for their turn";
    EXPECT_LE(profile.at_peak[MemoryTag::ACTIVATIONS], 5 * ACTIVATION);
    std::int64_t gradients = 0;
    for (const auto& moment : profile.timeline) gradients = std::max(gradients, moment[MemoryTag::GRADIENTS]);
    EXPECT_GE(gradients, MATRIX);
    EXPECT_EQ(profile.timeline.back()[MemoryTag::ACTIVATIONS], 0);
    ASSERT_FALSE(profile.largest.empty());
    EXPECT_EQ(profile.largest[0].bytes, ACTIVATION);
}

TEST(MemoryProfile, SumsOverPiecesOfTheBatchAreGradients) {
    const auto whole = memory_profile(*step_of_four_layers(false), TAGS, 2);
    const auto pieces = memory_profile(*step_of_four_layers(true), TAGS, 2);
    EXPECT_GE(pieces.at_peak[MemoryTag::GRADIENTS], MATRIX);
    EXPECT_LT(pieces.at_peak.sum() - pieces.at_peak[MemoryTag::OTHER],
              whole.at_peak.sum() - whole.at_peak[MemoryTag::OTHER] - ACTIVATION);
}

TEST(MemoryProfile, IsEmptyWhereTheBackendHasNoSchedule) {
    const auto profile = memory_profile(*step_of_four_layers(false, Device(DeviceType::INTERP, 0)), TAGS, 2);
    EXPECT_TRUE(profile.timeline.empty());
    EXPECT_EQ(profile.at_peak.sum(), 0);
}

}  // namespace
}  // namespace podium

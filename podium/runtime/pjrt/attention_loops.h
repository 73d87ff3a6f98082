#pragma once

#include <cstdint>

/// Loops over a query's scores, compiled for vectors (cmake/rooms.cmake).
namespace podium::attention_loops {

/// What of a query's `count` scores it sees: those before `seen` and, where there are documents, those of its own.
struct Seen {
    std::int64_t seen, count;
    const std::int32_t* documents;  ///< of the keys; null where all are seen
    std::int32_t own;
};

/// Turns scores into softmax(scale * scores), zero where they are not seen; returns the logarithm of the powers' sum.
float softmax(float* scores, float scale, const Seen& seen);
/// Turns scores into exp(scale * scores - log_sum), zero where they are not seen.
void weights(float* scores, float scale, float log_sum, const Seen& seen);
/// Turns the weights' gradients into the scores': weights * (gradients - moved) * scale.
void score_gradients(float* gradients, const float* weights, float moved, float scale, std::int64_t count);

float dot(const float* x, const float* y, std::int64_t count);

void to_bf16(std::uint16_t* out, const float* in, std::int64_t count);
void from_bf16(float* out, const std::uint16_t* in, std::int64_t count);

}  // namespace podium::attention_loops

#include "podium/runtime/pjrt/attention_loops.h"

#include <array>
#include <bit>
#include <cmath>

namespace podium::attention_loops {
namespace {

constexpr std::int64_t LANES = 16;
constexpr float UNSEEN = -1e30F;

/// Returns e to the x within two units in the last place, zero below the normal numbers; x is at most 88. NaN stays.
/// Source: the Cephes library's expf.
inline float power(float x) {
    constexpr float LOWEST = -87.0F, ROUNDER = 12582912.0F;  // 1.5 * 2^23: what is added to it is rounded
    constexpr int FRACTION_BITS = 23;
    const float bounded = x < LOWEST ? LOWEST : x;
    const float rounded = bounded * 1.44269504088896341F + ROUNDER, n = rounded - ROUNDER;
    const float r = (bounded - n * 0.693359375F) - n * -2.12194440e-4F;
    float sum = 1.9875691500e-4F;
    sum = sum * r + 1.3981999507e-3F;
    sum = sum * r + 8.3334519073e-3F;
    sum = sum * r + 4.1665795894e-2F;
    sum = sum * r + 1.6666665459e-1F;
    sum = sum * r + 5.0000001201e-1F;
    const float fraction = sum * r * r + r + 1.0F;
    const auto exponent = std::bit_cast<std::uint32_t>(rounded) << FRACTION_BITS;
    const float value = std::bit_cast<float>(std::bit_cast<std::uint32_t>(fraction) + exponent);
    return x < LOWEST ? 0.0F : x == x ? value : x;
}

/// Scales, and leaves what is not seen far below.
void mask(float* scores, float scale, const Seen& s) {
    if (s.documents != nullptr)
        for (std::int64_t i = 0; i < s.seen; ++i) scores[i] = s.documents[i] == s.own ? scores[i] * scale : UNSEEN;
    else
        for (std::int64_t i = 0; i < s.seen; ++i) scores[i] *= scale;
}

void clear(float* scores, const Seen& s) {
    for (std::int64_t i = s.seen; i < s.count; ++i) scores[i] = 0;
}

/// Returns f over the numbers, by lanes: the order depends on the count alone.
template <class F>
float folded(const float* x, std::int64_t count, float first, F f) {
    std::array<float, LANES> lanes;
    lanes.fill(first);
    std::int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (std::int64_t lane = 0; lane < LANES; ++lane) {
            auto& kept = lanes[static_cast<std::size_t>(lane)];
            kept = f(kept, x[i + lane]);
        }
    for (; i < count; ++i) lanes[0] = f(lanes[0], x[i]);
    float result = lanes[0];
    for (std::size_t lane = 1; lane < lanes.size(); ++lane) result = f(result, lanes[lane]);
    return result;
}

}  // namespace

float softmax(float* scores, float scale, const Seen& s) {
    mask(scores, scale, s);
    const float greatest = folded(scores, s.seen, UNSEEN, [](float a, float b) { return a < b ? b : a; });
    for (std::int64_t i = 0; i < s.seen; ++i) scores[i] = power(scores[i] - greatest);
    const float sum = folded(scores, s.seen, 0.0F, [](float a, float b) { return a + b; });
    for (std::int64_t i = 0; i < s.seen; ++i) scores[i] /= sum;
    clear(scores, s);
    return greatest + std::log(sum);
}

void weights(float* scores, float scale, float log_sum, const Seen& s) {
    mask(scores, scale, s);
    for (std::int64_t i = 0; i < s.seen; ++i) scores[i] = power(scores[i] - log_sum);
    clear(scores, s);
}

void score_gradients(float* gradients, const float* weights, float moved, float scale, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) gradients[i] = weights[i] * (gradients[i] - moved) * scale;
}

float dot(const float* x, const float* y, std::int64_t count) {
    std::array<float, LANES> lanes{};
    std::int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (std::int64_t lane = 0; lane < LANES; ++lane)
            lanes[static_cast<std::size_t>(lane)] += x[i + lane] * y[i + lane];
    for (; i < count; ++i) lanes[0] += x[i] * y[i];
    float sum = 0;
    for (const float lane : lanes) sum += lane;
    return sum;
}

void to_bf16(std::uint16_t* out, const float* in, std::int64_t count) {
    constexpr std::uint32_t HALF = 0x7FFF, QUIET = 0x0040;
    constexpr int BITS = 16;
    for (std::int64_t i = 0; i < count; ++i) {
        const auto bits = std::bit_cast<std::uint32_t>(in[i]), top = bits >> BITS;
        const auto rounded = (bits + HALF + (top & 1U)) >> BITS;
        out[i] = static_cast<std::uint16_t>(in[i] == in[i] ? rounded : top | QUIET);
    }
}

void from_bf16(float* out, const std::uint16_t* in, std::int64_t count) {
    constexpr int BITS = 16;
    for (std::int64_t i = 0; i < count; ++i) out[i] = std::bit_cast<float>(static_cast<std::uint32_t>(in[i]) << BITS);
}

}  // namespace podium::attention_loops

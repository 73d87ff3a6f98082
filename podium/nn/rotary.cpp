#include "podium/nn/rotary.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace podium::nn {
namespace {

constexpr double TURN = 2 * std::numbers::pi;

/// Returns the share of the unscaled frequency in that of a wave, by how often it turns over the original length.
double llama3_share(const RotaryOptions& o, double frequency) {
    const double turns = o.original_length * frequency / TURN;
    return std::clamp((turns - o.low_frequency) / (o.high_frequency - o.low_frequency), 0.0, 1.0);
}

/// Returns the same by a wave's number: a ramp between those that turn beta_fast and beta_slow times.
double yarn_share(const RotaryOptions& o, std::int64_t number) {
    const auto width = static_cast<double>(o.width);
    const auto number_of = [&](double turns) {
        return width * std::log(o.original_length / (turns * TURN)) / (2 * std::log(o.theta));
    };
    const double low = std::max(std::floor(number_of(o.beta_fast)), 0.0);
    const double high = std::min(std::ceil(number_of(o.beta_slow)), width - 1);
    const double span = high == low ? 0.001 : high - low;
    return 1.0 - std::clamp((static_cast<double>(number) - low) / span, 0.0, 1.0);
}

double table_factor(const RotaryOptions& o) {
    if (o.scaling != RotaryScaling::YARN) return 1.0;
    if (o.attention_factor != 0) return o.attention_factor;
    return o.factor <= 1 ? 1.0 : 0.1 * std::log(o.factor) + 1.0;
}

}  // namespace

std::vector<double> rotary_frequencies(const RotaryOptions& options) {
    if (options.width < 2 || options.width % 2 != 0)
        fail(Code::INVALID_ARGUMENT, "rotary: numbers turn in pairs, so the width is even; got {}", options.width);
    std::vector<double> frequencies;
    for (std::int64_t i = 0; i < options.width / 2; ++i) {
        const double plain = std::pow(options.theta, -static_cast<double>(2 * i) / static_cast<double>(options.width));
        const auto blend = [&](double share) { return plain * (share + (1 - share) / options.factor); };
        switch (options.scaling) {
            case RotaryScaling::NONE: frequencies.push_back(plain); break;
            case RotaryScaling::LINEAR: frequencies.push_back(blend(0)); break;
            case RotaryScaling::LLAMA3: frequencies.push_back(blend(llama3_share(options, plain))); break;
            case RotaryScaling::YARN: frequencies.push_back(blend(yarn_share(options, i))); break;
        }
    }
    return frequencies;
}

RotaryTables rotary_tables(const RotaryOptions& options, const Operand& positions) {
    const LocationScope scope(positions.location());
    const auto frequencies = rotary_frequencies(options);
    const auto count = static_cast<std::int64_t>(frequencies.size());
    const std::vector<float> narrow(frequencies.begin(), frequencies.end());
    const Dims dims{positions.tensor().dim(0), positions.tensor().dim(1), 1, 1};
    const Tensor angles =
        convert(reshape(positions, dims), DataType::FLOAT32) * constant(HostArray::of({1, 1, 1, count}, narrow));
    const double factor = table_factor(options);
    if (factor == 1.0) return {cos(angles), sin(angles)};
    return {cos(angles) * factor, sin(angles) * factor};
}

Tensor rotated(const Operand& x, const RotaryTables& tables) {
    const LocationScope scope(x.location());
    const std::int64_t half = tables.cosines.dim(3), depth = x.tensor().dim(3);
    const DataType type = x.tensor().type();
    const Tensor cosines = convert(tables.cosines, type), sines = convert(tables.sines, type);
    const Tensor first = slice_axis(x, 3, 0, half), second = slice_axis(x, 3, half, 2 * half);
    Tensors parts{first * cosines - second * sines, second * cosines + first * sines};
    if (2 * half < depth) parts.push_back(slice_axis(x, 3, 2 * half, depth));
    return concatenate(parts, 3);
}

}  // namespace podium::nn

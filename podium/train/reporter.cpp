#include "podium/train/reporter.h"

#include <algorithm>
#include <cmath>

#include "podium/config/config.h"

namespace podium::train {
namespace {

std::vector<float> floats_of(const HostArray& array) {
    std::vector<float> values(static_cast<std::size_t>(array.count()));
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<float>(array.as_double(static_cast<std::int64_t>(i)));
    return values;
}

/// Returns the matrix as a picture, its least element black and its greatest white.
GreyImage picture_of(const HostArray& matrix) {
    const auto values = floats_of(matrix);
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    const double scale = *high > *low ? 255.0 / (*high - *low) : 0.0;
    GreyImage image{matrix.shape().dims[0], matrix.shape().dims[1], {}};
    for (const float value : values)
        image.pixels.push_back(static_cast<std::uint8_t>(std::lround((value - *low) * scale)));
    return image;
}

}  // namespace

Reporter::Reporter(const RunFolder& run, const TrainConfig& config, EventWriter::Sink json, Progress& progress,
                   std::function<MemoryStats()> memory)
    : writer_(run.metrics(), std::move(json)), progress_(progress), memory_(std::move(memory)) {
    if (!config.tensorboard) return;
    tensorboard_.emplace(run.path() / "tensorboard");
    tensorboard_->text("config", 0, fmt::format("```yaml\n{}```\n", config::write(config)));
}

void Reporter::report(const RunEvent& event) {
    writer_.write(event);
    if (tensorboard_) tensorboard_->write(event);
    progress_.show(event);
}

void Reporter::show_parameters(std::int64_t step, const BasicTree<HostArray>& parameters) {
    if (!tensorboard_) return;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const auto& path = parameters.path(i);
        const auto& array = parameters.leaves()[i];
        tensorboard_->histogram(
            "parameters/" + path, step,
            array.type() == DataType::FLOAT32 ? Histogram::of(array.span<float>()) : Histogram::of(floats_of(array)));
        if (path == "wpe.weight") tensorboard_->image("parameters/" + path, step, picture_of(array));
    }
}

}  // namespace podium::train

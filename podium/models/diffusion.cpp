#include "podium/models/diffusion.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "podium/numeric/distributions.h"
#include "podium/transform/transform.h"

namespace podium::models {
namespace {

constexpr double FIRST_NOISE = 1e-4, LAST_NOISE = 0.02;  // of 1,000 linear steps
constexpr double COSINE_OFFSET = 0.008, MOST_NOISE = 0.999;

/// Returns the share of the variance that step `i` of `count` makes noise.
double noise_of(NoiseSchedule schedule, std::int64_t i, std::int64_t count) {
    const auto n = static_cast<double>(count), at = static_cast<double>(i);
    if (schedule == NoiseSchedule::LINEAR) {
        const double scale = 1000.0 / n;
        const double along = count == 1 ? 0.0 : at / (n - 1);
        return std::min(MOST_NOISE, scale * (FIRST_NOISE + (LAST_NOISE - FIRST_NOISE) * along));
    }
    const auto share = [&](double t) {
        const double angle = (t / n + COSINE_OFFSET) / (1 + COSINE_OFFSET) * std::numbers::pi / 2;
        return std::cos(angle) * std::cos(angle);
    };
    return std::min(MOST_NOISE, 1 - share(at + 1) / share(at));
}

/// Returns one number for each image, so that it broadcasts over images.
Tensor for_each_image(const Tensor& numbers, const Tensor& images) {
    Dims dims(images.dims().size(), 1);
    dims[0] = images.dim(0);
    return reshape(numbers, dims);
}

Tensor table(const std::vector<double>& values, DataType type) {
    return convert(constant(HostArray::of<double>({static_cast<std::int64_t>(values.size())}, values)), type);
}

}  // namespace

Diffusion::Diffusion(DiffusionOptions options) : options_(options) {
    if (options_.steps < 1) fail(Code::INVALID_ARGUMENT, "diffusion: steps must be at least 1, got {}", options_.steps);
    double share = 1.0;
    for (std::int64_t i = 0; i < options_.steps; ++i)
        shares_.push_back(share *= 1 - noise_of(options_.schedule, i, options_.steps));
}

Tensor Diffusion::noised(const Operand& images, const Tensor& steps, const Tensor& noise) const {
    const LocationScope scope(images.location());
    const Tensor& x = images.tensor();
    const Tensor share = for_each_image(take(table(shares_, x.type()), steps), x);
    return sqrt(share) * x + sqrt(1.0 - share) * noise;
}

Tensor Diffusion::loss(const Denoiser& denoiser, const Operand& images, const Key& key) const {
    const LocationScope scope(images.location());
    const Tensor& x = images.tensor();
    const auto [for_steps, for_noise] = split(key);
    const Tensor steps = distributions::randint(for_steps, {x.dim(0)}, 0, options_.steps, DataType::INT32);
    const Tensor noise = normal(for_noise, x.dims(), x.type());
    const Tensor found = denoiser(noised(x, steps, noise), steps);
    return mean(square(found - convert(noise, found.type())));
}

Tensor Diffusion::sample(const Denoiser& denoiser, const Dims& dims, const Key& key, const SamplingOptions& sampling,
                         DataType type) const {
    if (sampling.steps < 1 || sampling.steps > options_.steps)
        fail(Code::INVALID_ARGUMENT, "diffusion: takes 1 to {} steps to sample, got {}", options_.steps,
             sampling.steps);
    std::vector<std::int32_t> steps;
    std::vector<double> now, next, drawn;
    for (std::int64_t i = sampling.steps; i-- > 0;) {
        const auto step_of = [&](std::int64_t index) { return (index + 1) * options_.steps / sampling.steps - 1; };
        const auto at = static_cast<std::size_t>(step_of(i));
        steps.push_back(static_cast<std::int32_t>(at));
        now.push_back(shares_[at]);
        next.push_back(i == 0 ? 1.0 : shares_[static_cast<std::size_t>(step_of(i - 1))]);
        drawn.push_back(sampling.eta *
                        std::sqrt((1 - next.back()) / (1 - now.back()) * (1 - now.back() / next.back())));
    }
    const auto [for_start, for_steps] = split(key);
    const Tensor numbers = constant(HostArray::of<std::int32_t>({sampling.steps}, steps));
    const auto body = [&](const Tensor& x, const Tensors& row) {
        const Tensor &share = row[1], &share_after = row[2], &deviation = row[3];
        const Tensor noise = convert(denoiser(x, broadcast_to(row[0], {dims.at(0)})), type);
        const Tensor image = (x - sqrt(1.0 - share) * noise) / sqrt(share);
        const Tensor kept = sqrt(maximum(1.0 - share_after - square(deviation), 0.0));
        const Tensor fresh = normal(fold_in(for_steps, row[0]), dims, type);
        return std::pair{sqrt(share_after) * image + kept * noise + deviation * fresh, Tensors{}};
    };
    const Tensors rows{numbers, table(now, type), table(next, type), table(drawn, type)};
    return scan(body, normal(for_start, dims, type), rows).first;
}

}  // namespace podium::models

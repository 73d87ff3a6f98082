#pragma once

#include <array>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "podium/ir/ops.h"

namespace podium::models {

/// How the noise grows: its share of the variance linearly (Ho et al. 2020, section 4), or by a cosine of the step
/// (Nichol and Dhariwal 2021, arXiv:2102.09672, equation 17).
enum class NoiseSchedule { LINEAR, COSINE };
constexpr auto enum_names(NoiseSchedule) {
    using Row = std::pair<NoiseSchedule, std::string_view>;
    return std::array{Row{NoiseSchedule::LINEAR, "linear"}, Row{NoiseSchedule::COSINE, "cosine"}};
}

struct DiffusionOptions {
    std::int64_t steps = 1000;
    NoiseSchedule schedule = NoiseSchedule::COSINE;
};

struct SamplingOptions {
    std::int64_t steps = 50;  ///< how many of the diffusion's are taken
    double eta = 0.0;         ///< 0: one image for one key's first noise (DDIM); 1: new noise each step (DDPM)
};

/// Images that become noise in steps, and a network that is trained to tell the noise, by which noise becomes an image.
/// Source: Ho et al. 2020, arXiv:2006.11239; Song et al. 2021, arXiv:2010.02502.
class Diffusion {
public:
    /// Returns the noise in noisy images, their shape. steps: i32[batch].
    using Denoiser = std::function<Tensor(const Tensor& noisy, const Tensor& steps)>;

    /// Throws INVALID_ARGUMENT unless there are steps.
    explicit Diffusion(DiffusionOptions options = {});

    const DiffusionOptions& options() const { return options_; }
    /// Returns the share of the variance that is the image's after each step.
    const std::vector<double>& image_shares() const { return shares_; }

    /// Returns images after `steps` (i32[batch], 0 is the first): sqrt(share) x + sqrt(1 − share) noise. Source: Ho et
    /// al., equation 4.
    Tensor noised(const Operand& images, const Tensor& steps, const Tensor& noise) const;
    /// Returns the mean squared error of the noise found in images after steps drawn for each. images: float[batch, …],
    /// about in [−1, 1]. Source: Ho et al., algorithm 1.
    Tensor loss(const Denoiser& denoiser, const Operand& images, const Key& key) const;
    /// Returns images of that shape. One loop, whatever the number of steps. Throws INVALID_ARGUMENT for more steps
    /// than the diffusion has. Source: Song et al., equation 12, over steps at equal distances.
    Tensor sample(const Denoiser& denoiser, const Dims& dims, const Key& key, const SamplingOptions& sampling = {},
                  DataType type = DataType::FLOAT32) const;

private:
    DiffusionOptions options_;
    std::vector<double> shares_;
};

}  // namespace podium::models

#include "podium/models/diffusion.h"

#include <gmock/gmock.h>

#include <cmath>

#include "podium/base/expect_error.h"
#include "podium/numeric/statistics.h"
#include "tests/support/interpreted.h"

namespace podium::models {
namespace {

constexpr double MEAN = 0.4, DEVIATION = 0.3;  // of images whose elements are normal and know nothing of each other

/// Returns the best that can be said of the noise in such images.
Diffusion::Denoiser best_denoiser(const Diffusion& diffusion) {
    return [&diffusion](const Tensor& noisy, const Tensor& steps) {
        const auto& shares = diffusion.image_shares();
        const Tensor all = constant(HostArray::of<double>({diffusion.options().steps}, shares));
        const Tensor share = reshape(take(all, steps), {noisy.dim(0), 1});
        return sqrt(1.0 - share) * (noisy - sqrt(share) * MEAN) / (share * (DEVIATION * DEVIATION) + (1.0 - share));
    };
}

TEST(Diffusion, SchedulesAreThoseOfThePapers) {
    const Diffusion linear({.schedule = NoiseSchedule::LINEAR}), cosine({.steps = 4000});
    double share = 1;
    for (int i = 0; i < 1000; ++i) share *= 1 - (1e-4 + (0.02 - 1e-4) * i / 999);
    EXPECT_NEAR(linear.image_shares().back(), share, 1e-15);
    EXPECT_NEAR(linear.image_shares().front(), 1 - 1e-4, 1e-15);
    const auto f = [](double t) { return std::pow(std::cos((t / 4000 + 0.008) / 1.008 * std::acos(-1.0) / 2), 2); };
    for (const int t : {0, 1000, 3000}) EXPECT_NEAR(cosine.image_shares()[std::size_t(t)], f(t + 1) / f(0), 1e-12);
}

TEST(Diffusion, NoisedImagesKeepTheirSharesOfTheVariance) {
    const Diffusion diffusion;
    const Tensor images = normal(key(1), {2, 3}, DataType::FLOAT64), noise = normal(key(2), {2, 3}, DataType::FLOAT64);
    const auto found =
        test::interpreted({diffusion.noised(images, tensor(std::vector<std::int32_t>{0, 500}), noise), images, noise});
    for (std::int64_t i = 0; i < 6; ++i) {
        const double share = diffusion.image_shares()[i < 3 ? 0 : 500];
        EXPECT_NEAR(found[0].as_double(i),
                    std::sqrt(share) * found[1].as_double(i) + std::sqrt(1 - share) * found[2].as_double(i), 1e-14);
    }
}

TEST(Diffusion, TheBestDenoiserHasTheLeastLossAndItsValue) {
    const Diffusion diffusion({.steps = 100});
    const Tensor images = normal(key(1), {4096, 4}, DataType::FLOAT64) * DEVIATION + MEAN;
    const auto nothing = [](const Tensor& noisy, const Tensor&) { return zeros_like(noisy); };
    const auto losses = test::interpreted(
        {diffusion.loss(best_denoiser(diffusion), images, key(2)), diffusion.loss(nothing, images, key(2))});
    double expected = 0;  // what is left of the noise's variance when the noisy image is known
    for (const double share : diffusion.image_shares()) {
        const double image = share * DEVIATION * DEVIATION;
        expected += image / (image + 1 - share) / 100;
    }
    EXPECT_NEAR(losses[0].as_double(0), expected, 0.01);
    EXPECT_NEAR(losses[1].as_double(0), 1.0, 0.03);
}

TEST(Diffusion, SamplesOfTheBestDenoiserHaveTheImagesMeanAndVariance) {
    const Diffusion diffusion({.steps = 100});
    for (const double eta : {0.0, 1.0}) {
        const Tensor images =
            diffusion.sample(best_denoiser(diffusion), {512, 2}, key(3), {.steps = 100, .eta = eta}, DataType::FLOAT64);
        const auto found = test::interpreted({mean(images), standard_deviation(images)});
        EXPECT_NEAR(found[0].as_double(0), MEAN, 0.03) << "eta " << eta;
        EXPECT_NEAR(found[1].as_double(0), DEVIATION, 0.03) << "eta " << eta;
    }
}

TEST(Diffusion, SaysHowManyStepsThereAre) {
    expect_error(Code::INVALID_ARGUMENT, "diffusion: steps must be at least 1, got 0",
                 [] { const Diffusion none({.steps = 0}); });
    const Diffusion diffusion({.steps = 10});
    expect_error(Code::INVALID_ARGUMENT, "diffusion: takes 1 to 10 steps to sample, got 11", [&] {
        diffusion.sample(best_denoiser(diffusion), {1, 1}, key(0), {.steps = 11});
    });
}

}  // namespace
}  // namespace podium::models

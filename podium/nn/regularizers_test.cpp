#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "podium/base/expect_error.h"
#include "podium/nn/nn.h"
#include "tests/support/jax_cases.h"

namespace podium::nn {
namespace {

using test::sample;

Tree weights(const Dims& dims) { return TreeBuilder<Tensor>().add("w", sample(dims)).build(); }

TEST(Regularizers, ValuesAndGradientsAreJaxs) {
    const Tree two = TreeBuilder<Tensor>().add("w", sample({3, 4})).add("b", sample({4}, 1)).build();
    const Tree pairs = TreeBuilder<Tensor>().add("w", sample({4, 2, 3})).add("s", sample({4, 4}, 1)).build();
    const Tensor direction = spectral_direction(key(3), sample({5, 3}));
    test::expect_as_jax(
        {
            {"l1", two, l1_penalty, "abs(p['w']).sum() + abs(p['b']).sum()"},
            {"l2", two, l2_penalty, "(p['w'] ** 2).sum() + (p['b'] ** 2).sum()"},
            {"elastic_net", two, [](const Tree& p) { return elastic_net(p, 0.3, 0.2); },
             "sum(0.3 * abs(x).sum() + 0.2 * (x ** 2).sum() for x in p.values())"},
            {"group_lasso", weights({2, 3, 4}), [](const Tree& p) { return group_lasso(p["w"]); },
             "(6 ** 0.5 * jnp.linalg.norm(p['w'].reshape(6, 4), axis=0)).sum()"},
            {"group_lasso_rows", weights({3, 4}), [](const Tree& p) { return group_lasso(p["w"], 0); },
             "(2 * jnp.linalg.norm(p['w'], axis=1)).sum()"},
            {"orthogonal", weights({5, 3}), [](const Tree& p) { return orthogonal_penalty(p["w"]); },
             "jnp.linalg.norm(p['w'].T @ p['w'] - jnp.eye(3)) ** 2"},
            {"orthogonal_wide", weights({3, 5}), [](const Tree& p) { return orthogonal_penalty(p["w"]); },
             "jnp.linalg.norm(p['w'] @ p['w'].T - jnp.eye(3)) ** 2"},
            {"activity", weights({4, 3, 2}), [](const Tree& p) { return activity_penalty(p["w"], 0.3, 0.2); },
             "(0.3 * abs(p['w']) + 0.2 * p['w'] ** 2).sum() / 4"},
            {"entropy", weights({4, 3}), [](const Tree& p) { return entropy(p["w"]); },
             "jax.scipy.special.entr(jax.nn.softmax(p['w'])).sum(-1).mean()"},
            {"manifold", pairs, [](const Tree& p) { return manifold_penalty(p["w"], p["s"] + transpose(p["s"])); },
             "((p['s'] + p['s'].T) * ((p['w'][:, None] - p['w'][None]) ** 2).sum((2, 3))).sum() / 16"},
            {"standardized", weights({2, 3, 4}), [](const Tree& p) { return weight_standardized(p["w"]); },
             "jax.nn.standardize(p['w'], axis=(0, 1), epsilon=1e-5)"},
            {"spectral", weights({5, 3}),
             [&](const Tree& p) { return spectral_normalized(p["w"], direction, 120).weight; },
             "p['w'] / jnp.linalg.norm(p['w'], 2)"},
            {"spectral_norm", weights({5, 3}),
             [&](const Tree& p) { return spectral_normalized(p["w"], direction, 120).norm; },
             "jnp.linalg.norm(p['w'], 2)"},
        },
        1e-11);
}

TEST(Regularizers, SpectralDirectionsComeNearerWithEachStep) {
    const Tensor weight = sample({6, 4});
    const double exact =
        spectral_normalized(weight, spectral_direction(key(3), weight), 300).norm.to_host().as_double(0);
    Tensor direction = spectral_direction(key(5), weight);
    double before = 0.0;
    for (int i = 0; i < 6; ++i) {
        const auto result = spectral_normalized(weight, direction);
        const double norm = result.norm.to_host().as_double(0);
        EXPECT_GE(norm, before);
        EXPECT_LE(norm, exact + 1e-12);
        before = norm;
        direction = tensor(result.direction.to_host());
    }
    EXPECT_NEAR(before, exact, 0.02 * exact);
}

TEST(Regularizers, AGroupOfZerosHasNoGradient) {
    const auto gradient = grad([](const Tensor& w) { return group_lasso(w); })(zeros({3, 2}));
    EXPECT_EQ(max(abs(gradient)).to_host().as_double(0), 0.0);
}

/// Returns the different values of a tensor.
std::set<float> values_of(const Tensor& x) {
    const HostArray host = x.to_host();
    return {host.span<float>().begin(), host.span<float>().end()};
}

TEST(Dropouts, WholeChannelsExamplesOrConnectionsGo) {
    const Tensor channels = spatial_dropout(ones({8, 5, 6}), 0.25, key(1));
    EXPECT_EQ(values_of(channels), (std::set<float>{0, 1.0F / 0.75F}));
    EXPECT_EQ(values_of(max(channels, {1}) - min(channels, {1})), std::set<float>{0});
    const Tensor first = spatial_dropout(ones({8, 6, 5}), 0.25, key(1), Channels::FIRST);
    EXPECT_EQ(values_of(max(first, {2}) - min(first, {2})), std::set<float>{0});
    const Tensor paths = drop_path(ones({32, 3}), 0.5, key(2));
    EXPECT_EQ(values_of(paths), (std::set<float>{0, 2}));
    EXPECT_EQ(values_of(max(paths, {1}) - min(paths, {1})), std::set<float>{0});
    EXPECT_NEAR(mean(drop_connect(ones({64, 64}), 0.25, key(3))).to_host().as_double(0), 1.0, 0.05);
}

TEST(Dropouts, NoiseKeepsMeanAndVariance) {
    const Tensor x = normal(key(7), {256, 256});
    const auto moments = [](const Tensor& y) {
        const double middle = mean(y).to_host().as_double(0);
        return std::pair(middle, mean(square(y - middle)).to_host().as_double(0));
    };
    const auto [alpha_mean, alpha_variance] = moments(alpha_dropout(x, 0.2, key(1)));
    EXPECT_NEAR(alpha_mean, 0.0, 0.02);
    EXPECT_NEAR(alpha_variance, 1.0, 0.02);
    const auto [mean_of_ones, variance_of_ones] = moments(gaussian_dropout(ones({256, 256}), 0.2, key(1)));
    EXPECT_NEAR(mean_of_ones, 1.0, 0.01);
    EXPECT_NEAR(variance_of_ones, 0.25, 0.01);
}

TEST(Dropouts, WithoutAKeyATrainedModelIsLeftAlone) {
    const Tensor x = ones({2, 3});
    for (const auto& y : {spatial_dropout(x, 0.5, {}), drop_connect(x, 0.5, {}), drop_path(x, 0.5, {}),
                          alpha_dropout(x, 0.5, {}), gaussian_dropout(x, 0.5, {})})
        EXPECT_EQ(y.node(), x.node());
    EXPECT_FLOAT_EQ(shake_drop(x, {}, {.keep = 0.4, .alpha_low = 0.0}).to_host().span<float>()[0], 0.4F + 0.6F * 0.5F);
    expect_error(Code::INVALID_ARGUMENT, "drop_path: the rate is in [0, 1), got 1", [&] { drop_path(x, 1.0, key(1)); });
}

TEST(Dropouts, ShakeDropGoesForwardAndBackByDifferentFactors) {
    const auto factors = [](double keep) {
        const auto f = [&](const Tensor& x) { return sum(shake_drop(x, key(4), {.keep = keep})); };
        const Tensor x = ones({64, 2});
        return std::pair(shake_drop(x, key(4), {.keep = keep}).to_host(), grad(f)(x).to_host());
    };
    const auto [kept, kept_gradient] = factors(1.0);
    const auto [forward, backward] = factors(0.0);
    double least = 1.0, greatest = -1.0, least_gradient = 1.0;
    for (std::size_t i = 0; i < 128; ++i) {
        EXPECT_EQ(kept.span<float>()[i], 1.0F);
        EXPECT_EQ(kept_gradient.span<float>()[i], 1.0F);
        EXPECT_EQ(forward.span<float>()[i], forward.span<float>()[i / 2 * 2]) << "one factor for each example";
        least = std::min<double>(least, forward.span<float>()[i]);
        greatest = std::max<double>(greatest, forward.span<float>()[i]);
        least_gradient = std::min<double>(least_gradient, backward.span<float>()[i]);
        EXPECT_NE(forward.span<float>()[i], backward.span<float>()[i]);
    }
    EXPECT_LT(least, -0.8);
    EXPECT_GT(greatest, 0.8);
    EXPECT_GE(least_gradient, 0.0);
}

TEST(Mixing, MixupBlendsInputsAndLabelsAlike) {
    const Tensor labels = eye(6), inputs = labels * 7.0;
    const auto [mixed, shares] = mixup(inputs, labels, 0.4, key(9));
    const HostArray x = mixed.to_host(), y = shares.to_host();
    std::set<float> found;
    for (std::size_t i = 0; i < 36; ++i) {
        EXPECT_NEAR(x.span<float>()[i], 7.0 * y.span<float>()[i], 1e-5);
        found.insert(y.span<float>()[i]);
    }
    EXPECT_NEAR(sum(shares).to_host().as_double(0), 6.0, 1e-5);
    EXPECT_GT(found.size(), 2U);
}

TEST(Mixing, CutmixTakesABoxAndLabelsByItsArea) {
    const Tensor labels = eye(5), which = reshape(arange(5), {5, 1, 1, 1});
    const Tensor inputs = broadcast_to(convert(which, DataType::FLOAT32), {5, 12, 10, 3});
    bool cut = false;
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
        const auto [mixed, shares] = cutmix(inputs, labels, 1.0, key(seed));
        for (std::int64_t image = 0; image < 5; ++image) {
            const Tensor own = slice_axis(mixed, 0, image, image + 1);
            const Tensor area = mean(convert(equal(own, static_cast<double>(image)), DataType::FLOAT32));
            const double share = shares.to_host().as_double(image * 6), kept = area.to_host().as_double(0);
            EXPECT_NEAR(share, kept, 1e-6);
            cut |= kept < 1.0;
        }
        EXPECT_NEAR(sum(shares).to_host().as_double(0), 5.0, 1e-5);
    }
    EXPECT_TRUE(cut);
    expect_error(Code::SHAPE_MISMATCH, "cutmix: takes inputs [batch,height,width,channels]",
                 [&] { cutmix(labels, labels, 1.0, key(0)); });
    expect_error(Code::INVALID_ARGUMENT, "mixup: alpha is 0", [&] { mixup(labels, labels, 0.0, key(0)); });
}

}  // namespace
}  // namespace podium::nn

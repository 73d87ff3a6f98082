#include <gtest/gtest.h>

#include <cmath>

#include "podium/base/expect_error.h"
#include "podium/nn/nn.h"
#include "tests/support/jax_cases.h"

namespace podium::nn {
namespace {

using test::sample;

Tree one(const Dims& dims, int seed = 0, double size = 3.0) {
    return TreeBuilder<Tensor>().add("x", sample(dims, seed) * size).build();
}
Tree two(const Dims& dims) {
    return TreeBuilder<Tensor>().add("x", sample(dims) * 3.0).add("y", sample(dims, 1)).build();
}
Tree three(const Dims& dims) {
    return TreeBuilder<Tensor>().add("x", sample(dims)).add("y", sample(dims, 1)).add("z", sample(dims, 2)).build();
}

/// Logits of [2, 3, 4] and labels that are shares of 4 classes.
Tree shared() {
    return TreeBuilder<Tensor>().add("x", sample({2, 3, 4}) * 3.0).add("y", softmax(sample({2, 3, 4}, 1))).build();
}

Tensor named_classes() { return tensor({2, 3}, std::vector<std::int32_t>{3, 0, 1, 1, 2, 3}); }
Tensor where_mask() {
    const Tensor counted = tensor({2, 1, 4}, std::vector<std::int32_t>{1, 1, 0, 1, 0, 1, 1, 0});
    return broadcast_to(not_equal(counted, 0), {2, 3, 4});
}

constexpr auto* WHERE = "np.broadcast_to(np.array([[[1,1,0,1]],[[0,1,1,0]]], bool), (2, 3, 4))";
std::string with_where(const std::string& call) { return call + ", where=" + WHERE + ")"; }
/// optax's gradients by the labels that do not count are NaN.
constexpr auto* FIXED = "(lambda y: jax.lax.stop_gradient(p[y]))";

using Loss = Tensor (*)(const Operand&, const Operand&);
test::JaxCase of_two(const char* name, Tree inputs, Loss loss) {
    return {name, std::move(inputs), [loss](const Tree& p) { return loss(p["x"], p["y"]); },
            fmt::format("optax.losses.{}(p['x'], p['y'])", name)};
}
test::JaxCase of_classes(const char* name, Loss loss) {
    return {name, one({2, 3, 4}), [loss](const Tree& p) { return loss(p["x"], named_classes()); },
            fmt::format("jax.vmap(optax.losses.{})(p['x'], np.array([[3, 0, 1], [1, 2, 3]]))", name)};
}
test::JaxCase of_signs(const char* name, Loss loss) {
    return {name, one({6}),
            [loss](const Tree& p) {
                return loss(p["x"], tensor(std::vector<double>{1, -1, 1, -1, -1, 1}));
            },
            fmt::format("optax.losses.{}(p['x'], np.array([1., -1, 1, -1, -1, 1]))", name)};
}
test::JaxCase of_bits(const std::string& name, const std::string& jax,
                      const std::function<Tensor(const Tensor&, const Tensor&)>& loss) {
    return {name, one({6}),
            [loss](const Tree& p) {
                return loss(p["x"], tensor(std::vector<double>{1, 0, 1, 0, 0, 1}));
            },
            fmt::format("optax.losses.{}", jax)};
}

TEST(OptaxLosses, OfNumbers) {
    test::expect_as_jax({
        of_two("squared_error", two({2, 3}), squared_error),
        of_two("l2_loss", two({2, 3}), l2_loss),
        {"huber", two({4, 3}), [](const Tree& p) { return huber_loss(p["x"], p["y"], 0.7); },
         "optax.losses.huber_loss(p['x'], p['y'], delta=0.7)"},
        of_two("log_cosh", two({2, 3}), log_cosh),
        {"cosine_similarity", two({2, 3}), [](const Tree& p) { return cosine_similarity(p["x"], p["y"]); },
         "optax.losses.cosine_similarity(p['x'], p['y'])"},
        {"cosine_distance", two({2, 3, 4}),
         [](const Tree& p) { return cosine_distance(p["x"], p["y"], {.axis = 1, .where = where_mask()}, 2.0); },
         with_where("optax.losses.cosine_distance(p['x'], p['y'], epsilon=2.0, axis=1")},
    });
}

TEST(OptaxLosses, OfTwoClasses) {
    test::expect_as_jax({
        of_two("sigmoid_binary_cross_entropy",
               TreeBuilder<Tensor>().add("x", sample({2, 3}) * 40.0).add("y", logistic(sample({2, 3}, 1))).build(),
               sigmoid_binary_cross_entropy),
        of_bits("focal", "sigmoid_focal_loss(p['x'], np.array([1., 0, 1, 0, 0, 1]))",
                [](const Tensor& x, const Tensor& y) { return sigmoid_focal_loss(x, y); }),
        of_bits(
            "balanced_focal", "sigmoid_focal_loss(p['x'], np.array([1., 0, 1, 0, 0, 1]), alpha=0.3, gamma=1.5)",
            [](const Tensor& x, const Tensor& y) { return sigmoid_focal_loss(x, y, {.alpha = 0.3, .gamma = 1.5}); }),
        of_bits("sparsemax_loss", "sparsemax_loss(p['x'], np.array([1, 0, 1, 0, 0, 1]))",
                [](const Tensor& x, const Tensor& y) { return sparsemax_loss(x, y); }),
        of_signs("hinge_loss", hinge_loss),
        of_signs("perceptron_loss", perceptron_loss),
    });
}

TEST(OptaxLosses, OfDistributions) {
    const auto masked = [](auto loss) {
        return [loss](const Tree& p) {
            return loss(p["x"], stop_gradient(p["y"]), Along{.axis = 2, .where = where_mask()});
        };
    };
    test::expect_as_jax({
        {"soft", shared(), [](const Tree& p) { return softmax_cross_entropy(p["x"], p["y"], {.axis = 1}); },
         "optax.losses.softmax_cross_entropy(p['x'], p['y'], axis=1)"},
        {"soft_where", shared(), masked(softmax_cross_entropy),
         with_where(fmt::format("optax.losses.softmax_cross_entropy(p['x'], {}('y'), 2", FIXED))},
        of_two("safe_softmax_cross_entropy", shared(), safe_softmax_cross_entropy),
        {"poly", shared(), [](const Tree& p) { return poly_loss_cross_entropy(p["x"], p["y"], 1.5); },
         "optax.losses.poly_loss_cross_entropy(p['x'], p['y'], epsilon=1.5)"},
        {"poly_where", shared(),
         [](const Tree& p) {
             return poly_loss_cross_entropy(p["x"], stop_gradient(p["y"]), 2.0, {.where = where_mask()});
         },
         with_where(fmt::format("optax.losses.poly_loss_cross_entropy(p['x'], {}('y')", FIXED))},
        {"kl", shared(), [](const Tree& p) { return kl_divergence(log_softmax(p["x"]), p["y"]); },
         "optax.losses.kl_divergence(jax.nn.log_softmax(p['x']), p['y'])"},
        {"kl_where", shared(), masked(kl_divergence),
         with_where(fmt::format("optax.losses.kl_divergence(p['x'], {}('y'), 2", FIXED))},
        {"kl_logs", two({2, 3}), [](const Tree& p) { return kl_divergence_with_log_targets(p["x"], p["y"]); },
         "optax.losses.kl_divergence_with_log_targets(p['x'], p['y'])"},
        {"generalized_kl", shared(), [](const Tree& p) { return generalized_kl_divergence(p["x"], p["y"]); },
         "optax.losses.generalized_kl_divergence(p['x'], p['y'])"},
        {"smooth", shared(), [](const Tree& p) { return smooth_labels(p["y"], 0.1); },
         "optax.losses.smooth_labels(p['y'], 0.1)"},
        {"smooth_where", shared(), [](const Tree& p) { return smooth_labels(p["y"], 0.1, {.where = where_mask()}); },
         with_where("optax.losses.smooth_labels(p['y'], 0.1")},
    });
}

TEST(OptaxLosses, OfNamedClasses) {
    test::expect_as_jax({
        of_classes("softmax_cross_entropy_with_integer_labels", softmax_cross_entropy_with_integer_labels),
        of_classes("multiclass_hinge_loss", multiclass_hinge_loss),
        of_classes("multiclass_perceptron_loss", multiclass_perceptron_loss),
        of_classes("multiclass_sparsemax_loss", multiclass_sparsemax_loss),
        {"sparsemax", one({3, 5}, 1, 1.0), [](const Tree& p) { return sparsemax(p["x"]); },
         "jax.vmap(optax.projections.projection_simplex)(p['x'])"},
    });
}

TEST(OptaxLosses, OfEmbeddingsRankingsAndStructures) {
    const Tensor labels = tensor(std::vector<std::int32_t>{0, 1, 0, 1, 2, 0});
    const auto fenchel_young = make_fenchel_young_loss([](const Tensor& x) { return logsumexp(x, -1); });
    test::expect_as_jax({
        {"ntxent", one({6, 3}), [&](const Tree& p) { return ntxent(p["x"], labels, 0.3); },
         "optax.losses.ntxent(p['x'], np.array([0, 1, 0, 1, 2, 0]), 0.3)"},
        {"triplet", three({4, 3}), [](const Tree& p) { return triplet_margin_loss(p["x"], p["y"], p["z"]); },
         "optax.losses.triplet_margin_loss(p['x'], p['y'], p['z'])"},
        {"triplet_quartic", three({4, 3}),
         [](const Tree& p) {
             return triplet_margin_loss(p["x"], p["y"], p["z"], {.axis = 0, .degree = 4.0, .margin = 0.5});
         },
         "optax.losses.triplet_margin_loss(p['x'], p['y'], p['z'], axis=0, norm_degree=4, margin=0.5)"},
        {"ranking", two({2, 3}), [](const Tree& p) { return mean(ranking_softmax_loss(p["x"], p["y"])); },
         "optax.losses.ranking_softmax_loss(p['x'], p['y'])"},
        {"ranking_where", three({2, 3, 4}),
         [](const Tree& p) {
             return ranking_softmax_loss(p["x"], stop_gradient(p["y"]),
                                         {.where = where_mask(), .weights = stop_gradient(p["z"])});
         },
         with_where(fmt::format("optax.losses.ranking_softmax_loss(p['x'], {0}('y'), reduce_fn=None, weights={0}('z')",
                                FIXED))},
        {"fenchel_young", two({2, 3}), [&](const Tree& p) { return fenchel_young(p["x"], p["y"]); },
         "optax.losses.make_fenchel_young_loss(jax.scipy.special.logsumexp)(p['x'], p['y'])"},
    });
}

TEST(OptaxLosses, OfOverlaps) {
    const auto targets = [] { return one_hot(named_classes(), 4, DataType::FLOAT64); };
    constexpr auto* JAX_TARGETS = "jax.nn.one_hot(np.array([[3, 0, 1], [1, 2, 3]]), 4)";
    const auto jax = [&](const char* call, const char* options) {
        return fmt::format("optax.losses.{}(p['x'], {}{})", call, JAX_TARGETS, options);
    };
    test::expect_as_jax({
        {"dice", one({2, 3, 4}), [&](const Tree& p) { return dice_loss(p["x"], targets()); }, jax("dice_loss", "")},
        {"tversky", one({2, 3, 4}),
         [&](const Tree& p) {
             return dice_losses(p["x"], targets(),
                                {.class_weights = tensor(std::vector<double>{1, 2, 0.5, 3}),
                                 .smooth = 0.3,
                                 .alpha = 0.7,
                                 .beta = 0.2,
                                 .ignore_background = true});
         },
         jax("dice_loss",
             ", class_weights=np.array([1, 2, .5, 3]), smooth=0.3, alpha=0.7, beta=0.2, "
             "ignore_background=True, reduction='none'")},
        {"generalized_dice", one({2, 3, 4}),
         [&](const Tree& p) { return multiclass_generalized_dice_loss(p["x"], targets()); },
         jax("multiclass_generalized_dice_loss", "")},
        {"binary_dice", one({2, 3, 4}), [&](const Tree& p) { return binary_dice_loss(p["x"], targets()); },
         jax("binary_dice_loss", "")},
    });
}

TEST(OptaxLosses, OfAlignments) {
    const auto ctc = [] {
        const Tensor labels = tensor({2, 3}, std::vector<std::int32_t>{2, 2, 4, 1, 3, 0});
        const Tensor label_paddings = tensor({2, 3}, std::vector<double>{0, 0, 0, 0, 0, 1});
        const Tensor paddings = tensor({2, 7}, std::vector<double>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1});
        return [=](const Tree& p) {
            return ctc_loss_with_forward_probabilities(p["x"], paddings, labels, label_paddings);
        };
    }();
    const auto jax = [](int result) {
        return fmt::format(
            "optax.losses.ctc_loss_with_forward_probs(p['x'], np.array([[0.] * 7, [0.] * 5 + [1.] * 2]), "
            "np.array([[2, 2, 4], [1, 3, 0]]), np.array([[0., 0, 0], [0, 0, 1]]))[{}]",
            result);
    };
    test::expect_as_jax({{"loss", one({2, 7, 5}), [=](const Tree& p) { return ctc(p).loss; }, jax(0)},
                         {"log_blank", one({2, 7, 5}), [=](const Tree& p) { return ctc(p).log_blank; }, jax(1)},
                         {"log_label", one({2, 7, 5}), [=](const Tree& p) { return ctc(p).log_label; }, jax(2)}},
                        1e-9);  // log 0 is -1e5
}

TEST(OptaxLosses, ALabelOfZeroTakesALogitOfMinusInfinity) {
    const Tensor logits = tensor({1, 3}, std::vector<double>{-HUGE_VAL, 1, 2});
    const Tensor labels = tensor({1, 3}, std::vector<double>{0, 0.5, 0.5});
    EXPECT_NEAR(safe_softmax_cross_entropy(logits, labels).to_host().as_double(0), std::log1p(std::exp(1.0)) - 0.5,
                1e-12);
    const auto gradient = grad([&](const Tensor& x) { return sum(safe_softmax_cross_entropy(x, labels)); })(logits);
    EXPECT_NEAR(gradient.to_host().as_double(1), 1 / (1 + std::exp(1.0)) - 0.5, 1e-12);
    EXPECT_EQ(gradient.to_host().as_double(0), 0.0);
}

TEST(OptaxLosses, SayWhatTheyTake) {
    expect_error(Code::SHAPE_MISMATCH, "huber_loss: prediction f32[2] and target f32[3] differ in shape",
                 [] { huber_loss(zeros({2}), zeros({3})); });
    expect_error(Code::DTYPE_MISMATCH, "hinge_loss: takes floating-point numbers, got i32[2]",
                 [] { hinge_loss(zeros({2}, DataType::INT32), zeros({2})); });
    expect_error(Code::SHAPE_MISMATCH,
                 "ntxent: takes embeddings [batch,width] and labels [batch], got f32[2,3] and i32[3]", [] {
                     ntxent(zeros({2, 3}), zeros({3}, DataType::INT32));
                 });
    expect_error(Code::SHAPE_MISMATCH, "ctc_loss: takes logits [batch,length,classes]", [] {
        ctc_loss(zeros({2, 3, 4}), zeros({2, 4}), zeros({2, 1}, DataType::INT32), zeros({2, 1}));
    });
}

}  // namespace
}  // namespace podium::nn

#include "podium/train/step.h"

#include <gtest/gtest.h>

#include <cmath>

#include "podium/arrays/safetensors.h"
#include "podium/exec/jit.h"
#include "podium/optim/optimizers.h"
#include "podium/train/loss_scaling.h"
#include "tests/support/python.h"
#include "tests/support/sample_arrays.h"
#include "tests/support/temporary_folder.h"

namespace podium::train {
namespace {

using nn::Precision;

constexpr DataType F64 = DataType::FLOAT64;
const XlaOptions FAST_COMPILE{.optimization_level = 0};

models::Gpt tiny(Precision precision = {.parameters = F64, .compute = F64}, bool scan_layers = false,
                 bool remat = false) {
    return models::Gpt({.vocabulary = 16,
                        .length = 8,
                        .layers = 2,
                        .width = 8,
                        .heads = 2,
                        .mlp_ratio = 2,
                        .scan_layers = scan_layers,
                        .remat = remat,
                        .precision = precision});
}

Samples batch(std::int32_t first_target = 1) {
    std::vector<std::int32_t> inputs, targets;
    for (std::int32_t i = 0; i < 32; ++i) {
        inputs.push_back(i * 7 % 16);
        targets.push_back(i == 0 ? first_target : (i * 5 + 3) % 16);
    }
    return {tensor<std::int32_t>({4, 8}, inputs), tensor<std::int32_t>({4, 8}, targets)};
}

struct Stepped {
    State before, after;
    Tree metrics;
};
Stepped stepped(const models::Gpt& model, const StepOptions& options, const Samples& tokens = batch(), int steps = 1) {
    const auto optimizer = optim::make({.learning_rate = 0.01});
    const auto init = jit(InitFunction{model, optimizer, options}, {.xla = FAST_COMPILE});
    const auto step = jit(StepFunction{model, optimizer, options}, {.xla = FAST_COMPILE});
    Stepped result{.after = init(key(3))};
    for (int i = 0; i < steps; ++i) {
        result.before = result.after;
        std::tie(result.after, result.metrics) = step(result.before, tokens);
    }
    return result;
}

double value(const Tree& tree, std::string_view path) { return tree[path].to_host().as_double(0); }

BasicTree<HostArray> on_host(const Tree& tree) {
    return tree.map([](const Tensor& tensor) { return tensor.to_host(); });
}

/// Returns what `script` puts into the dict `out`; it finds optax, and `part("p")`, the tensors under a path.
BasicTree<HostArray> optax_results(const std::string& script, const Tree& given) {
    const test::TemporaryFolder folder;
    write_safetensors(folder / "given", on_host(given));
    constexpr auto* PROGRAM = R"(
import os, sys
os.environ['JAX_PLATFORMS'] = 'cpu'
import jax, numpy as np, optax
from safetensors.numpy import load_file, save_file
jax.config.update('jax_enable_x64', True)
given, out = load_file(sys.argv[1]), {}
part = lambda p: {k[len(p) + 1:]: v for k, v in given.items() if k.startswith(p + '.')}
exec(sys.argv[3])
save_file({k: np.array(v, order='C') for k, v in out.items()}, sys.argv[2])
)";
    test::run_python(PROGRAM, {folder / "given", folder / "out", script});
    return read_safetensors(folder / "out");
}

void expect_near(const BasicTree<HostArray>& a, const BasicTree<HostArray>& b, double tolerance) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        const HostArray &ours = a.leaves()[i], &other = b[a.path(i)];
        ASSERT_EQ(ours.shape(), other.shape());
        for (std::int64_t j = 0; j < ours.count(); ++j)
            ASSERT_NEAR(ours.as_double(j), other.as_double(j), tolerance) << a.path(i) << " at " << j;
    }
}
void expect_near(const Tree& a, const Tree& b, double tolerance) { expect_near(on_host(a), on_host(b), tolerance); }

TEST(Step, PiecesOfTheBatchMakeTheWholeBatchsUpdate) {
    const auto whole = stepped(tiny(), {});
    for (const std::int64_t pieces : {2, 4}) {
        const auto cut = stepped(tiny(), {.micro_batches = pieces});
        EXPECT_NEAR(value(cut.metrics, "loss"), value(whole.metrics, "loss"), 1e-12);
        expect_near(cut.after.parameters, whole.after.parameters, 1e-9);
    }
}

TEST(Step, RematAndScannedLayersInPiecesKeepTheMaths) {
    const Precision f64{F64, F64};
    const auto whole = stepped(tiny(f64, true), {});
    const auto cut = stepped(tiny(f64, true, true), {.micro_batches = 2});
    expect_near(cut.after.parameters, whole.after.parameters, 1e-9);
}

TEST(Step, ARefusedStepChangesNothingButTheKey) {
    const auto bad = stepped(tiny(), {.guard = true}, batch(99));  // a label that names no class makes the loss NaN
    EXPECT_TRUE(std::isnan(value(bad.metrics, "loss")));
    EXPECT_EQ(value(bad.metrics, "refused"), 1);
    EXPECT_TRUE(test::equal(on_host(bad.after.parameters), on_host(bad.before.parameters)));
    EXPECT_TRUE(test::equal(on_host(bad.after.optimizer), on_host(bad.before.optimizer)));
    const auto good = stepped(tiny(), {.guard = true});
    EXPECT_EQ(value(good.metrics, "refused"), 0);
    expect_near(good.after.parameters, stepped(tiny(), {}).after.parameters, 0);
}

TEST(Step, APlateauHalvesTheUpdates) {
    const StepOptions options{.plateau = optim::PlateauOptions{.factor = 0.5, .patience = 1, .absolute = 1e9}};
    const auto plain = stepped(tiny(), {}, batch(), 2), halved = stepped(tiny(), options, batch(), 2);
    EXPECT_EQ(value(halved.metrics, "rate_scale"), 0.5);
    expect_near(halved.before.parameters, plain.before.parameters, 0);
    const auto half_way = [&](const std::string& path) {
        return 0.5 * (plain.before.parameters[path] + plain.after.parameters[path]);
    };
    for (const auto& path : plain.after.parameters.paths()->names())
        EXPECT_LT(max(abs(halved.after.parameters[path] - half_way(path))).to_host().as_double(0), 1e-9) << path;
    EXPECT_EQ(value(stepped(tiny(), options, batch(), 3).metrics, "rate_scale"), 0.25);
}

TEST(Step, ASpikeIsRefusedOnceThereIsAMean) {
    const StepOptions options{.guard = true, .spike = 1.5};
    const auto optimizer = optim::make({.learning_rate = 0.0});
    const auto step = jit(StepFunction{tiny(), optimizer, options}, {.xla = FAST_COMPILE});
    State state = jit(InitFunction{tiny(), optimizer, options}, {.xla = FAST_COMPILE})(key(0));
    for (int i = 0; i < 10; ++i) {
        const auto [next, metrics] = step(state, batch());
        EXPECT_EQ(value(metrics, "refused"), 0) << i;
        state = next;
    }
    EXPECT_EQ(value(state.extra, "guard.count"), 10);
    State loud = state;  // logits a thousand times as large: a loss far above the mean
    loud.parameters["head.weight"] = state.parameters["head.weight"] * 1000.0;
    EXPECT_EQ(value(step(loud, batch()).second, "refused"), 1);
    EXPECT_EQ(value(step(state, batch()).second, "refused"), 0);
}

TEST(Step, NormsAreOptaxs) {
    const auto one = stepped(tiny(), {.log_norms = true});
    const auto [gradient_of, updates] = [&] {
        const auto gradient = jit([](const Tree& p, const Samples& t) {
            return grad([&](const Tree& q) { return QualityFunction{tiny()}(q, t).loss; })(p);
        })(one.before.parameters, batch());
        Tree change = one.after.parameters;
        for (std::size_t i = 0; i < change.size(); ++i)
            change.leaves()[i] = change.leaves()[i] - one.before.parameters.leaves()[i];
        return std::pair(gradient, change);
    }();
    const auto expected = optax_results(
        "out['gradient'] = optax.global_norm(part('g'))\n"
        "out['ratio'] = optax.global_norm(part('u')) / optax.global_norm(part('p'))\n",
        TreeBuilder<Tensor>().add("g", gradient_of).add("u", updates).add("p", one.before.parameters).build());
    EXPECT_NEAR(value(one.metrics, "gradient_norm"), expected["gradient"].as_double(0), 1e-9);
    EXPECT_NEAR(value(one.metrics, "update_ratio"), expected["ratio"].as_double(0), 1e-9);
}

TEST(Step, TheAverageIsOptaxs) {
    const auto two = stepped(tiny(), {.average_decay = 0.75}, batch(), 2);
    const Tree average = two.after.extra.subtree("average");
    const auto expected = optax_results(
        "out.update(optax.incremental_update(part('new'), part('old'), 0.25))",
        TreeBuilder<Tensor>().add("new", two.after.parameters).add("old", two.before.extra.subtree("average")).build());
    expect_near(on_host(average), expected, 1e-12);
}

TEST(LossScaling, HalvesOnOverflowAndDoublesAfterAnInterval) {
    const auto next = jit([](const Tree& state, const Tensor& overflow) { return next_scaling(state, overflow); },
                          {.xla = FAST_COMPILE});
    const Tensor yes = tensor(HostArray::scalar(true)), no = tensor(HostArray::scalar(false));
    Tree state = next(initial_scaling(), yes);
    EXPECT_EQ(value(state, "scale"), 32768);
    EXPECT_EQ(value(state, "skipped"), 1);
    for (std::int64_t i = 0; i < SCALE_INTERVAL - 1; ++i) state = next(state, no);
    EXPECT_EQ(value(state, "scale"), 32768);
    state = next(state, no);
    EXPECT_EQ(value(state, "scale"), 65536);
    EXPECT_EQ(value(state, "good_steps"), 0);
    EXPECT_EQ(value(next(state, yes), "skipped"), 2);
}

TEST(Step, HalfPrecisionTrainsAndSkipsWhatOverflows) {
    const Precision half{.compute = DataType::FLOAT16};
    const auto scaled = stepped(tiny(half), {.scale_loss = true}, batch(), 6);
    const auto single = stepped(tiny({}), {}, batch(), 6);
    EXPECT_NEAR(value(scaled.metrics, "loss"), value(single.metrics, "loss"), 0.02);
    const auto optimizer = optim::make({});
    const StepOptions options{.scale_loss = true};
    State state = jit(InitFunction{tiny(half), optimizer, options}, {.xla = FAST_COMPILE})(key(3));
    state.extra["scaling.scale"] = tensor(HostArray::scalar(1e30F));
    const auto [after, metrics] =
        jit(StepFunction{tiny(half), optimizer, options}, {.xla = FAST_COMPILE})(state, batch());
    EXPECT_EQ(value(metrics, "skipped_steps"), 1);
    EXPECT_NEAR(value(after.extra, "scaling.scale") / 1e30, 0.5, 1e-6);
    EXPECT_TRUE(test::equal(on_host(after.parameters), on_host(state.parameters)));
}

}  // namespace
}  // namespace podium::train

#include "podium/bench/train_cases.h"

#include <fstream>

#include "podium/base/file.h"
#include "podium/bench/runtime_cases.h"
#include "podium/bench/spec.h"

namespace podium::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct State {
    Tree parameters, optimizer;
    static constexpr std::array names{"parameters", "optimizer"};
};
struct Batch {
    Tensor inputs, targets;
    static constexpr std::array names{"inputs", "targets"};
};

double milliseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// Returns the training step of a loss: what `podium train` compiles.
template <class Loss>
auto train_step(Loss loss, const optim::GradientTransform& optimizer, const Options& options,
                const Mesh* mesh = nullptr) {
    return jit(
        [=](const State& state, const Batch& batch) {
            const auto [value, gradient] = value_and_grad(loss)(state.parameters, batch);
            const auto [updates, slots] = optimizer.update(gradient, state.optimizer, state.parameters);
            return std::pair(State{optim::apply_updates(state.parameters, updates), slots}, value);
        },
        {.name = "train_step",
         .names = {"state", "batch"},
         .donate = {0},
         .mesh = mesh,
         .shardings = {{"batch.**", {"data"}}},
         .xla = options.xla});
}

Tree on_device(const BasicTree<HostArray>& arrays, const PlacementPtr& placement) {
    return arrays.map([&](const HostArray& array) { return put(array, placement); });
}

PlacementPtr whole(const Mesh& mesh) { return std::make_shared<const Placement>(mesh); }

/// Returns {parameters, the optimizer's first state}, made by one program.
State initial(const BasicTree<HostArray>& parameters, const optim::GradientTransform& optimizer, const Mesh& mesh) {
    const Tree placed = on_device(parameters, whole(mesh));
    const auto init = jit([&](const Tree& tree) { return optimizer.init(tree); }, {.name = "init", .mesh = &mesh});
    return {placed, init(placed)};
}

/// Writes the program as podium emitted it, and as the compiler left it.
template <class F>
void dump(const Options& options, const std::string& name, const Jitted<F>& step) {
    if (options.dump.empty()) return;
    make_directories(options.dump);
    write_atomically(options.dump + "/" + name + ".mlir", step.text());
    write_atomically(options.dump + "/" + name + ".hlo", step.executable()->optimized_text());
}

template <class Loss>
Measurement train_case(const Options& options, const std::string& name, Loss loss,
                       const optim::GradientTransform& optimizer, const BasicTree<HostArray>& parameters,
                       const spec::Batch& data, const Mesh& mesh) {
    State state = initial(parameters, optimizer, mesh);
    const auto split = std::make_shared<const Placement>(
        mesh, mesh.axes().empty() ? std::vector<std::string>{} : std::vector<std::string>{"data"});
    const Batch batch{put(data.inputs, split), put(data.targets, split)};
    const auto step = train_step(loss, optimizer, options, &mesh);
    std::vector<float> losses;
    const auto once = [&] {
        auto [next, value] = step(std::move(state), batch);
        state = std::move(next);
        losses.push_back(value.template item<float>());
    };
    const auto start = Clock::now();
    once();
    Measurement measured;
    measured.extra["first_call_ms"] = milliseconds_since(start);
    dump(options, name, step);
    measured.times_ms = measure(once, 4, 20, options.seconds);
    losses.resize(5);
    measured.extra["losses"] = losses;
    return measured;
}

/// The loss of the GPT that computes in `COMPUTE`.
template <DataType COMPUTE = DataType::FLOAT32>
Tensor gpt_loss(const Tree& parameters, const Batch& batch) {
    static const models::Gpt model({.precision = {.compute = COMPUTE}});
    return nn::cross_entropy(model(parameters, batch.inputs), batch.targets);
}

optim::GradientTransform gpt_optimizer() { return optim::chain(optim::clip_by_global_norm(spec::CLIP), spec::adamw()); }

}  // namespace

Measurement gpt_step(const Options& options) {
    auto measured = train_case(options, "gpt_step", gpt_loss<>, gpt_optimizer(), spec::gpt_parameters(),
                               spec::gpt_batch(), Mesh(default_device()));
    measured.extra["tokens"] = 2048;
    return measured;
}

Measurement gpt_step_bf16(const Options& options) {
    return train_case(options, "gpt_step_bf16", gpt_loss<DataType::BFLOAT16>, gpt_optimizer(), spec::gpt_parameters(),
                      spec::gpt_batch(), Mesh(default_device()));
}

Measurement dp8_gpt_step_auto(const Options& options) {
    const Mesh mesh({{"data", 8}}, devices("cpu"));
    return train_case(options, "dp8_gpt_step_auto", gpt_loss<>, gpt_optimizer(), spec::gpt_parameters(),
                      spec::gpt_batch(), mesh);
}

Measurement mlp_step(const Options& options) {
    const models::Mlp model({.widths = {784, 1024, 1024, 10}});
    const auto loss = [&](const Tree& parameters, const Batch& batch) {
        return nn::cross_entropy(model(parameters, batch.inputs), batch.targets);
    };
    return train_case(options, "mlp_step", loss, spec::adamw(), spec::mlp_parameters(), spec::mlp_batch(),
                      Mesh(default_device()));
}

Measurement cnn_step(const Options& options) {
    const models::Resnet model({.normalization = models::Normalization::NONE});
    const auto loss = [&](const Tree& parameters, const Batch& batch) {
        return nn::cross_entropy(model(parameters, batch.inputs), batch.targets);
    };
    return train_case(options, "cnn_step", loss, spec::adamw(), spec::cnn_parameters(), spec::cnn_batch(),
                      Mesh(default_device()));
}

Measurement adam_33m(const Options& options) {
    const auto optimizer = spec::adamw();
    const Mesh mesh(default_device());
    const Dims dims{spec::ADAM_ROWS, spec::ADAM_COLUMNS};
    BasicTree<HostArray> parameters;
    parameters.set("weight", spec::uniform(dims, 0.05, 1));
    Tree gradient;
    gradient.set("weight", put(spec::uniform(dims, 1e-2, 2), whole(mesh)));
    State state = initial(parameters, optimizer, mesh);
    const auto step = jit(
        [&](const State& now, const Tree& given) {
            const auto [updates, slots] = optimizer.update(given, now.optimizer, now.parameters);
            return State{optim::apply_updates(now.parameters, updates), slots};
        },
        {.name = "adam", .names = {"state", "gradient"}, .donate = {0}, .xla = options.xla});
    const auto once = [&] {
        state = step(std::move(state), gradient);
        block_until_ready(state);
    };
    once();
    Measurement measured;
    dump(options, "adam_33m", step);
    measured.extra["mean_abs"] = mean(abs(state.parameters["weight"])).item<float>();
    measured.times_ms = measure(once, 3, 15, std::min(options.seconds, 6.0));
    return measured;
}

Measurement time_to_first_step(const Options& options) {
    // The whole process counts: the time since exec, which /proc says in clock ticks since boot, to the first finished
    // step.
    auto quick = options;
    quick.seconds = 0;
    const Mesh mesh(default_device());
    const auto optimizer = gpt_optimizer();
    State state = initial(spec::gpt_parameters(), optimizer, mesh);
    const auto data = spec::gpt_batch();
    const Batch batch{put(data.inputs, whole(mesh)), put(data.targets, whole(mesh))};
    const auto step = train_step(gpt_loss<>, optimizer, quick);
    auto [next, value] = step(std::move(state), batch);
    Measurement measured;
    measured.extra["loss"] = value.item<float>();
    measured.times_ms = {milliseconds_since_exec()};
    return measured;
}

}  // namespace podium::bench

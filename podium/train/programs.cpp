#include "podium/train/programs.h"

#include "podium/exec/backends.h"
#include "podium/ir/flops.h"
#include "podium/optim/optimizers.h"

namespace podium::train {
namespace {

JitOptions jit_options(std::string name, const Mesh& mesh, const Layout& layout, const TrainConfig& config) {
    return {.name = std::move(name),
            .mesh = &mesh,
            .shardings = layout.rules,
            .xla = xla_options(config.xla),
            .checks = config.check};
}

JitOptions with_names(JitOptions options, std::vector<std::string> names) {
    options.names = std::move(names);
    return options;
}

StepOptions step_options(const TrainConfig& config, const Layout& layout = {}) {
    const auto& plateau = config.optimizer.plateau;
    return {.micro_batches = config.train.micro_batches,
            .guard = config.recovery.on_nonfinite == OnNonfinite::SKIP || config.recovery.spike > 0,
            .spike = config.recovery.spike,
            .scale_loss = config.model.precision.compute == DataType::FLOAT16,
            .average_decay = config.train.average_decay,
            .log_norms = config.train.log_norms,
            .plateau = plateau.factor == 0.0 ? std::nullopt : std::optional(plateau),
            .place_gradients = layout.place_gradients};
}

InitFunction init_function(const TrainConfig& config) {
    return {Model(config.model), optim::make(config.optimizer), step_options(config)};
}

/// Returns the bytes of the weights in a model's blocks, most of what it has.
double block_weight_bytes(const models::GptOptions& options) {
    const auto width = static_cast<double>(options.width);
    return static_cast<double>(options.layers) * static_cast<double>(4 + 2 * options.mlp_ratio) * width * width *
           static_cast<double>(size_bytes(options.precision.parameters));
}

/// Return what a step takes, with shapes and no values.
State traced_state(const InitFunction& init, const TraceScope& scope) {
    return init(Key{scope.parameter(Shape(DataType::UINT32, {2}))});
}
Samples traced_batch(const std::pair<Shape, Shape>& shapes, const TraceScope& scope) {
    return {scope.parameter(shapes.first), scope.parameter(shapes.second)};
}

}  // namespace

Programs::Programs(const TrainConfig& config)
    : mesh(mesh_of(config)),
      layout(layout_of(config, mesh, init_function(config))),
      init(init_function(config), with_names(jit_options("init", mesh, layout, config), {"key"})),
      step(StepFunction{Model(config.model), optim::make(config.optimizer), step_options(config, layout)},
           jit_options("train_step", mesh, layout, config), offloads_optimizer(config)),
      quality(QualityFunction{Model(config.model)},
              with_names(jit_options("quality", mesh, layout, config), {"parameters", "batch"})),
      init_function_(init_function(config)),
      batch_shapes_(batch_shapes(config.model, config.train.batch, config.train.length)),
      least_weight_bytes_(config.model.kind == ModelKind::GPT ? block_weight_bytes(config.model) : 0),
      whole_(std::make_shared<const Placement>(mesh)) {}

Samples Programs::put(const data::Batch& batch) const {
    return {podium::put(batch.inputs, layout.batch), podium::put(batch.targets, layout.batch)};
}

Tensor Programs::place(std::string_view path, const HostArray& array) const {
    auto axes = layout.axes_of(path);
    return podium::put(array, axes.empty() ? whole_ : std::make_shared<const Placement>(mesh, std::move(axes)));
}

BasicTree<Shape> Programs::state_shapes() const {
    const TraceScope scope;
    const State state = traced_state(init_function_, scope);
    const auto shape_of = [](const Tensor& tensor) { return Shape(tensor.type(), tensor.dims()); };
    return TreeBuilder<Shape>()
        .add("parameters", state.parameters.map(shape_of))
        .add("optimizer", state.optimizer.map(shape_of))
        .add("", state.extra.map(shape_of))
        .build();
}

std::vector<std::shared_ptr<Executable>> Programs::compile_step() const {
    const TraceScope scope;
    return step.compile(traced_state(init_function_, scope), traced_batch(batch_shapes_, scope));
}

LoweredFunction Programs::lowered_step() const {
    const TraceScope scope;
    return step.lower(traced_state(init_function_, scope), traced_batch(batch_shapes_, scope));
}

MemoryProfile Programs::step_memory() const {
    const TraceScope scope;
    const State state = traced_state(init_function_, scope);
    std::vector<MemoryTag> parameters(state.parameters.size(), MemoryTag::PARAMETERS);
    std::vector<MemoryTag> rest{MemoryTag::OTHER};  // the key
    for (std::size_t i = 0; i < state.extra.size(); ++i)
        rest.push_back(is_under(state.extra.path(i), "average") ? MemoryTag::OPTIMIZER_STATE : MemoryTag::OTHER);
    std::vector<MemoryTag> whole = parameters;
    whole.resize(whole.size() + state.optimizer.size(), MemoryTag::OPTIMIZER_STATE);
    whole.insert(whole.end(), rest.begin(), rest.end());
    const auto loss = whole.size();  // the first result after the state
    const auto programs = compile_step();
    if (!step.offloads_optimizer()) return memory_profile(*programs.front(), whole, loss);

    parameters.insert(parameters.end(), rest.begin(), rest.end());
    whole.push_back(MemoryTag::OTHER);  // the loss
    whole.resize(whole.size() + state.parameters.size(), MemoryTag::GRADIENTS);
    auto gradient = memory_profile(*programs.front(), parameters, 0);
    auto update = memory_profile(*programs.back(), whole, loss);
    return gradient.at_peak.sum() < update.at_peak.sum() ? update : gradient;
}

std::int64_t Programs::host_bytes() const {
    if (!step.offloads_optimizer()) return 0;
    const auto shapes = state_shapes().subtree("optimizer");
    std::int64_t bytes = 0;
    for (const auto& shape : shapes.leaves()) bytes += static_cast<std::int64_t>(shape.size_bytes());
    return bytes;
}

double Programs::step_flops() const {
    const TraceScope scope;
    const State state = traced_state(init_function_, scope);
    const auto abstract = state.parameters.map(
        [&](const Tensor& tensor) { return scope.parameter(Shape(tensor.type(), tensor.dims())); });
    return 3 * matmul_flops(
                   Tensors{QualityFunction{init_function_.model}(abstract, traced_batch(batch_shapes_, scope)).loss});
}

void Programs::expect_memory() const {
    const auto limit = static_cast<double>(backend_for(mesh)->memory_stats(mesh.devices().front()).limit_bytes);
    if (limit < 0) return;
    const bool shared = mesh.type() == DeviceType::CPU || mesh.type() == DeviceType::INTERP;
    const double copies = shared ? static_cast<double>(mesh.size()) : 1.0;
    const auto expect = [&](double bytes) {  // of one device
        if (copies * bytes <= limit) return;
        fail(
            Code::OUT_OF_MEMORY,
            "parameters, gradients and the optimizer's state need at least {:.1f} GB{}, and {} has {:.1f} GB; make the "
            "model smaller",
            copies * bytes / 1e9, copies > 1 ? fmt::format(" on {} devices together", copies) : "",
            shared ? "this machine" : "a device", limit / 1e9);
    };
    expect(2 * least_weight_bytes_ / static_cast<double>(mesh.size()));  // before the step's graph is built
    const auto shapes = state_shapes();
    double needed = 0;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        const Placement placement(mesh, layout.axes_of(shapes.path(i)));
        const auto bytes = static_cast<double>(placement.shard_shape(shapes.leaves()[i]).size_bytes());
        needed += is_under(shapes.path(i), "parameters") ? 2 * bytes : bytes;
    }
    expect(needed);
}

Tree judged_parameters(const State& state) {
    const Tree average = state.extra.subtree("average");
    return average.empty() ? state.parameters : average;
}

MeanQuality mean_quality(const Programs& programs, const Tree& parameters, std::uint64_t batches,
                         const std::function<data::Batch(std::uint64_t index)>& batch) {
    std::vector<Quality> begun;
    MeanQuality sum;
    const auto read = [&](const Quality& quality) {
        sum.loss += quality.loss.to_host().as_double(0);
        sum.accuracy += quality.accuracy.to_host().as_double(0);
    };
    for (std::uint64_t i = 0; i < batches; ++i) {
        begun.push_back(programs.quality(parameters, programs.put(batch(i))));
        if (i > 0) read(begun[i - 1]);  // at most two batches lie on the devices
    }
    read(begun.back());
    const auto count = static_cast<double>(batches);
    return {sum.loss / count, sum.accuracy / count};
}

std::optional<MeanQuality> held_out_quality(const Programs& programs, const Tree& parameters,
                                            const data::Corpus& corpus, std::int64_t batches) {
    if (corpus.validation_samples() == 0) return std::nullopt;
    const auto size = corpus.batch();
    const auto all = corpus.validation_batches(size);
    const auto count = batches == 0 ? all : std::min(all, static_cast<std::uint64_t>(batches));
    return mean_quality(programs, parameters, count, [&](std::uint64_t i) { return corpus.validation_batch(i, size); });
}

}  // namespace podium::train

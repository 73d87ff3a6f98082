#include "podium/train/train_step.h"

namespace podium::train {
namespace {

JitOptions with_arguments(JitOptions options, std::string name, std::vector<std::string> names,
                          std::vector<std::size_t> donate) {
    options.name = std::move(name);
    options.names = std::move(names);
    options.donate = std::move(donate);
    return options;
}

/// Returns the tree at `placement`; what lies there already is not copied.
Tree moved(const Tree& tree, const PlacementPtr& placement) {
    return tree.map([&](const Tensor& tensor) {
        return *buffer_of(tensor)->placement() == *placement ? tensor : put(tensor.to_host(), placement);
    });
}

}  // namespace

TrainStep::TrainStep(const StepFunction& function, const JitOptions& options, bool offload_optimizer)
    : function_(function),
      offload_(offload_optimizer),
      whole_(function, with_arguments(options, "train_step", {"state", "batch"}, {0})),
      gradient_(std::bind_front(&StepFunction::backward, function),
                with_arguments(options, "train_gradient", {"parameters", "key", "extra", "batch"}, {})),
      update_(std::bind_front(&StepFunction::update, function),
              with_arguments(options, "train_update", {"state", "backward"}, {0})),
      host_(std::make_shared<const Placement>(Mesh(Device(DeviceType::INTERP)))) {}  // its buffers are host arrays

std::pair<State, Tree> TrainStep::operator()(State&& state, const Samples& batch) const {
    if (!offload_) return whole_(std::move(state), batch);
    state.optimizer = moved(state.optimizer, host_);
    const Backward found = gradient_(state.parameters, state.key, state.extra, batch);
    block_until_ready(found);                         // its activations have gone
    auto stepped = update_(std::move(state), found);  // which moves the state to where its rules say
    stepped.first.optimizer = moved(stepped.first.optimizer, host_);
    return stepped;
}

std::vector<std::shared_ptr<Executable>> TrainStep::compile(const State& state, const Samples& batch) const {
    if (!offload_) return {whole_.compile(State(state), batch)};
    return {gradient_.compile(state.parameters, state.key, state.extra, batch),
            update_.compile(State(state), function_.backward(state.parameters, state.key, state.extra, batch))};
}

std::int64_t TrainStep::traces() const {
    return whole_.stats().traces + gradient_.stats().traces + update_.stats().traces;
}

}  // namespace podium::train

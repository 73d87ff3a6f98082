#include "podium/train/step.h"

#include "podium/nn/losses.h"
#include "podium/nn/precision.h"
#include "podium/train/loss_scaling.h"
#include "podium/transform/transform.h"

namespace podium::train {
namespace {

constexpr double GUARD_DECAY = 0.9;             // of the mean loss that a spike is measured by
constexpr std::int64_t GUARD_FIRST_STEPS = 10;  // losses that the mean needs before it is one

DataType at_least_f32(DataType type) { return type == DataType::FLOAT64 ? type : DataType::FLOAT32; }

/// Returns rows i, i + pieces, … as piece i: what a device holds of the batch is split among all pieces.
Tensor cut(const Tensor& rows, std::int64_t pieces) {
    Dims dims = rows.dims();
    dims[0] /= pieces;
    dims.insert(dims.begin() + 1, pieces);
    return swap_axes(reshape(rows, std::move(dims)), 0, 1);
}

/// Returns the means over the pieces, which are gone over one after another, so that one piece's activations are kept.
template <class Gradient>
Backward accumulated(const Gradient& value_and_gradient, const Tree& parameters, const Samples& batch,
                     const Key& dropout, std::int64_t pieces) {
    struct Piece {
        Samples samples;
        Tensor number;
    };
    const Tree zero = parameters.map([](const Tensor& p) { return zeros(p.dims(), at_least_f32(p.type())); });
    const Piece all{{cut(batch.inputs, pieces), cut(batch.targets, pieces)}, arange(pieces)};
    const auto [sum, losses] = scan(
        [&](const Tree& before, const Piece& piece) {
            const auto [value, gradient] =
                value_and_gradient(parameters, piece.samples, fold_in(dropout, piece.number));
            Tree after = before;
            for (std::size_t i = 0; i < after.size(); ++i)
                after.leaves()[i] = after.leaves()[i] + convert(gradient.leaves()[i], after.leaves()[i].type());
            return std::pair(after, value);
        },
        zero, all);
    Tree mean_gradient = sum;
    for (std::size_t i = 0; i < sum.size(); ++i)
        mean_gradient.leaves()[i] =
            convert(sum.leaves()[i] / static_cast<double>(pieces), parameters.leaves()[i].type());
    return {mean(losses), mean_gradient};
}

Tree chosen(const Tensor& condition, const Tree& if_true, const Tree& if_false) {
    Tree result = if_false;
    for (std::size_t i = 0; i < result.size(); ++i) {
        const Tensor& other = if_true[result.path(i)];
        result.leaves()[i] = select(broadcast_to(condition, other.dims()), other, result.leaves()[i]);
    }
    return result;
}

/// Source: Adam's bias-corrected first moment, of the losses that the guard let pass.
Tensor is_spike(const Tree& guard, const Tensor& loss, double factor) {
    const Tensor &mean = guard["mean"], &count = guard["count"];
    const Tensor weight = 1.0 - power(full({}, GUARD_DECAY, mean.type()), convert(count, mean.type()));
    return (count >= GUARD_FIRST_STEPS) & (convert(loss, mean.type()) > mean / weight * factor);
}

Tree watched(const Tree& guard, const Tensor& loss) {
    return TreeBuilder<Tensor>()
        .add("mean", guard["mean"] * GUARD_DECAY + convert(loss, guard["mean"].type()) * (1 - GUARD_DECAY))
        .add("count", optim::safe_increment(guard["count"]))
        .build();
}

/// Source: Polyak and Juditsky 1992, in the exponential form of optax.incremental_update.
Tree averaged(const Tree& average, const Tree& parameters, double decay) {
    Tree result = average;
    for (std::size_t i = 0; i < result.size(); ++i) {
        const Tensor& before = average.leaves()[i];
        const Tensor& now = parameters[average.path(i)];
        const DataType type = at_least_f32(before.type());
        result.leaves()[i] = convert(convert(now, type) * (1 - decay) + convert(before, type) * decay, before.type());
    }
    return result;
}

}  // namespace

State InitFunction::operator()(const Key& key) const {
    const auto [first, next] = split(key);
    Tree parameters = model.init(first);
    Tree slots = optimizer.init(parameters);
    TreeBuilder<Tensor> extra;
    if (options.average_decay > 0) extra.add("average", parameters);
    if (options.scale_loss) extra.add("scaling", initial_scaling());
    if (options.spike > 0) extra.add("guard.mean", zeros({})).add("guard.count", zeros({}, DataType::INT32));
    if (options.plateau) extra.add("plateau", optim::initial_plateau(*options.plateau));
    return {std::move(parameters), std::move(slots), next, extra.build()};
}

Tensor StepFunction::loss(const Tree& parameters, const Samples& samples, const Key& dropout) const {
    return model.loss(parameters, samples.inputs, samples.targets, dropout);
}

std::pair<State, Tree> StepFunction::operator()(const State& state, const Samples& batch) const {
    const Backward found = backward(state.parameters, state.key, state.extra, batch);
    const Key dropout = split(state.key)[0];
    return updated(state, found, {.value = found.loss, .function = [&](const Tree& parameters) {
                                      return loss(parameters, batch, dropout);
                                  }});
}

std::pair<State, Tree> StepFunction::update(const State& state, const Backward& found) const {
    return updated(state, found, {.value = found.loss, .function = {}});
}

Backward StepFunction::backward(const Tree& parameters, const Key& key, const Tree& extra, const Samples& batch) const {
    const Key dropout = split(key)[0];
    const auto scale = [&](DataType type) { return convert(extra["scaling.scale"], type); };
    const auto scaled_loss = [&](const Tree& of, const Samples& samples, const Key& masks) {
        const Tensor value = loss(of, samples, masks);
        return options.scale_loss ? value * scale(value.type()) : value;
    };
    const auto value_and_gradient = [&](const Tree& of, const Samples& samples, const Key& masks) {
        auto result = value_and_grad(scaled_loss)(of, samples, masks);
        if (options.place_gradients) result.second = options.place_gradients(result.second);
        return result;
    };
    Backward found;
    if (options.micro_batches == 1)
        std::tie(found.loss, found.gradient) = value_and_gradient(parameters, batch, dropout);
    else
        found = accumulated(value_and_gradient, parameters, batch, dropout, options.micro_batches);
    if (options.scale_loss) {
        found.loss = found.loss / scale(found.loss.type());
        found.gradient = found.gradient.map([&](const Tensor& g) { return g / scale(g.type()); });
    }
    return found;
}

std::pair<State, Tree> StepFunction::updated(const State& state, const Backward& found,
                                             const optim::StepLoss& loss) const {
    const auto& [value, gradient] = found;
    const Tree scaling = state.extra.subtree("scaling"), guard = state.extra.subtree("guard");
    auto [updates, slots] = optimizer.update(gradient, state.optimizer, state.parameters, loss);
    TreeBuilder<Tensor> metrics, extra;
    metrics.add("loss", value);
    Tree plateau = state.extra.subtree("plateau");
    if (options.plateau) {
        plateau = optim::next_plateau(plateau, value, *options.plateau);
        const Tensor& scale = plateau["scale"];
        updates = updates.map([&](const Tensor& update) { return update * convert(scale, update.type()); });
        metrics.add("rate_scale", scale);
    }
    Tree parameters = optim::apply_updates(state.parameters, updates), optimizer_state = slots;

    const bool needs_norm = options.log_norms || options.guard || options.scale_loss;
    const Tensor norm = needs_norm ? optim::global_norm(gradient) : Tensor();
    if (options.log_norms) {
        metrics.add("gradient_norm", norm);
        metrics.add("update_ratio", optim::global_norm(updates) / optim::global_norm(state.parameters));
    }
    Tensor kept;  // whether the state stays as it is
    if (options.guard) {
        Tensor refused = logical_not(is_finite(value));
        if (!options.scale_loss) refused = refused | logical_not(is_finite(norm));
        if (options.spike > 0) refused = refused | is_spike(guard, value, options.spike);
        metrics.add("refused", refused);
        kept = refused;
    }
    if (options.scale_loss) {
        const Tensor overflow = logical_not(is_finite(norm));
        const Tree scaled = next_scaling(scaling, overflow);
        metrics.add("loss_scale", scaling["scale"]).add("skipped_steps", scaled["skipped"]);
        extra.add("scaling", scaled);
        kept = options.guard ? kept | overflow : overflow;
    }
    if (options.guard || options.scale_loss) {
        parameters = chosen(kept, state.parameters, parameters);
        optimizer_state = chosen(kept, state.optimizer, optimizer_state);
        plateau = chosen(kept, state.extra.subtree("plateau"), plateau);
    }
    if (options.average_decay > 0)
        extra.add("average", averaged(state.extra.subtree("average"), parameters, options.average_decay));
    if (options.spike > 0) extra.add("guard", chosen(kept, guard, watched(guard, value)));
    extra.add("plateau", plateau);
    Tree extra_state = state.extra;  // in the order that the state has
    const Tree made = extra.build();
    for (std::size_t i = 0; i < extra_state.size(); ++i) extra_state.leaves()[i] = made[extra_state.path(i)];
    return {State{std::move(parameters), std::move(optimizer_state), split(state.key)[1], std::move(extra_state)},
            metrics.build()};
}

Quality QualityFunction::operator()(const Tree& parameters, const Samples& batch) const {
    const Tensor logits = model(parameters, batch.inputs);
    return {nn::cross_entropy(logits, batch.targets), nn::accuracy(logits, batch.targets)};
}

}  // namespace podium::train

#include "podium/optim/scaling.h"

namespace podium::optim {

GradientTransform scale(double step_size) {
    return per_leaf("scale", {}, [=](const Leaf& leaf) { return leaf.with(step_size * leaf.update); });
}

GradientTransform scale_by_schedule(Schedule schedule) {
    return per_leaf(
        "scale_by_schedule", {}, [](const Leaf& leaf) { return leaf.with(leaf.scalars[0] * leaf.update); },
        [schedule = std::move(schedule)](const Tensor& count, DataType type) -> Tensors {
            return {schedule(count, type)};
        });
}

GradientTransform scale_by_learning_rate(const Schedule& learning_rate) {
    if (const auto rate = learning_rate.constant()) return scale(-*rate);
    return scale_by_schedule(learning_rate.negated());
}

double constant_rate(std::string_view method, const Schedule& learning_rate) {
    if (const auto rate = learning_rate.constant()) return *rate;
    fail(Code::INVALID_ARGUMENT, "{}: finds its own step sizes and takes no schedule; make the learning rate constant",
         method);
}

bool Mask::operator()(std::string_view path, const Shape& shape) const {
    if (!predicate_) return true;
    Shape layer(shape.type, shape.dims);
    if (path.find('*') != std::string_view::npos) layer.dims.erase(layer.dims.begin());  // the stack
    return predicate_(path, layer);
}

bool is_matrix(std::string_view, const Shape& shape) { return shape.rank() >= 2; }

GradientTransform add_decayed_weights(const Schedule& weight_decay, Mask mask) {
    const auto constant = weight_decay.constant();
    const auto decayed = [=, mask = std::move(mask)](const Leaf& leaf) {
        if (constant == 0.0 || !mask(leaf.path, leaf.parameter.shape())) return leaf.with(leaf.update);
        return leaf.with(leaf.update + (constant ? *constant : Operand(leaf.scalars[0])) * leaf.parameter);
    };
    if (constant) return per_leaf("add_decayed_weights", {}, decayed);
    return per_leaf("add_decayed_weights", {}, decayed,
                    [=](const Tensor& count, DataType type) -> Tensors { return {weight_decay(count, type)}; });
}

GradientTransform trace(double decay, bool nesterov) {
    return per_leaf("trace", {slot("momentum", zeros_like)}, [=](const Leaf& leaf) {
        const Tensor momentum = leaf.update + decay * leaf.slots[0];
        return leaf.with(nesterov ? leaf.update + decay * momentum : momentum, {momentum});
    });
}

}  // namespace podium::optim

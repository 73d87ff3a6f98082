#include "podium/train/loss_scaling.h"

#include <limits>

#include "podium/optim/gradient_transform.h"

namespace podium::train {

Tree initial_scaling() {
    return TreeBuilder<Tensor>()
        .add("scale", full({}, FIRST_SCALE))
        .add("good_steps", zeros({}, DataType::INT32))
        .add("skipped", zeros({}, DataType::INT32))
        .build();
}

Tree next_scaling(const Tree& scaling, const Tensor& overflow) {
    const Tensor &scale = scaling["scale"], &good = scaling["good_steps"], &skipped = scaling["skipped"];
    const Tensor grows = greater_equal(good, SCALE_INTERVAL - 1);
    const Tensor larger = scale * SCALE_FACTOR;
    const Tensor grown = select(grows & is_finite(larger), larger, scale);
    const Tensor smaller = maximum(scale / SCALE_FACTOR, static_cast<double>(std::numeric_limits<float>::min()));
    return TreeBuilder<Tensor>()
        .add("scale", select(overflow, smaller, grown))
        .add("good_steps", select(overflow | grows, zeros_like(good), good + 1))
        .add("skipped", select(overflow, optim::safe_increment(skipped), skipped))
        .build();
}

}  // namespace podium::train

#include "podium/optim/moments.h"

namespace podium::optim {

Tensor moved(const Tensor& moment, double decay, const Tensor& x) { return (1.0 - decay) * x + decay * moment; }

StepScalars corrections(std::vector<double> decays) {
    return [decays = std::move(decays)](const Tensor& count, DataType type) -> Tensors {
        const Tensor step = convert(safe_increment(count), type);
        Tensors scalars;
        for (const double decay : decays) scalars.push_back(1.0 - power(decay, step));
        return scalars;
    };
}

GradientTransform moving_average(double decay) {
    return per_leaf("moving_average", {slot("first_moment", zeros_like)}, [=](const Leaf& leaf) {
        const Tensor mean = moved(leaf.slots[0], decay, leaf.update);
        return leaf.with(mean, {mean});
    });
}

}  // namespace podium::optim

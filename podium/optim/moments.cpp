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

}  // namespace podium::optim

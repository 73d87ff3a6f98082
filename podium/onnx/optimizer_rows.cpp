#include "podium/numeric/numeric.h"
#include "podium/onnx/node_rows.h"

namespace podium::onnx {
namespace {

/// What an optimizer makes of one parameter: the new one, then its new state.
using UpdateOne = Tensors (*)(const Call& call, const Tensor& rate, const Tensor& step, const Tensors& of_one);

/// The inputs are the rate, the step's number, all parameters, all gradients, and each kind of state of all.
template <UpdateOne UPDATE, std::size_t MEMBERS>
Tensors for_each_parameter(const Call& call) {
    const Tensor &rate = call.in(0), &step = call.in(1);
    if ((call.count() - 2) % MEMBERS != 0) call.refuse("its inputs are not as many for each parameter");
    const std::size_t parameters = (call.count() - 2) / MEMBERS;
    Tensors results((MEMBERS - 1) * parameters);
    for (std::size_t i = 0; i < parameters; ++i) {
        Tensors of_one;
        for (std::size_t member = 0; member < MEMBERS; ++member) of_one.push_back(call.in(2 + member * parameters + i));
        const Tensors updated = UPDATE(call, convert(rate, of_one[0].type()), convert(step, of_one[0].type()), of_one);
        for (std::size_t member = 0; member < updated.size(); ++member)
            results[member * parameters + i] = updated[member];
    }
    return results;
}

/// Returns the gradient of the loss with the norm's penalty.
Tensor regularized(const Call& call, const Tensors& of_one) {
    return of_one[0] * call.real("norm_coefficient", 0.0) + of_one[1];
}

/// Source: Duchi et al. 2011, Journal of Machine Learning Research 12, with ONNX's decay.
Tensors adagrad(const Call& call, const Tensor& rate, const Tensor& step, const Tensors& of_one) {
    const Tensor gradient = regularized(call, of_one);
    const Tensor squares = of_one[2] + square(gradient);
    const Tensor decayed = rate / (step * call.real("decay_factor", 0.0) + 1.0);
    return {of_one[0] - decayed * gradient / (sqrt(squares) + call.real("epsilon", 1e-6)), squares};
}

/// Source: Kingma and Ba 2014, arXiv:1412.6980, with epsilon outside of the correction.
Tensors adam(const Call& call, const Tensor& rate, const Tensor& step, const Tensors& of_one) {
    const double alpha = call.real("alpha", 0.9), beta = call.real("beta", 0.999);
    const Tensor gradient = regularized(call, of_one);
    const Tensor momentum = of_one[2] * alpha + gradient * (1 - alpha);
    const Tensor squares = of_one[3] * beta + square(gradient) * (1 - beta);
    const Tensor one = ones_like(step);
    const Tensor corrected = rate * sqrt(1.0 - power(one * beta, step)) / (1.0 - power(one * alpha, step));
    const Tensor adjusted = select(greater(step, 0.0), corrected, rate);
    const Tensor next = of_one[0] - adjusted * (momentum / (sqrt(squares) + call.real("epsilon", 1e-6)));
    return {next * (1 - call.real("norm_coefficient_post", 0.0)), momentum, squares};
}

/// Source: Sutskever et al. 2013, ICML, for Nesterov's form.
Tensors momentum_step(const Call& call, const Tensor& rate, const Tensor& step, const Tensors& of_one) {
    const double alpha = call.real("alpha", 0.9);
    const Tensor gradient = regularized(call, of_one);
    const Tensor share = select(greater(step, 0.0), ones_like(step) * call.real("beta", 1.0), ones_like(step));
    const Tensor momentum = of_one[2] * alpha + share * gradient;
    const bool nesterov = call.text("mode", "standard") == "nesterov";
    return {of_one[0] - rate * (nesterov ? gradient + momentum * alpha : momentum), momentum};
}

constexpr std::string_view TRAINING = "ai.onnx.preview.training";

constexpr NodeRow OPTIMIZER_ROWS[] = {
    {TRAINING, "Adagrad", 1, for_each_parameter<adagrad, 3>},
    {TRAINING, "Adam", 1, for_each_parameter<adam, 4>},
    {TRAINING, "Momentum", 1, for_each_parameter<momentum_step, 3>},
};

}  // namespace

std::span<const NodeRow> optimizer_rows() { return OPTIMIZER_ROWS; }

}  // namespace podium::onnx

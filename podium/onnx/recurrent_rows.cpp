#include <algorithm>
#include <cctype>

#include "podium/numeric/numeric.h"
#include "podium/onnx/arithmetic.h"
#include "podium/onnx/node_rows.h"

namespace podium::onnx {
namespace {

/// A recurrent node's activation functions, in order, with the numbers that some of them have.
class GateFunctions {
public:
    GateFunctions(const Call& call, const std::vector<std::string>& usual, std::size_t directions) : call_(call) {
        const auto found = call.node().attributes.find(std::string_view("activations"));
        if (found != call.node().attributes.end()) names_ = found->second.texts;
        while (names_.size() < usual.size() * directions) names_.push_back(usual[names_.size() % usual.size()]);
        alphas_ = call.reals("activation_alpha");
        betas_ = call.reals("activation_beta");
    }
    Tensor operator()(std::size_t i, const Tensor& x) const {
        std::string name = names_.at(i);
        std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
        const auto alpha = [&](double otherwise) { return i < alphas_.size() ? alphas_[i] : otherwise; };
        const auto beta = [&](double otherwise) { return i < betas_.size() ? betas_[i] : otherwise; };
        if (name == "tanh") return tanh(x);
        if (name == "sigmoid") return logistic(x);
        if (name == "relu") return maximum(x, 0.0);
        if (name == "affine") return x * alpha(1.0) + beta(0.0);
        if (name == "leakyrelu") return select(less(x, 0.0), x * alpha(0.01), x);
        if (name == "thresholdedrelu") return select(greater(x, alpha(1.0)), x, zeros_like(x));
        if (name == "scaledtanh") return tanh(x * beta(1.0)) * alpha(1.0);
        if (name == "hardsigmoid") return clip(x * alpha(0.2) + beta(0.5), 0.0, 1.0);
        if (name == "elu") return select(less(x, 0.0), expm1(x) * alpha(1.0), x);
        if (name == "softsign") return x / (abs(x) + 1.0);
        if (name == "softplus") return log1p(exp(-abs(x))) + maximum(x, 0.0);
        call_.refuse(fmt::format("there is no activation \"{}\"", names_[i]));
    }

private:
    const Call& call_;
    std::vector<std::string> names_;
    std::vector<double> alphas_, betas_;
};

/// One direction's weights.
struct Direction {
    Tensor input, recurrent;            ///< [gates * hidden, inputs], [gates * hidden, hidden]
    Tensor input_bias, recurrent_bias;  ///< [gates * hidden]
    Tensor peephole;                    ///< [3 * hidden], or not defined
    std::size_t first_function = 0;
};

/// Returns piece `i` of `count` along the last dimension.
Tensor piece(const Tensor& x, std::int64_t i, std::int64_t count) {
    const auto size = x.dim(-1) / count;
    return slice_axis(x, -1, i * size, (i + 1) * size);
}

/// A cell maps (x · Wᵀ + bias [batch, gates * hidden], state) to the next state, whose first is the output.
using Cell = Tensors (*)(const Call&, const GateFunctions&, const Direction&, const Tensor& inputs, const Tensors&);

Tensor clipped(const Call& call, const Tensor& x) {
    return call.has("clip") ? clip(x, -call.real("clip", 0), call.real("clip", 0)) : x;
}
Tensor product_of(const Tensor& x, const Tensor& weight) { return matmul(x, transpose(weight)); }

Tensors rnn_cell(const Call& call, const GateFunctions& f, const Direction& d, const Tensor& inputs,
                 const Tensors& state) {
    const Tensor sum = inputs + product_of(state[0], d.recurrent) + d.recurrent_bias;
    return {f(d.first_function, clipped(call, sum))};
}

Tensors lstm_cell(const Call& call, const GateFunctions& f, const Direction& d, const Tensor& inputs,
                  const Tensors& state) {
    const Tensor& cell = state[1];
    const Tensor gates = inputs + product_of(state[0], d.recurrent) + d.recurrent_bias;
    const auto gate = [&](std::int64_t i, std::int64_t peep, const Tensor& seen) {
        const Tensor sum = piece(gates, i, 4);
        return clipped(call, d.peephole.defined() && peep >= 0 ? sum + piece(d.peephole, peep, 3) * seen : sum);
    };
    const auto first = d.first_function;
    const Tensor in = f(first, gate(0, 0, cell));
    const Tensor forget = call.flag("input_forget") ? 1.0 - in : f(first, gate(2, 2, cell));
    const Tensor next = forget * cell + in * f(first + 1, gate(3, -1, cell));
    const Tensor out = f(first, gate(1, 1, next));
    return {out * f(first + 2, next), next};
}

Tensors gru_cell(const Call& call, const GateFunctions& f, const Direction& d, const Tensor& inputs,
                 const Tensors& state) {
    const Tensor& hidden = state[0];
    const auto size = hidden.dim(-1), first = std::int64_t{0};
    const auto rows = [&](const Tensor& x, std::int64_t from, std::int64_t to) {
        return slice_axis(x, 0, from * size, to * size);
    };
    const Tensor both = product_of(hidden, rows(d.recurrent, first, 2)) + rows(d.recurrent_bias, first, 2);
    const Tensor update = f(d.first_function, clipped(call, piece(inputs, 0, 3) + piece(both, 0, 2)));
    const Tensor reset = f(d.first_function, clipped(call, piece(inputs, 1, 3) + piece(both, 1, 2)));
    const Tensor weight = rows(d.recurrent, 2, 3), bias = rows(d.recurrent_bias, 2, 3);
    const Tensor seen = call.flag("linear_before_reset") ? reset * (product_of(hidden, weight) + bias)
                                                         : product_of(reset * hidden, weight) + bias;
    const Tensor fresh_part = f(d.first_function + 1, clipped(call, piece(inputs, 2, 3) + seen));
    return {(1.0 - update) * fresh_part + update * hidden};
}

/// Turns the first lengths[b] steps of each sequence around; all of them without lengths. x: [time, batch, …].
Tensor turned_around(const Tensor& x, const Tensor& lengths) {
    if (!lengths.defined()) return reverse(x, {0});
    const Tensor step = iota(x.dims(), 0);
    const Tensor length = broadcast_to(along_axis(lengths, 1, x.rank()), x.dims());
    return take_along_axis(x, select(less(step, length), length - 1 - step, step), 0);
}

struct Ran {
    Tensor outputs;  ///< [time, batch, hidden]
    Tensors last;
};

Ran run_direction(const Call& call, Cell cell, const GateFunctions& functions, const Direction& d, const Tensor& x,
                  const Tensors& start, const Tensor& lengths) {
    const Tensor inputs = matmul(x, transpose(d.input)) + d.input_bias;
    Tensors slices{inputs};
    if (lengths.defined()) slices.push_back(arange(x.dim(0)));
    const Tensors results = scan_list(
        [&](const Tensors& in) -> Tensors {
            const Tensors state(in.begin(), in.begin() + std::ssize(start));
            Tensors next = cell(call, functions, d, in[start.size()], state);
            Tensor output = next[0];
            if (lengths.defined()) {
                const Tensor runs = expand_dims(less(in.back(), lengths), -1);
                output = where(runs, output, zeros_like(output));
                for (std::size_t i = 0; i < next.size(); ++i) next[i] = where(runs, next[i], state[i]);
            }
            next.push_back(output);
            return next;
        },
        start, slices, x.dim(0));
    return {results.back(), Tensors(results.begin(), results.end() - 1)};
}

struct Recurrent {
    std::int64_t gates;
    std::size_t states;
    Cell cell;
    std::vector<std::string> functions;
};

Tensors recurrent(const Call& call, const Recurrent& kind) {
    const bool batch_first = call.flag("layout");
    const Tensor x = batch_first ? swap_axes(call.in(0), 0, 1) : call.in(0);  // [time, batch, inputs]
    const Tensor &weight = call.in(1), &recurrent_weight = call.in(2);
    const auto directions = weight.dim(0), hidden = recurrent_weight.dim(2), batch = x.dim(1);
    const auto direction = call.text("direction", "forward");
    const Tensor lengths = call.has(4) ? convert(call.in(4), DataType::INT32) : Tensor();
    const GateFunctions functions(call, kind.functions, static_cast<std::size_t>(directions));
    const auto of = [](const Tensor& all, std::int64_t i, std::int64_t axis = 0) {
        return squeeze(slice_axis(all, axis, i, i + 1), axis);
    };
    Tensors outputs;
    std::vector<Tensors> last(kind.states);
    for (std::int64_t i = 0; i < directions; ++i) {
        Direction d{.input = of(weight, i), .recurrent = of(recurrent_weight, i)};
        const Tensor bias = call.has(3) ? of(call.in(3), i) : zeros({2 * kind.gates * hidden}, x.type());
        d.input_bias = piece(bias, 0, 2);
        d.recurrent_bias = piece(bias, 1, 2);
        if (kind.states == 2 && call.has(7)) d.peephole = of(call.in(7), i);
        d.first_function = static_cast<std::size_t>(i) * kind.functions.size();
        Tensors start;
        for (std::size_t state = 0; state < kind.states; ++state)
            start.push_back(call.has(5 + state) ? of(call.in(5 + state), i, batch_first ? 1 : 0)
                                                : zeros({batch, hidden}, x.type()));
        const bool backward = direction == "reverse" || i == 1;
        auto ran =
            run_direction(call, kind.cell, functions, d, backward ? turned_around(x, lengths) : x, start, lengths);
        outputs.push_back(backward ? turned_around(ran.outputs, lengths) : ran.outputs);
        for (std::size_t state = 0; state < kind.states; ++state) last[state].push_back(ran.last[state]);
    }
    const Tensor all = stack(outputs, 1);  // [time, directions, batch, hidden]
    Tensors results{batch_first ? transpose(all, {2, 0, 1, 3}) : all};
    for (const auto& state : last) results.push_back(stack(state, batch_first ? 1 : 0));
    return results;
}

Tensors rnn(const Call& call) { return recurrent(call, {1, 1, rnn_cell, {"Tanh"}}); }
Tensors lstm(const Call& call) { return recurrent(call, {4, 2, lstm_cell, {"Sigmoid", "Tanh", "Tanh"}}); }
Tensors gru(const Call& call) { return recurrent(call, {3, 1, gru_cell, {"Sigmoid", "Tanh"}}); }

constexpr NodeRow RECURRENT_ROWS[] = {
    {"", "GRU", 1, gru},
    {"", "LSTM", 1, lstm},
    {"", "RNN", 1, rnn},
};

}  // namespace

std::span<const NodeRow> recurrent_rows() { return RECURRENT_ROWS; }

}  // namespace podium::onnx

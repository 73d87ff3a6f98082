#include "podium/optim/kfac.h"

#include "podium/numeric/linalg_solve.h"
#include "podium/numeric/matrices.h"
#include "podium/optim/moments.h"
#include "podium/optim/tree_math.h"
#include "podium/transform/weight_products.h"

namespace podium::optim {
namespace {

constexpr double SMALLEST_TRACE = 1e-30;
constexpr double SMALLEST_CHANGE = 1e-30;

/// Returns a: [m, m], with zeros up to [n, n].
Tensor filled_up(const Tensor& a, std::int64_t n) {
    const std::int64_t more = n - a.dim(0);
    return pad(a, 0.0, {0, 0}, {more, more});
}

/// Returns the first n rows and columns.
Tensor corner(const Tensor& a, std::int64_t n) { return slice(a, {0, 0}, {n, n}); }

Tensor mean_diagonal(const Tensor& a) {
    return maximum(sum(linalg::main_diagonal(a)) / static_cast<double>(a.dim(0)), SMALLEST_TRACE);
}

Tensor inverse_of(const Tensor& a, const Tensor& damping) {
    const Tensor unit = eye(a.dim(0), a.type());
    return linalg::cholesky_solve(cholesky(a + damping * unit), unit);
}

/// A layer's second moments, or what is made of them: of its inputs, a one behind them where it has a bias, and of its
/// outputs' gradients.
struct Factors {
    Tensor inputs, outputs;

    /// Source: Martens and Grosse 2015, arXiv:1503.05671, section 6.3 (factored Tikhonov regularization, pi by the
    /// traces).
    Factors inverted(double damping) const {
        const Tensor pi = sqrt(mean_diagonal(inputs) / mean_diagonal(outputs));
        return {inverse_of(inputs, std::sqrt(damping) * pi), inverse_of(outputs, std::sqrt(damping) / pi)};
    }
};

/// Returns the second moments of this step. The loss being a mean over rows, a row's own gradient is `rows` times what
/// it adds.
Factors factors_of(const WeightProduct& layer) {
    Tensor inputs = wide(layer.inputs);
    const Tensor gradients = wide(layer.gradients);
    const std::int64_t count = inputs.dim(0);
    if (layer.bias) inputs = concatenate({inputs, ones({count, 1}, inputs.type())}, 1);
    const auto rows = static_cast<double>(count);
    return {matmul(transpose(inputs) / rows, inputs), matmul(transpose(gradients) * rows, gradients)};
}

/// The names of a layer's factors in the state.
std::array<std::string, 2> names_of(const WeightProduct& layer, const std::string& path, const char* suffix) {
    std::array names{fmt::format("rows{}.{}", suffix, path), fmt::format("columns{}.{}", suffix, path)};
    if (layer.transposed) std::swap(names[0], names[1]);
    return names;
}

}  // namespace

/// Source: Martens and Grosse 2015, arXiv:1503.05671, algorithm 2 without its quadratic model (rescaling, momentum,
/// adapted damping), with the block-diagonal inverse of section 4.2; Ba, Grosse and Martens 2017 (the norm constraint);
/// kfac-jax. The factors are of the loss's own gradients (the empirical Fisher matrix), for nothing can be drawn from a
/// model whose loss alone is known.
///   A' = c A + (1 - c) E[a a^T], G' = c G + (1 - c) E[g g^T], c = min(1 - 1 / t, decay); a = (inputs, 1)
///   pi = sqrt(mean(diag A') / mean(diag G'))
///   V  = (A' + pi sqrt(damping) I)^-1 (W's gradients, the bias's) (G' + sqrt(damping) / pi I)^-1
///   U  = min(1, sqrt(constraint / (learning_rate^2 <V, gradients> of all layers))) V
GradientTransform scale_by_kfac(const Schedule& learning_rate, const KfacOptions& options) {
    expect_positive("scale_by_kfac", options.every);
    if (!(options.damping > 0.0))
        fail(Code::INVALID_ARGUMENT, "scale_by_kfac: a damping of {}; give a number above 0", options.damping);
    const auto may_have_factors = [options](const std::string& path, const Shape& shape) {
        return shape.rank() == 2 && path.find('*') == std::string::npos && options.matrices(path, shape) &&
               std::max(shape.dims[0], shape.dims[1]) <= options.largest;
    };
    const auto init = [=](const Tree& parameters) {
        const Tree zero = parameters.map(zeros_like);
        TreeBuilder<Tensor> state;
        state.add("count", zeros({}, DataType::INT32)).add("first_moment", zero).add("second_moment", zero);
        for (const char* const suffix : {"", "_inverse"})
            for (const std::size_t axis : {std::size_t{0}, std::size_t{1}})
                for (std::size_t i = 0; i < parameters.size(); ++i) {
                    const Tensor& p = parameters.leaves()[i];
                    if (!may_have_factors(parameters.path(i), p.shape())) continue;
                    const std::int64_t n = p.dims()[axis] + 1;
                    state.add(fmt::format("{}{}.{}", axis == 0 ? "rows" : "columns", suffix, parameters.path(i)),
                              wide(zeros({n, n}, p.type())));
                }
        return state.build();
    };
    const auto update = [=](const Tree& updates, const Tree& state, const Tree& parameters, const StepLoss& loss) {
        expect_same_paths("scale_by_kfac", updates, parameters);
        expect_loss_function("scale_by_kfac", loss);
        const Tensor& count = state["count"];
        const DataType type = scalar_type(updates);
        const Tensors corrected = corrections({options.beta1, options.beta2})(count, type);
        const Tree first = zipped([&](const Tensor& g, const Tensor& m) { return moved(m, options.beta1, g); }, updates,
                                  state.subtree("first_moment"));
        const Tree second = zipped([&](const Tensor& g, const Tensor& v) { return moved(v, options.beta2, square(g)); },
                                   updates, state.subtree("second_moment"));
        const Tree mean = first.map([&](const Tensor& m) { return m / convert(corrected[0], m.type()); });
        Tree changed = zipped(
            [&](const Tensor& m, const Tensor& v) {
                return options.rest_scale * m / (sqrt(v / convert(corrected[1], v.type())) + options.epsilon);
            },
            mean, second);
        Tree next = state;
        Tensor change = zeros({}, type);
        std::vector<std::size_t> constrained;
        const auto layers =
            weight_products([&](const Tensors& leaves) { return loss.function(Tree(parameters.paths(), leaves)); },
                            parameters.leaves());
        for (const auto& layer : layers) {
            const std::string& path = parameters.path(layer.weight);
            const Tensor& weight = parameters.leaves()[layer.weight];
            if (!may_have_factors(path, weight.shape())) continue;
            const auto kept = names_of(layer, path, ""), inverses = names_of(layer, path, "_inverse");
            const Factors now = factors_of(layer);
            const std::int64_t inputs = now.inputs.dim(0), outputs = now.outputs.dim(0);
            const Tensor step = convert(safe_increment(count), now.inputs.type());
            const Tensor share = minimum(1.0 - 1.0 / step, options.decay);
            const auto mixed = [&](const std::string& name, const Tensor& x) {
                return share * state[name] + (1.0 - share) * filled_up(x, state[name].dim(0));
            };
            next[kept[0]] = mixed(kept[0], now.inputs);
            next[kept[1]] = mixed(kept[1], now.outputs);
            const auto invert = [&](const Tensors& x) {
                const Factors inverted = Factors{corner(x[0], inputs), corner(x[1], outputs)}.inverted(options.damping);
                return Tensors{filled_up(inverted.inputs, x[0].dim(0)), filled_up(inverted.outputs, x[1].dim(0))};
            };
            const Tensors inverted = cond(equal(remainder(count, options.every), 0), invert,
                                          [](const Tensors& x) {
                                              return Tensors{x[2], x[3]};
                                          },
                                          {next[kept[0]], next[kept[1]], state[inverses[0]], state[inverses[1]]});
            next[inverses[0]] = inverted[0];
            next[inverses[1]] = inverted[1];
            Tensor gradient = wide(mean.leaves()[layer.weight]);
            if (layer.transposed) gradient = transpose(gradient);
            if (layer.bias) gradient = concatenate({gradient, expand_dims(wide(mean.leaves()[*layer.bias]), 0)}, 0);
            const Tensor way = matmul(matmul(corner(inverted[0], inputs), gradient), corner(inverted[1], outputs));
            change = change + convert(sum(way * gradient), type);
            constrained.push_back(layer.weight);
            if (layer.bias) constrained.push_back(*layer.bias);
            const std::int64_t own = layer.bias ? inputs - 1 : inputs;
            const Tensor of_weight = slice_axis(way, 0, 0, own);
            changed.leaves()[layer.weight] =
                convert(layer.transposed ? transpose(of_weight) : of_weight, weight.type());
            if (layer.bias) {
                Tensor& bias = changed.leaves()[*layer.bias];
                bias = convert(squeeze(slice_axis(way, 0, own, inputs), 0), bias.type());
            }
        }
        if (options.norm_constraint > 0.0) {
            const Tensor rate = learning_rate(count, type);
            const Tensor share = options.norm_constraint / maximum(square(rate) * change, SMALLEST_CHANGE);
            const Tensor shorter = minimum(sqrt(share), 1.0);
            for (const auto i : constrained) {
                Tensor& leaf = changed.leaves()[i];
                leaf = convert(shorter, leaf.type()) * leaf;
            }
        }
        next["count"] = safe_increment(count);
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            next[join_path("first_moment", parameters.path(i))] = first.leaves()[i];
            next[join_path("second_moment", parameters.path(i))] = second.leaves()[i];
        }
        return std::pair{changed, next};
    };
    return {"scale_by_kfac", init, update};
}

GradientTransform kfac(const Schedule& learning_rate, const KfacOptions& options) {
    return named("kfac",
                 chain(scale_by_kfac(learning_rate, options), add_decayed_weights(options.weight_decay, options.mask),
                       scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim

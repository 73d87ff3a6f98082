#include "podium/optim/galore.h"

#include "podium/numeric/linalg_spectral.h"
#include "podium/optim/adam.h"
#include "podium/optim/tree_math.h"

namespace podium::optim {
namespace {

/// How a matrix is projected: on its rows' space where these are the longer dimension, else on its columns'.
struct Projection {
    bool of_rows;
    std::int64_t rank;

    static Projection of(const Tensor& x, std::int64_t rank) {
        return {x.dim(-2) >= x.dim(-1), std::min({rank, x.dim(-2), x.dim(-1)})};
    }
    Dims with_last(const Tensor& x, std::int64_t rows, std::int64_t columns) const {
        Dims dims = x.dims();
        dims[dims.size() - 2] = rows;
        dims[dims.size() - 1] = columns;
        return dims;
    }
    Dims projector_dims(const Tensor& x) const { return with_last(x, of_rows ? x.dim(-2) : x.dim(-1), rank); }
    Dims projected_dims(const Tensor& x) const {
        return of_rows ? with_last(x, rank, x.dim(-1)) : with_last(x, x.dim(-2), rank);
    }
    Tensor project(const Tensor& x, const Tensor& projector) const {
        return of_rows ? matmul(swap_axes(projector, -2, -1), x) : matmul(x, projector);
    }
    Tensor back(const Tensor& x, const Tensor& projector) const {
        return of_rows ? matmul(projector, x) : matmul(x, swap_axes(projector, -2, -1));
    }
    /// Returns the first singular vectors: […, longer, rank].
    Tensor projector(const Tensor& gradient) const {
        const auto [u, s, vh] = linalg::svd(wide(gradient), false);
        const Tensor all = of_rows ? u : swap_axes(vh, -2, -1);
        const Tensor first = slice_axis(all, all.rank() - 1, 0, rank);
        const Tensor sums = sum(first, {first.rank() - 2}, true);
        return convert(select(broadcast_to(sums >= 0.0, first.dims()), first, -first), gradient.type());
    }
};

}  // namespace

/// Source: Zhao et al. 2024, arXiv:2403.03507, algorithm 2; optax, contrib.scale_by_galore.
///   P  = the first singular vectors of g every so many updates, u = scale * P inner(P^T g), or of g P where rows are
///   the shorter dimension
GradientTransform scale_by_galore(const GradientTransform& inner, const GaloreOptions& options) {
    if (options.rank < 1) fail(Code::INVALID_ARGUMENT, "scale_by_galore: a rank of {}; give at least 1", options.rank);
    expect_positive("scale_by_galore", options.every);
    const auto is_projected = [matrices = options.matrices](const Tree& tree, std::size_t i) {
        return matrices(tree.path(i), tree.leaves()[i].shape()) && tree.leaves()[i].shape().count() > 0;
    };
    const auto init = [=](const Tree& parameters) {
        Tree projector = parameters, projected = parameters;
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            const Tensor& p = parameters.leaves()[i];
            projector.leaves()[i] = zeros({0, 0}, p.type());
            projected.leaves()[i] = zeros_like(p);
            if (!is_projected(parameters, i)) continue;
            const auto how = Projection::of(p, options.rank);
            projector.leaves()[i] = zeros(how.projector_dims(p), p.type());
            projected.leaves()[i] = zeros(how.projected_dims(p), p.type());
        }
        return TreeBuilder<Tensor>()
            .add("count", zeros({}, DataType::INT32))
            .add("base", inner.init(projected))
            .add("projector", projector)
            .build();
    };
    const auto update = [=](const Tree& updates, const Tree& state, const Tree& parameters, const StepLoss& loss) {
        expect_same_paths("scale_by_galore", updates, parameters);
        const Tensor& count = state["count"];
        const Tensor begins = equal(remainder(count, options.every), 0);
        Tree projector = in_order(state.subtree("projector"), updates), projected = updates;
        for (std::size_t i = 0; i < updates.size(); ++i) {
            if (!is_projected(updates, i)) continue;
            const Tensor& gradient = updates.leaves()[i];
            const auto how = Projection::of(gradient, options.rank);
            Tensor& own = projector.leaves()[i];
            own = cond(
                begins, [&](const Tensors& operands) { return Tensors{how.projector(operands[0])}; },
                [](const Tensors& operands) { return Tensors{operands[1]}; }, {gradient, own})[0];
            projected.leaves()[i] = how.project(gradient, own);
        }
        auto [changed, base] = inner.update(projected, state.subtree("base"), projected, {.value = loss.value});
        for (std::size_t i = 0; i < updates.size(); ++i)
            if (is_projected(updates, i))
                changed.leaves()[i] =
                    options.scale *
                    Projection::of(updates.leaves()[i], options.rank).back(changed.leaves()[i], projector.leaves()[i]);
        const Tree next = TreeBuilder<Tensor>()
                              .add("count", safe_increment(count))
                              .add("base", base)
                              .add("projector", projector)
                              .build();
        return std::pair{std::move(changed), next};
    };
    return {"scale_by_galore", init, update};
}

GradientTransform galore(const Schedule& learning_rate, const GaloreOptions& options) {
    const auto base = scale_by_adam({.beta1 = options.beta1, .beta2 = options.beta2, .epsilon = options.epsilon});
    return named("galore",
                 chain(scale_by_galore(base, options), add_decayed_weights(options.weight_decay, options.mask),
                       scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim

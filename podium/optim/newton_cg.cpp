#include "podium/optim/newton_cg.h"

#include "podium/optim/tree_lists.h"
#include "podium/optim/tree_math.h"
#include "podium/transform/transform.h"

namespace podium::optim {

/// Source: Nocedal and Wright 2006, "Numerical optimization", algorithm 7.1; Martens 2010, "Deep learning via
/// Hessian-free optimization" (damping).
GradientTransform scale_by_newton_cg(const NewtonCgOptions& options) {
    const auto update = [options](const Tree& updates, const Tree& state, const Tree& parameters,
                                  const StepLoss& loss) {
        expect_loss_function("scale_by_newton_cg", loss);
        const auto hessian = linearize([&](const Tree& p) { return grad(loss.function)(p); }, parameters).second;
        const Tensor norm = global_norm(updates), least = minimum(sqrt(norm), 0.5) * norm;
        // Solution, residual and direction of H x = g; then its squared residual, the iteration and whether it goes on.
        const auto body = [&](const Tensors& operands) {
            Unpacker unpacker(operands);
            const Tree x = unpacker.take(updates), residual = unpacker.take(updates), way = unpacker.take(updates);
            const Tensor &squared = operands[3 * updates.size()], &iteration = operands[3 * updates.size() + 1];
            Tree product = in_order(hessian(in_order(way, parameters)), updates);
            if (options.damping != 0.0)
                product =
                    zipped([&](const Tensor& h, const Tensor& d) { return h + options.damping * d; }, product, way);
            const Tensor curvature = inner_product(way, product), is_convex = curvature > 0.0;
            const Tensor step = squared / select(is_convex, curvature, 1.0);
            const Tree left = plus_scaled(residual, -step, product);
            const Tensor next = squared_norm(left);
            // Where the curvature is not positive, what was found so far; at first, the gradient.
            const Tree found = chosen(is_convex, plus_scaled(x, step, way), chosen(equal(iteration, 0), updates, x));
            Tensors results = joined({found, left, plus_scaled(left, next / squared, way)});
            results.insert(results.end(), {next, iteration + 1, is_convex & (sqrt(next) >= least)});
            return results;
        };
        const auto goes_on = [&](const Tensors& operands) {
            return Tensors{operands.back() & (operands[operands.size() - 2] < options.iterations)};
        };
        Tensors begin = joined({updates.map(zeros_like), updates, updates});
        begin.insert(begin.end(), {squared_norm(updates), zeros({}, DataType::INT32), norm > 0.0});
        return std::pair{Unpacker(while_loop(goes_on, body, begin)).take(updates), state};
    };
    return {"scale_by_newton_cg", [](const Tree&) { return Tree(); }, update};
}

GradientTransform newton_cg(const Schedule& learning_rate, const NewtonCgOptions& options) {
    return named("newton_cg",
                 zoom_line_search(chain(scale_by_newton_cg(options), scale_by_learning_rate(learning_rate)),
                                  options.line_search));
}

}  // namespace podium::optim

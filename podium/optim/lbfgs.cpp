#include "podium/optim/lbfgs.h"

#include "podium/optim/tree_lists.h"
#include "podium/optim/tree_math.h"

namespace podium::optim {
namespace {

Tensors row_starts(const Tensor& index, std::int64_t rank) {
    Tensors starts(static_cast<std::size_t>(rank), zeros({}, DataType::INT32));
    starts[0] = index;
    return starts;
}

Tree row_of(const Tree& memory, const Tensor& index) {
    return memory.map([&](const Tensor& all) {
        Dims dims = all.dims();
        dims[0] = 1;
        return squeeze(dynamic_slice(all, row_starts(index, all.rank()), dims), 0);
    });
}

Tensor with_row(const Tensor& all, const Tensor& index, const Tensor& row) {
    return dynamic_update_slice(all, expand_dims(row, 0), row_starts(index, all.rank()));
}

/// The steps that are kept, the oldest of them at `oldest`.
struct Memory {
    Tree steps, changes;
    Tensor weights, oldest;
    std::int64_t size;
};

/// Source: Nocedal and Wright 2006, "Numerical optimization", algorithm 7.4; optax, scale_by_lbfgs.
Tree times_inverse_hessian(const Tree& gradient, const Memory& memory, const Tensor& first_scale) {
    const Tensor order = remainder(arange(memory.size) + memory.oldest, memory.size);
    const auto weight = [&](const Tensor& index) { return reshape(dynamic_slice(memory.weights, {index}, {1}), {}); };
    const auto run = [&](const Tree& from, const Tensors& slices, bool backwards) {
        const auto body = [&](const Tensors& operands) {
            Unpacker unpacker(operands);
            const Tree vector = unpacker.take(from);
            const Tensor& index = operands[from.size()];
            const Tree step = row_of(memory.steps, index), change = row_of(memory.changes, index);
            if (backwards) {
                const Tensor alpha = weight(index) * inner_product(step, vector);
                return joined({plus_scaled(vector, -alpha, change), Tree(std::make_shared<const Paths>(), {alpha})});
            }
            const Tensor beta = weight(index) * inner_product(change, vector);
            return plus_scaled(vector, operands.back() - beta, step).leaves();
        };
        return scan_list(body, from.leaves(), slices, memory.size, backwards);
    };
    const Tensors first = run(gradient, {order}, true);
    const Tree scaled_first = scaled(first_scale, Unpacker(first).take(gradient));
    return Unpacker(run(scaled_first, {order, first.back()}, false)).take(gradient);
}

}  // namespace

/// Source: Liu and Nocedal 1989, "On the limited memory BFGS method for large scale optimization"; optax,
/// scale_by_lbfgs.
///   s = p - p_before, y = g - g_before, weight = 1 / <y, s>
///   first curvature: <y, s> / |y|^2, before the first step min(1, 1 / |g|)
GradientTransform scale_by_lbfgs(const LbfgsOptions& options) {
    const std::int64_t size = options.memory;
    if (size < 1) fail(Code::INVALID_ARGUMENT, "scale_by_lbfgs: a memory of {} steps; give at least 1", size);
    const auto state_of = [](const Tensor& count, const Tree& parameters, const Tree& gradient, const Memory& memory) {
        return TreeBuilder<Tensor>()
            .add("count", count)
            .add("parameters", parameters)
            .add("gradient", gradient)
            .add("steps", memory.steps)
            .add("changes", memory.changes)
            .add("weights", memory.weights)
            .build();
    };
    const auto init = [=](const Tree& parameters) {
        const Tree zero = parameters.map(zeros_like), rows = parameters.map([&](const Tensor& p) {
            Dims dims = p.dims();
            dims.insert(dims.begin(), size);
            return zeros(dims, p.type());
        });
        return state_of(zeros({}, DataType::INT32), zero, zero,
                        {rows, rows, zeros({size}, scalar_type(parameters)), {}, size});
    };
    const auto update = [=](const Tree& updates, const Tree& state, const Tree& parameters) {
        expect_same_paths("scale_by_lbfgs", updates, parameters);
        const Tensor &count = state["count"], is_later = count > 0, last = remainder(count + (size - 1), size);
        const auto difference = [&](const Tensor& now, const Tensor& before) {
            return select(is_later, now - before, zeros_like(now));
        };
        const Tree step = zipped(difference, parameters, state.subtree("parameters"));
        const Tree change = zipped(difference, updates, state.subtree("gradient"));
        const Tensor product = inner_product(change, step), norm = squared_norm(change);
        const Tensor weight = select(equal(product, 0.0), 0.0, 1.0 / product);
        const auto put = [&](const char* name, const Tree& row) {
            return zipped([&](const Tensor& now, const Tensor& all) { return with_row(all, last, now); }, row,
                          state.subtree(name));
        };
        const Memory memory{put("steps", step), put("changes", change),
                            with_row(state["weights"], last, convert(weight, state["weights"].type())),
                            remainder(count, size), size};
        Tensor scale = ones({}, scalar_type(updates));
        if (options.scale_first) {
            // A step of length zero says nothing of the curvature; after it, as at first.
            const Tensor knows = is_later & (logical_not(equal(product, 0.0)) | equal(norm, 0.0));
            scale = select(knows, select(norm > 0.0, product / norm, 1.0), minimum(1.0 / global_norm(updates), 1.0));
        }
        return std::pair{times_inverse_hessian(updates, memory, scale),
                         state_of(safe_increment(count), parameters, updates, memory)};
    };
    return {"scale_by_lbfgs", init, update};
}

GradientTransform lbfgs(const Schedule& learning_rate, const LbfgsOptions& options) {
    return named("lbfgs", zoom_line_search(chain(scale_by_lbfgs(options), scale_by_learning_rate(learning_rate)),
                                           options.line_search));
}

}  // namespace podium::optim

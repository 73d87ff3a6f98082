#include "podium/optim/tree_math.h"

namespace podium::optim {

Tree in_order(const Tree& tree, const Tree& like) {
    return zipped([](const Tensor&, const Tensor& leaf) { return leaf; }, like, tree);
}

Tensor wide(const Tensor& x) { return x.type() == DataType::FLOAT64 ? x : convert(x, DataType::FLOAT32); }

Tree scaled(const Tensor& by, const Tree& tree) {
    return tree.map([&](const Tensor& leaf) { return convert(by, leaf.type()) * leaf; });
}

Tree plus_scaled(const Tree& tree, const Tensor& by, const Tree& other) {
    return zipped([&](const Tensor& x, const Tensor& y) { return x + convert(by, x.type()) * y; }, tree, other);
}

Tree chosen(const Tensor& condition, const Tree& yes, const Tree& no) {
    return zipped([&](const Tensor& a, const Tensor& b) { return select(condition, a, b); }, yes, no);
}

Tensor inner_product(const Tree& a, const Tree& b) {
    const DataType type = scalar_type(a);
    Tensor total = zeros({}, type);
    for (std::size_t i = 0; i < a.size(); ++i)
        total = total + sum(convert(a.leaves()[i], type) * convert(b[a.path(i)], type));
    return total;
}

Tensor squared_norm(const Tree& tree) { return inner_product(tree, tree); }

Tensor sum_of_magnitudes(const Tree& tree) {
    const DataType type = scalar_type(tree);
    Tensor total = zeros({}, type);
    for (const auto& leaf : tree.leaves()) total = total + sum(abs(convert(leaf, type)));
    return total;
}

Tensor given_loss(std::string_view method, const StepLoss& loss, DataType type) {
    if (!loss.value.defined())
        fail(Code::INVALID_ARGUMENT, "{}: the step size follows from the loss; call update(…, {{.value = loss}})",
             method);
    return convert(loss.value, type);
}

void expect_loss_function(std::string_view method, const StepLoss& loss) {
    if (!loss.function)
        fail(Code::INVALID_ARGUMENT, "{}: takes gradients of its own; call update(…, {{.function = the loss}})",
             method);
}

Tree with_keys(const Key& key, const Tree& tree, const std::function<Tensor(const Tensor&, const Key&)>& f) {
    std::vector<std::string> paths = tree.paths()->names();
    std::sort(paths.begin(), paths.end());
    const auto keys = split_list(key, static_cast<std::int64_t>(paths.size()));
    Tree result = tree;
    for (std::size_t i = 0; i < paths.size(); ++i) result[paths[i]] = f(tree[paths[i]], keys[i]);
    return result;
}

}  // namespace podium::optim

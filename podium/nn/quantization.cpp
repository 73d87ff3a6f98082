#include "podium/nn/quantization.h"

#include <algorithm>

#include "podium/nn/float8.h"

namespace podium::nn {
namespace {

constexpr std::string_view VALUES = ".values", DYNAMIC_VALUES = ".dynamic_values", SCALE = ".scale";

/// Returns [inputs, outputs] as [group, groups * outputs]: a column for each scale.
Tensor by_scale(const Tensor& weight, std::int64_t groups) {
    const auto inputs = weight.dim(0), outputs = weight.dim(1), group = inputs / groups;
    return reshape(transpose(reshape(weight, {groups, group, outputs}), {1, 0, 2}), {group, groups * outputs});
}

/// The inverse.
Tensor by_output(const Tensor& columns, std::int64_t groups) {
    const auto group = columns.dim(0), outputs = columns.dim(1) / groups;
    return reshape(transpose(reshape(columns, {group, groups, outputs}), {1, 0, 2}), {group * groups, outputs});
}

/// Returns the numbers that [inputs, outputs] of few bits stand for. scale: [groups, outputs].
Tensor dequantized(const Tensor& values, const Tensor& scale) {
    const auto groups = scale.dim(0);
    const Tensor columns = by_scale(convert(values, scale.type()), groups);
    return by_output(columns * reshape(scale, {1, columns.dim(1)}), groups);
}

bool is_among(const std::string& path, const std::vector<std::string>& patterns) {
    return std::ranges::any_of(patterns, [&](const std::string& pattern) { return matches(pattern, path); });
}

bool is_chosen(const Tree& parameters, std::size_t i, const QuantizeOptions& options) {
    const Tensor& leaf = parameters.leaves()[i];
    return leaf.rank() == 2 && is_float(leaf.type()) && is_among(parameters.path(i), options.patterns) &&
           !is_among(parameters.path(i), options.except);
}

std::int64_t groups_of(const Tensor& weight, const std::string& path, const QuantizeOptions& options) {
    if (options.group == 0) return 1;
    if (options.group < 0 || weight.dim(0) % options.group != 0)
        fail(Code::SHAPE_MISMATCH, "quantize: groups of {} do not divide the {} inputs of {}", options.group,
             weight.dim(0), path);
    return weight.dim(0) / options.group;
}

/// Calls `replace(path, weight, groups)` for each weight that is chosen and `keep(path, leaf)` for the other leaves.
template <class Replace, class Keep>
void walk(const Tree& parameters, const QuantizeOptions& options, Replace replace, Keep keep) {
    const bool eight_bit_integers = options.storage == DataType::INT8 && options.group == 0;
    if (options.dynamic_activations && !eight_bit_integers)
        fail(Code::INVALID_ARGUMENT,
             "quantize: dynamic activations go with i8 weights in one group, not {} in groups "
             "of {}",
             name(options.storage), options.group);
    greatest_number(options.storage);  // throws where there is none
    bool any = false;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const Tensor& leaf = parameters.leaves()[i];
        const std::string& path = parameters.path(i);
        const bool chosen = is_chosen(parameters, i, options);
        any |= chosen;
        if (chosen)
            replace(path, leaf, groups_of(leaf, path, options));
        else
            keep(path, leaf);
    }
    if (!any)
        fail(Code::INVALID_ARGUMENT, "quantize: no matrix of floats matches [{}]; the paths are [{}]",
             fmt::join(options.patterns, ", "), fmt::join(parameters.paths()->names(), ", "));
}

/// Returns x @ W where both are i8: sums are exact in i32.
Tensor integer_product(const Tensor& x, const Tensor& integers, const Tensor& scale) {
    const auto inputs = integers.dim(0);
    const Scaled rows = scaled_to(reshape(x, {x.shape().count() / inputs, inputs}), DataType::INT8, 0);
    const Tensor sums = matmul(convert(rows.values, DataType::INT32), convert(integers, DataType::INT32));
    Dims dims(x.dims());
    dims.back() = integers.dim(1);
    return reshape(convert(sums, x.type()) * rows.scale * scale, dims);
}

/// Returns x @ weight, plain or quantized.
Tensor plain_product(const Tree& parameters, const Operand& x) {
    const bool is_dynamic = parameters.contains("weight.dynamic_values");
    if (!is_dynamic && !parameters.contains("weight.values")) return matmul(x, parameters["weight"]);
    const Tensor scale = convert(parameters["weight.scale"], x.tensor().type());
    if (is_dynamic) return integer_product(x.tensor(), parameters["weight.dynamic_values"], scale);
    const Tensor& values = parameters["weight.values"];
    if (scale.dim(0) > 1) return matmul(x, dequantized(values, scale));
    return matmul(x, convert(values, scale.type())) * reshape(scale, {scale.dim(1)});
}

}  // namespace

Tree quantize(const Tree& parameters, const QuantizeOptions& options) {
    TreeBuilder<Tensor> tree;
    walk(
        parameters, options,
        [&](const std::string& path, const Tensor& weight, std::int64_t groups) {
            const Scaled columns = scaled_to(by_scale(weight, groups), options.storage, 1);
            tree.add(path + std::string(options.dynamic_activations ? DYNAMIC_VALUES : VALUES),
                     by_output(columns.values, groups));
            tree.add(path + std::string(SCALE), reshape(columns.scale, {groups, weight.dim(1)}));
        },
        [&](const std::string& path, const Tensor& leaf) { tree.add(path, leaf); });
    return tree.build();
}

Tree dequantize(const Tree& parameters) {
    TreeBuilder<Tensor> tree;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const std::string& path = parameters.path(i);
        const Tensor& leaf = parameters.leaves()[i];
        const auto weight = path.substr(0, path.rfind('.'));
        const bool is_quantized = path.ends_with(VALUES) || path.ends_with(DYNAMIC_VALUES);
        if (is_quantized)
            tree.add(weight, dequantized(leaf, parameters[weight + std::string(SCALE)]));
        else if (!path.ends_with(SCALE) || !(parameters.contains(weight + std::string(VALUES)) ||
                                             parameters.contains(weight + std::string(DYNAMIC_VALUES))))
            tree.add(path, leaf);
    }
    return tree.build();
}

Tree quantization_aware(const Tree& parameters, const QuantizeOptions& options) {
    TreeBuilder<Tensor> tree;
    walk(
        parameters, options,
        [&](const std::string& path, const Tensor& weight, std::int64_t groups) {
            tree.add(path, by_output(straight_through(by_scale(weight, groups), options.storage, 1), groups));
        },
        [&](const std::string& path, const Tensor& leaf) { tree.add(path, leaf); });
    return tree.build();
}

Tensor weighted(const Tree& parameters, const Operand& x) {
    const LocationScope scope(x.location());
    Tensor product = plain_product(parameters, x);
    if (!parameters.contains("weight.lora.a")) return product;
    return product + matmul(matmul(x, parameters["weight.lora.a"]), parameters["weight.lora.b"]);
}

}  // namespace podium::nn

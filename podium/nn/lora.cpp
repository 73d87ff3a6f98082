#include "podium/nn/lora.h"

#include <algorithm>
#include <cmath>

#include "podium/nn/precision.h"

namespace podium::nn {
namespace {

constexpr std::string_view A = ".lora.a", B = ".lora.b";

bool is_one_of(const std::string& path, const std::vector<std::string>& patterns) {
    return std::ranges::any_of(patterns, [&](const std::string& pattern) { return matches(pattern, path); });
}

/// Returns the weight that a leaf is, or whose quantized numbers it is; nothing for what is no matrix.
std::optional<std::string> weight_at(const std::string& path, const Tensor& leaf) {
    if (leaf.rank() != 2 || path.ends_with(A) || path.ends_with(B)) return std::nullopt;
    for (const std::string_view quantized : {".values", ".dynamic_values"})
        if (path.ends_with(quantized)) return path.substr(0, path.size() - quantized.size());
    return is_float(leaf.type()) && !path.ends_with(".scale") ? std::optional(path) : std::nullopt;
}

double scale_of(const LoraOptions& options) { return options.alpha / static_cast<double>(options.rank); }

}  // namespace

Tree init_lora(const Tree& parameters, const Key& key, const LoraOptions& options) {
    if (options.rank < 1) fail(Code::INVALID_ARGUMENT, "lora: the rank is at least 1, got {}", options.rank);
    const double deviation = 1 / std::sqrt(static_cast<double>(options.rank));
    TreeBuilder<Tensor> adapters;
    std::int64_t count = 0;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const Tensor& leaf = parameters.leaves()[i];
        const auto weight = weight_at(parameters.path(i), leaf);
        if (!weight || !is_one_of(*weight, options.patterns) || is_one_of(*weight, options.except)) continue;
        adapters.add(*weight + std::string(A), normal(fold_in(key, count++), {leaf.dim(0), options.rank}) * deviation);
        adapters.add(*weight + std::string(B), zeros({options.rank, leaf.dim(1)}));
    }
    if (count == 0)
        fail(Code::INVALID_ARGUMENT, "lora: no matrix of a linear layer matches [{}]; the paths are [{}]",
             fmt::join(options.patterns, ", "), fmt::join(parameters.paths()->names(), ", "));
    return adapters.build();
}

Tree with_lora(const Tree& parameters, const Tree& adapters, const LoraOptions& options) {
    return with_lora(TreeBuilder<Tensor>().add("", parameters).add("", adapters).build(), options);
}

Tree with_lora(const Tree& both, const LoraOptions& options) {
    Tree tree = both;
    for (std::size_t i = 0; i < tree.size(); ++i)
        if (tree.path(i).ends_with(B)) tree.leaves()[i] = tree.leaves()[i] * scale_of(options);
    return tree;
}

std::pair<Tree, Tree> split_lora(const Tree& both) {
    TreeBuilder<Tensor> parameters, adapters;
    for (std::size_t i = 0; i < both.size(); ++i) {
        const std::string& path = both.path(i);
        (path.ends_with(A) || path.ends_with(B) ? adapters : parameters).add(path, both.leaves()[i]);
    }
    return {parameters.build(), adapters.build()};
}

Tree merge_lora(const Tree& parameters, const Tree& adapters, const LoraOptions& options) {
    Tree merged = parameters;
    for (std::size_t i = 0; i < adapters.size(); ++i) {
        const std::string& path = adapters.path(i);
        if (!path.ends_with(A)) continue;
        const auto weight = path.substr(0, path.size() - A.size());
        Tensor& leaf = merged[weight];
        const Tensor wide = at_least_f32(leaf);
        const Tensor a = convert(adapters.leaves()[i], wide.type());
        const Tensor b = convert(adapters[weight + std::string(B)], wide.type());
        leaf = convert(wide + matmul(a, b) * scale_of(options), leaf.type());
    }
    return merged;
}

}  // namespace podium::nn

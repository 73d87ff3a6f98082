#include "podium/models/gpt.h"

#include <cmath>

#include "podium/nn/located.h"

namespace podium::models {
namespace {

constexpr double DEVIATION = 0.02;

GptOptions checked(GptOptions options) {
    const std::array<std::pair<const char*, std::int64_t>, 6> sizes{{{"vocabulary", options.vocabulary},
                                                                     {"length", options.length},
                                                                     {"layers", options.layers},
                                                                     {"width", options.width},
                                                                     {"heads", options.heads},
                                                                     {"mlp_ratio", options.mlp_ratio}}};
    for (const auto& [name, size] : sizes)
        if (size < 1) fail(Code::INVALID_ARGUMENT, "gpt: {} must be at least 1, got {}", name, size);
    if (options.width % options.heads != 0)
        fail(Code::INVALID_ARGUMENT, "gpt: {} heads do not divide a width of {}", options.heads, options.width);
    if (!(options.dropout >= 0.0 && options.dropout < 1.0))
        fail(Code::INVALID_ARGUMENT, "gpt: dropout is in [0, 1), got {}", options.dropout);
    if (!is_float(options.precision.parameters) || !is_float(options.precision.compute))
        fail(Code::INVALID_ARGUMENT, "gpt: precision names floating-point types, got {} and {}",
             name(options.precision.parameters), name(options.precision.compute));
    return options;
}

/// Returns the key of one place that draws; none where there is none.
std::optional<Key> place(const std::optional<Key>& key, std::int64_t number) {
    return key ? std::optional(fold_in(*key, number)) : std::nullopt;
}

}  // namespace

Gpt::Gpt(GptOptions options) : options_(checked(std::move(options))) {
    const auto& o = options_;
    const DataType type = o.precision.parameters;
    const auto weights = nn::normal(DEVIATION);
    const auto branch_ends = nn::normal(DEVIATION / std::sqrt(2.0 * static_cast<double>(o.layers)));
    tokens_ = {o.vocabulary, o.width, weights, type};
    positions_ = {o.length, o.width, weights, type};
    norm_ = {.width = o.width, .type = type};
    attention_ = {.width = o.width,
                  .heads = o.heads,
                  .dropout = o.dropout,
                  .weight_initializer = weights,
                  .out_initializer = branch_ends,
                  .type = type};
    mlp_ = {.width = o.width,
            .hidden = o.mlp_ratio * o.width,
            .weight_initializer = weights,
            .down_initializer = branch_ends,
            .type = type};
    head_ = {o.width, o.vocabulary, false, weights, type};
}

Tree Gpt::init(const Key& key) const {
    const auto keys = split_list(key, options_.layers + 3);
    const auto key_of = [&](std::int64_t i) { return keys[static_cast<std::size_t>(i)]; };
    TreeBuilder<Tensor> tree;
    tree.add("wte", tokens_.init(key_of(options_.layers)));
    tree.add("wpe", positions_.init(key_of(options_.layers + 1)));
    for (std::int64_t i = 0; i < options_.layers; ++i) {
        const auto [first, second] = split(key_of(i));
        const std::string prefix = fmt::format("h.{}", i);
        tree.add(join_path(prefix, "ln1"), norm_.init(first));
        tree.add(join_path(prefix, "attn"), attention_.init(first));
        tree.add(join_path(prefix, "ln2"), norm_.init(second));
        tree.add(join_path(prefix, "mlp"), mlp_.init(second));
    }
    tree.add("ln_f", norm_.init(key));
    if (!options_.tie_embeddings) tree.add("head", head_.init(key_of(options_.layers + 2)));
    return tree.build();
}

Tensor Gpt::embed(const Tree& parameters, const Operand& tokens) const {
    const Shape& shape = tokens.tensor().shape();
    if (!is_integer(shape.type))
        fail_at(Code::DTYPE_MISMATCH, tokens.location(),
                fmt::format("gpt: tokens are integers, got {}", to_string(shape)));
    if (shape.rank() != 2 || shape.dims[1] > options_.length)
        fail_at(Code::SHAPE_MISMATCH, tokens.location(),
                fmt::format("gpt: takes tokens [batch,length] with a length of at most {}, got {}", options_.length,
                            to_string(shape)));
    const nn::Located at(tokens.location());
    const Tensor words = tokens_(parameters.subtree("wte"), tokens);
    return at(words) + slice_axis(at(parameters["wpe.weight"]), 0, 0, shape.dims[1]);
}

Tensor Gpt::block(const Tree& parameters, const Operand& x, const std::optional<Key>& dropout) const {
    const nn::Located at(x.location());
    const auto dropped = [&](const Tensor& y, std::int64_t number) {
        return nn::dropout(at(y), options_.dropout, place(dropout, number));
    };
    const Tensor attended =
        attention_(parameters.subtree("attn"), at(norm_(parameters.subtree("ln1"), x)), place(dropout, 0));
    const Tensor middle = add(x, dropped(attended, 1));
    const Tensor raised = mlp_(parameters.subtree("mlp"), at(norm_(parameters.subtree("ln2"), at(middle))));
    return at(middle) + dropped(raised, 2);
}

Tensor Gpt::operator()(const Tree& parameters, const Operand& tokens, const std::optional<Key>& dropout) const {
    const nn::Located at(tokens.location());
    const Tree computed = nn::cast_tree(parameters, options_.precision.compute, at.location());
    Tensor x = nn::dropout(at(embed(computed, tokens)), options_.dropout, place(dropout, options_.layers));
    for (std::int64_t i = 0; i < options_.layers; ++i)
        x = block(computed.subtree(fmt::format("h.{}", i)), at(x), place(dropout, i));
    x = norm_(computed.subtree("ln_f"), at(x));
    const Tensor logits = options_.tie_embeddings ? dot_general(at(x), computed["wte.weight"], {{}, {}, {2}, {1}})
                                                  : head_(computed.subtree("head"), at(x));
    return nn::at_least_f32(at(logits));
}

}  // namespace podium::models

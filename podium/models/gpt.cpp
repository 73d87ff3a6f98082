#include "podium/models/gpt.h"

#include <cmath>

#include "podium/models/parameters.h"
#include "podium/nn/located.h"
#include "podium/transform/transform.h"

namespace podium::models {
namespace {

constexpr double DEVIATION = 0.02;

GptOptions checked(GptOptions options) {
    expect_sizes("gpt", {{"vocabulary", options.vocabulary},
                         {"length", options.length},
                         {"layers", options.layers},
                         {"width", options.width},
                         {"heads", options.heads},
                         {"mlp_ratio", options.mlp_ratio}});
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
std::optional<Key> place(const std::optional<Key>& key, const Operand& number) {
    return key ? std::optional(fold_in(*key, number)) : std::nullopt;
}

/// Returns trees of the same names as one, whose leaves have a first dimension that counts the trees.
Tree stacked(const std::vector<Tree>& trees) {
    Tree result = trees.front();
    for (std::size_t i = 0; i < result.size(); ++i) {
        Tensors layers;
        for (const Tree& tree : trees) layers.push_back(tree.leaves()[i]);
        result.leaves()[i] = stack(layers, 0);
    }
    return result;
}

}  // namespace

Gpt::Gpt(GptOptions options) : options_(checked(options)) {
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

Tree Gpt::init_block(const Key& key) const {
    const auto [first, second] = split(key);
    return TreeBuilder<Tensor>()
        .add("ln1", norm_.init(first))
        .add("attn", attention_.init(first))
        .add("ln2", norm_.init(second))
        .add("mlp", mlp_.init(second))
        .build();
}

Tree Gpt::init(const Key& key) const {
    const auto keys = split_list(key, options_.layers + 3);
    const auto key_of = [&](std::int64_t i) { return keys[static_cast<std::size_t>(i)]; };
    TreeBuilder<Tensor> tree;
    tree.add("wte", tokens_.init(key_of(options_.layers)));
    tree.add("wpe", positions_.init(key_of(options_.layers + 1)));
    std::vector<Tree> blocks;
    for (std::int64_t i = 0; i < options_.layers; ++i) blocks.push_back(init_block(key_of(i)));
    if (options_.scan_layers) {
        tree.add("h.*", stacked(blocks));
    } else {
        for (std::size_t i = 0; i < blocks.size(); ++i) tree.add(fmt::format("h.{}", i), blocks[i]);
    }
    tree.add("ln_f", norm_.init(key));
    if (!options_.tie_embeddings) tree.add("head", head_.init(key_of(options_.layers + 2)));
    return tree.build();
}

/// The token that ends a document is the first that the next one sees.
Gpt::Documents Gpt::documents_of(const Operand& tokens) const {
    if (options_.document_end < 0) return std::nullopt;
    const nn::Located at(tokens.location());
    const std::int64_t batch = tokens.tensor().dim(0), length = tokens.tensor().dim(1);
    const Dims pairs{batch, length, length};  // of each position, and those before it
    const auto position = [&](std::int64_t axis) { return iota(pairs, axis, DataType::INT32, at.location()); };
    const Tensor ends = equal(at(reshape(tokens, {batch, 1, length})), options_.document_end);
    const Tensor starts = at(ends) & (at(position(2)) <= position(1));
    return max(at(select(at(starts), position(2), 0)), {2});
}

Tensor Gpt::embed(const Tree& parameters, const Operand& tokens, const Documents& documents) const {
    const nn::Located at(tokens.location());
    const Tensor words = tokens_(parameters.subtree("wte"), tokens);
    if (!documents) return at(words) + slice_axis(at(parameters["wpe.weight"]), 0, 0, tokens.tensor().dim(1));
    const Tensor places = at(iota(tokens.tensor().dims(), 1, DataType::INT32, at.location())) - at(*documents);
    return at(words) + positions_(parameters.subtree("wpe"), at(places));
}

void Gpt::expect_tokens(const Operand& tokens) const {
    const Shape& shape = tokens.tensor().shape();
    if (!is_integer(shape.type))
        fail_at(Code::DTYPE_MISMATCH, tokens.location(),
                fmt::format("gpt: tokens are integers, got {}", to_string(shape)));
    if (shape.rank() != 2 || shape.dims[1] > options_.length)
        fail_at(Code::SHAPE_MISMATCH, tokens.location(),
                fmt::format("gpt: takes tokens [batch,length] with a length of at most {}, got {}", options_.length,
                            to_string(shape)));
}

Tensor Gpt::kept_block(const Tree& parameters, const Operand& x, const std::optional<Key>& dropout,
                       const Documents& documents) const {
    const nn::Located at(x.location());
    const auto dropped = [&](const Tensor& y, std::int64_t number) {
        return nn::dropout(at(y), options_.dropout, place(dropout, number));
    };
    const Tensor attended =
        attention_(parameters.subtree("attn"), at(norm_(parameters.subtree("ln1"), x)), place(dropout, 0), documents);
    const Tensor middle = add(x, dropped(attended, 1));
    const Tensor raised = mlp_(parameters.subtree("mlp"), at(norm_(parameters.subtree("ln2"), at(middle))));
    return at(middle) + dropped(raised, 2);
}

Tensor Gpt::block(const Tree& parameters, const Operand& x, const std::optional<Key>& dropout,
                  const Documents& documents) const {
    if (!options_.remat) return kept_block(parameters, x, dropout, documents);
    const Location location = x.location();
    const auto again = remat([&](const Tree& tree, const Tensor& y, const std::optional<Key>& key) {
        return kept_block(tree, nn::Located(location)(y), key, documents);
    });
    return again(parameters, x.tensor(), dropout);
}

Tensor Gpt::blocks(const Tree& parameters, const Operand& x, const std::optional<Key>& dropout,
                   const Documents& documents) const {
    const nn::Located at(x.location());
    if (!options_.scan_layers) {
        Tensor y = x.tensor();
        for (std::int64_t i = 0; i < options_.layers; ++i)
            y = block(parameters.subtree(fmt::format("h.{}", i)), at(y), place(dropout, i), documents);
        return y;
    }
    const Tree layers = parameters.subtree("h.*");
    Tensors slices = layers.leaves();
    slices.push_back(arange(options_.layers, DataType::INT32, at.location()));
    const auto body = [&](const Tensors& in) -> Tensors {  // x, one layer's parameters, its number
        const Tree layer(layers.paths(), Tensors(in.begin() + 1, in.end() - 1));
        return {block(layer, at(in.front()), place(dropout, in.back()), documents)};
    };
    return scan_list(body, {x.tensor()}, slices, options_.layers, false, at.location())[0];
}

Tensor Gpt::operator()(const Tree& parameters, const Operand& tokens, const std::optional<Key>& dropout) const {
    const nn::Located at(tokens.location());
    const Tree computed = nn::cast_tree(parameters, options_.precision.compute, at.location());
    expect_tokens(tokens);
    const Documents documents = documents_of(tokens);
    Tensor x = nn::dropout(at(embed(computed, tokens, documents)), options_.dropout, place(dropout, options_.layers));
    x = blocks(computed, at(x), dropout, documents);
    x = norm_(computed.subtree("ln_f"), at(x));
    const Tensor logits = options_.tie_embeddings ? dot_general(at(x), computed["wte.weight"], {{}, {}, {2}, {1}})
                                                  : head_(computed.subtree("head"), at(x));
    return nn::at_least_f32(at(logits));
}

}  // namespace podium::models

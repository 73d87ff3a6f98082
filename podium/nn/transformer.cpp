#include "podium/nn/transformer.h"

#include <cmath>

#include "podium/nn/activations.h"
#include "podium/nn/located.h"
#include "podium/nn/precision.h"

namespace podium::nn {

Tree CausalSelfAttention::init(const Key& key) const {
    if (heads < 1 || width % heads != 0)
        fail(Code::INVALID_ARGUMENT, "attention: {} heads do not divide a width of {}", heads, width);
    const auto [first, second] = split(key);
    return TreeBuilder<Tensor>().add("qkv", qkv().init(first)).add("out", out().init(second)).build();
}

Tensor CausalSelfAttention::operator()(const Tree& parameters, const Operand& x, const std::optional<Key>& key,
                                       const std::optional<Tensor>& documents) const {
    expect_width("attention", x, width);
    if (x.tensor().rank() != 3)
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("attention: takes [batch,length,{}], got {}", width, to_string(x.tensor().shape())));
    const Located at(x.location());
    const std::int64_t batch = x.tensor().dim(0), length = x.tensor().dim(1), depth = width / heads;
    const Tensor projected = qkv()(parameters.subtree("qkv"), x);
    const Tensors parts = split(at(reshape(at(projected), {batch, length, 3 * heads, depth})), 3, 2);
    const Tensor mixed = dropout > 0 && key ? dropped(parts, *key, documents, at)
                                            : attention(at(parts[0]), at(parts[1]), at(parts[2]),
                                                        {.causal = true, .documents = documents});
    const Tensor joined = reshape(at(mixed), {batch, length, width});
    return out()(parameters.subtree("out"), at(joined));
}

/// As `attention`, but for weights that are dropped: they have to be there all at once.
Tensor CausalSelfAttention::dropped(const Tensors& parts, const Key& key, const std::optional<Tensor>& documents,
                                    const Located& at) const {
    const auto batch = parts[0].dim(0), length = parts[0].dim(1);
    const Tensor product = dot_general(at(parts[0]), parts[1], {{0, 2}, {0, 2}, {3}, {3}});  // [batch, heads, to, from]
    const Tensor scores = at(at_least_f32(at(product))) * (1.0 / std::sqrt(static_cast<double>(parts[0].dim(3))));
    Tensor seen = at(iota({length, length}, 0, DataType::INT32, at.location())) >=
                  iota({length, length}, 1, DataType::INT32, at.location());
    if (documents)
        seen = at(seen) & equal(at(reshape(at(*documents), {batch, 1, length, 1})),
                                at(reshape(at(*documents), {batch, 1, 1, length})));
    const Tensor weights = softmax(at(select(at(seen), scores, -1e30)));
    const Tensor kept = convert(at(nn::dropout(at(weights), dropout, key)), parts[0].type());
    const Tensor mixed = dot_general(at(kept), parts[2], {{0, 1}, {0, 2}, {3}, {1}});  // [batch, heads, to, depth]
    return transpose(at(mixed), {0, 2, 1, 3});
}

Tree Mlp::init(const Key& key) const {
    const auto [first, second] = split(key);
    return TreeBuilder<Tensor>().add("up", up().init(first)).add("down", down().init(second)).build();
}

Tensor Mlp::operator()(const Tree& parameters, const Operand& x) const {
    const Located at(x.location());
    const Tensor raised = up()(parameters.subtree("up"), x);
    return down()(parameters.subtree("down"), at(gelu(at(raised))));
}

}  // namespace podium::nn

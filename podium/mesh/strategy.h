#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "podium/exec/jit.h"

// What the axes of a mesh mean by their names, so that a config says how a model is split and the model says nothing:
// `data` and `fsdp` split the batch; `fsdp` splits the optimizer's state, gradients and parameters too; `model` splits
// heads, hidden layers and the vocabulary; `expert` splits experts; `seq` splits the length.

namespace podium::parallel {

inline constexpr std::string_view DATA = "data", FSDP = "fsdp", MODEL = "model", EXPERT = "expert", SEQ = "seq";

/// What the columns or rows of a weight count, where an axis must not cut through one.
enum class Unit { ELEMENTS, HEADS, KEY_HEADS };

/// Which dimension of a model's weights an axis splits, by a pattern of their names.
struct NameRule {
    std::string_view pattern;
    std::string_view axis;
    int from_end;  ///< 1 is the last dimension: stacks of layers have one more in front
    Unit unit = Unit::ELEMENTS;
    bool optional = false;  ///< where the axis does not divide, the weight stays whole
    int rank = 0;           ///< only of weights that have so many dimensions; 0: of any
};
/// Returns the rules of GPTs and decoders. Source: Shoeybi et al. 2019, arXiv:1909.08053, section 3 (columns of the
/// first weight, rows of the second, heads, the vocabulary); Lepikhin et al. 2020, arXiv:2006.16668 (experts).
std::span<const NameRule> transformer_rules();

struct Strategy {
    int zero = 3;                        ///< what `fsdp` splits: 1 the optimizer's state, 2 gradients too, 3 parameters
    std::int64_t least_elements = 1024;  ///< of what `fsdp` splits
    std::vector<Rule> rules;             ///< the user's own, by parameters' paths; they say all about what they match
    std::span<const NameRule> names;     ///< of the model's family
    std::int64_t heads = 0, key_heads = 0;
};

/// How one parameter lies on the mesh, and what belongs to it.
struct Split {
    std::vector<std::string> parameter, gradient, state;
};
/// Returns one split a parameter. Source for `zero`: Rajbhandari et al. 2020, arXiv:1910.02054. Throws INVALID_CONFIG
/// naming parameter, dimension, axis and the sizes that are possible.
std::vector<Split> parameter_splits(const Mesh& mesh, const Strategy& strategy, const BasicTree<Shape>& parameters);

/// Returns the entry of a split by those of `axes` that the mesh has: "data,fsdp".
std::string joined_axes(const Mesh& mesh, std::span<const std::string_view> axes);
/// Returns the entry of a split that has a batch's samples.
std::string batch_axes(const Mesh& mesh);
/// Returns true for axes whose names mean something.
bool is_known_axis(std::string_view name);

}  // namespace podium::parallel

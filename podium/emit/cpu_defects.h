#pragma once

#include <optional>

#include "podium/ir/graph.h"

namespace podium {

// What XLA's CPU plugin gets wrong, found by `podium conformance --raw`: each is kept from users by another form, by a
// barrier against folding, or by a refusal.

/// True for rows that the plugin refuses, and that stand for others that it takes.
bool stands_for_others(const Op& op);

/// True for rows that the plugin folds wrongly, or dies of folding, while it reads a program in which all operands are
/// constants.
bool folds_wrongly(const Node& node);

/// Throws UNIMPLEMENTED, saying what to do instead, for what the plugin computes wrongly and that has no other form.
void expect_computable(const Node& node);

/// Returns what the node's first operand must be for the plugin to compute rightly; nothing where it may stay.
std::optional<Tensor> right_operand(const Node& node, const Tensor& operand);

/// Returns the node's value in a form that the plugin computes rightly, of operands that already are in theirs; nothing
/// where its own form is right.
std::optional<Tensor> right_form(const Node& node, const Tensors& operands);

}  // namespace podium

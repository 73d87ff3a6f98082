#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "podium/optim/gradient_transform.h"

namespace podium::optim {

/// In what an optimizer's moments are kept between updates.
enum class StateType { PARAMETER, BF16, EIGHT_BIT };
constexpr auto enum_names(StateType) {
    using Row = std::pair<StateType, std::string_view>;
    return std::array{Row{StateType::PARAMETER, "parameter"}, Row{StateType::BF16, "bf16"},
                      Row{StateType::EIGHT_BIT, "8bit"}};
}

/// Tensors of fewer elements are never kept in 8 bits. Source: Dettmers et al. 2022, arXiv:2110.02861, section 2.
inline constexpr std::int64_t LEAST_CODED = 4096;

/// Returns `inner` with its moving means of gradients and of their squares kept in `type`, and computed as `inner`
/// does. What else it keeps (sums, copies of parameters, numbers) stays: rounding would stop sums, and move parameters.
///
/// bf16: means of gradients are rounded to nearest, as with optax's mu_dtype; means of squares, which move by less than
/// half a unit in the last place, up or down at random, right in the mean: the state has a key, "rounding".
/// 8bit: codes with the moments' shapes, and each block's greatest magnitude under "scales.PATH.blocks".
GradientTransform stored_in(StateType type, const GradientTransform& inner);
/// Returns whether a method's state has moments that it may keep so.
bool has_moments(const Tree& state, const Tree& parameters);

}  // namespace podium::optim

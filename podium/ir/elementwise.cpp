#include "podium/ir/elementwise.h"

#include <array>

namespace podium {
namespace rows {

constinit const Op stop_gradient{.name = "stop_gradient",
                                 .spec = "podium: the identity, with no gradient",
                                 .kind = Kind::COMPOSITE,
                                 .types = Types::ANY,
                                 .expand = [](const Node& node) -> Tensors { return {node.operands[0]}; },
                                 .vjp = "asked for by the caller"};

}  // namespace rows

Tensor square(const Operand& x) { return multiply(x, x); }

Tensor stop_gradient(const Operand& x) {
    return record(
        {.op = rows::stop_gradient, .shape = x.tensor().shape(), .operands = {x.tensor()}, .location = x.location()});
}

Tensor conj(const Operand& x) {
    const LocationScope scope(x.location());
    return is_complex(x.tensor().type()) ? complex(real(x), negate(imag(x))) : x.tensor();
}

std::span<const Op* const> elementwise_ops() {
    static constexpr std::array<const Op*, 74> ROWS{&abs,
                                                    &negate,
                                                    &sign,
                                                    &exp,
                                                    &expm1,
                                                    &log,
                                                    &log1p,
                                                    &sqrt,
                                                    &rsqrt,
                                                    &cbrt,
                                                    &logistic,
                                                    &tanh,
                                                    &sin,
                                                    &cos,
                                                    &tan,
                                                    &floor,
                                                    &ceil,
                                                    &round,
                                                    &round_half_away,
                                                    &is_finite,
                                                    &real,
                                                    &imag,
                                                    &logical_not,
                                                    &popcnt,
                                                    &count_leading_zeros,
                                                    &acos,
                                                    &acosh,
                                                    &asin,
                                                    &asinh,
                                                    &atan,
                                                    &atanh,
                                                    &sinh,
                                                    &cosh,
                                                    &erf,
                                                    &erfc,
                                                    &erf_inv,
                                                    &lgamma,
                                                    &digamma,
                                                    &bessel_i1e,
                                                    &is_inf,
                                                    &is_pos_inf,
                                                    &is_neg_inf,
                                                    &add,
                                                    &subtract,
                                                    &multiply,
                                                    &divide,
                                                    &maximum,
                                                    &minimum,
                                                    &power,
                                                    &remainder,
                                                    &atan2,
                                                    &complex,
                                                    &logical_and,
                                                    &logical_or,
                                                    &logical_xor,
                                                    &shift_left,
                                                    &shift_right_logical,
                                                    &shift_right_arithmetic,
                                                    &equal,
                                                    &not_equal,
                                                    &less,
                                                    &less_equal,
                                                    &greater,
                                                    &greater_equal,
                                                    &next_after,
                                                    &polygamma,
                                                    &zeta,
                                                    &select,
                                                    &clamp,
                                                    &rows::convert,
                                                    &rows::reduce_precision,
                                                    &rows::bitcast_convert,
                                                    &rows::stop_gradient,
                                                    &rows::bessel_i0e};
    return ROWS;
}

}  // namespace podium

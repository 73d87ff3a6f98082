#include "podium/proof/allowances.h"

#include <algorithm>
#include <array>

#include "podium/ir/ops.h"

namespace podium::proof {

Allowance allowance_of(const Op& op) {
    static constexpr std::string_view
        APPROXIMATED = "a polynomial whose steps round; the specification asks for the function, not for its last bit",
        TWICE = "narrow types are computed in a wider one, whose result is rounded a second time",
        COMPOSED = "made of other functions in its own type, each of which rounds",
        OF_EXP =
            "exp of an argument that was rounded: half a unit of 710 (f64), 89 (f32) or 11 (f16) is a factor of the "
            "result",
        OF_SUM = "a sum of terms about 1 that cancel near its zeros, so the unit is that of 1",
        PARTS = "computed by parts, whose errors are those of the greater one",
        SUMMED = "sums of products, in any order: errors are those of the greatest element";
    static const std::array ROWS{
        Allowance{&exp, 2, 4, 1, 8, Scale::ELEMENT, APPROXIMATED},
        Allowance{&expm1, 4, 4, 1, 8, Scale::ELEMENT, APPROXIMATED},
        Allowance{&log, 4, 4, 1, 8, Scale::ELEMENT, APPROXIMATED},
        Allowance{&log1p, 8, 4, 1, 8, Scale::ELEMENT, COMPOSED},
        Allowance{&sqrt, 0, 0, 1, 8, Scale::ELEMENT, TWICE},
        Allowance{&rsqrt, 2, 2, 1, 8, Scale::ELEMENT, APPROXIMATED},
        Allowance{&cbrt, 257, 33, 5, 0, Scale::ELEMENT, OF_EXP},
        Allowance{&logistic, 8, 8, 1, 8, Scale::ELEMENT, APPROXIMATED},
        Allowance{&tanh, 8, 8, 1, 32, Scale::ELEMENT, COMPOSED},
        Allowance{&sin, 4, 4, 1, 8, Scale::ELEMENT, APPROXIMATED},
        Allowance{&cos, 4, 4, 1, 8, Scale::ELEMENT, APPROXIMATED},
        Allowance{&tan, 8, 8, 1, 32, Scale::ELEMENT, COMPOSED},
        Allowance{&power, 16, 16, 1, 16, Scale::ELEMENT, APPROXIMATED},
        Allowance{&atan2, 8, 8, 1, 16, Scale::ELEMENT, APPROXIMATED},
        Allowance{&acos, 8, 8, 4, 16, Scale::ELEMENT, COMPOSED},
        Allowance{&acosh, 8, 8, 4, 16, Scale::ELEMENT, COMPOSED},
        Allowance{&asin, 8, 8, 4, 16, Scale::ELEMENT, COMPOSED},
        Allowance{&asinh, 8, 8, 4, 16, Scale::ELEMENT, COMPOSED},
        Allowance{&atan, 8, 8, 4, 16, Scale::ELEMENT, COMPOSED},
        Allowance{&atanh, 8, 8, 4, 16, Scale::ELEMENT, COMPOSED},
        Allowance{&sinh, 257, 33, 1, 16, Scale::ELEMENT, OF_EXP},
        Allowance{&cosh, 257, 33, 1, 16, Scale::ELEMENT, OF_EXP},
        Allowance{&erf, 8, 8, 1, 0, Scale::ELEMENT, APPROXIMATED},
        Allowance{&erfc, 16, 16, 1, 0, Scale::ELEMENT, APPROXIMATED},
        Allowance{&erf_inv, 16, 16, 1, 0, Scale::ELEMENT, APPROXIMATED},
        Allowance{&lgamma, 32, 32, 1, 0, Scale::ONE, OF_SUM},
        Allowance{&digamma, 32, 32, 1, 0, Scale::ONE, OF_SUM},
        Allowance{&polygamma, 64, 64, 1, 0, Scale::ELEMENT, APPROXIMATED},
        Allowance{&zeta, 64, 64, 1, 0, Scale::ELEMENT, APPROXIMATED},
        Allowance{&bessel_i1e, 8, 8, 1, 0, Scale::ELEMENT, APPROXIMATED},
        Allowance{&rows::bessel_i0e, 8, 8, 1, 0, Scale::ELEMENT, APPROXIMATED},
        Allowance{&abs, 0, 0, 0, 4, Scale::ELEMENT, PARTS},
        Allowance{&sign, 0, 0, 0, 4, Scale::ELEMENT, PARTS},
        Allowance{&multiply, 0, 0, 0, 4, Scale::ELEMENT, PARTS},
        Allowance{&divide, 0, 0, 0, 8, Scale::ELEMENT, PARTS},
        Allowance{&rows::cholesky, 16, 16, 2, 16, Scale::GREATEST, SUMMED},
        Allowance{&rows::triangular_solve, 16, 16, 2, 16, Scale::GREATEST, SUMMED},
        Allowance{&rows::fft, 16, 16, 2, 16, Scale::GREATEST, SUMMED},
        Allowance{&rows::batch_norm_training, 32, 32, 16, 0, Scale::GREATEST, SUMMED},
        Allowance{&rows::batch_norm_inference, 32, 32, 16, 0, Scale::GREATEST, SUMMED},
        Allowance{&rows::batch_norm_grad, 32, 32, 16, 0, Scale::GREATEST, SUMMED},
        Allowance{&rows::attention, 32, 32, 16, 0, Scale::GREATEST, SUMMED},
        Allowance{&rows::attention_gradient, 32, 32, 16, 0, Scale::ONE, SUMMED},
    };
    const auto row = std::find_if(ROWS.begin(), ROWS.end(), [&](const Allowance& each) { return each.op == &op; });
    return row == ROWS.end() ? Allowance{} : *row;
}

bool forgets_signs_of_zeros(const Op& op) {
    return &op == &rows::dot_general || &op == &rows::convolution || &op == &rows::dynamic_conv ||
           &op == &rows::reduce || &op == &rows::reduce_window || &op == &rows::reduce_scatter ||
           &op == &rows::all_reduce || &op == &rows::collective_reduce || &op == &rows::cumulative_sum ||
           &op == &rows::select_and_scatter || &op == &rows::scatter || &op == &clamp;
}

Tolerance tolerance_of(const Op& op) { return {allowance_of(op), forgets_signs_of_zeros(op)}; }

}  // namespace podium::proof

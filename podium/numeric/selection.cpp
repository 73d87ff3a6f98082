#include "podium/numeric/selection.h"

namespace podium {

Tensor where(const Operand& condition, const Operand& x, const Operand& y) {
    const LocationScope scope(condition.location());
    if (condition.is_number() || condition.tensor().type() == DataType::BOOL) return select(condition, x, y);
    return select(not_equal(condition, 0), x, y);
}

Tensor clip(const Operand& x, const Operand& low, const Operand& high) {
    const LocationScope scope(x.location());
    return minimum(maximum(x, low), high);
}

Tensor is_nan(const Operand& x) {
    const LocationScope scope(x.location());
    return not_equal(x, x);
}

Tensor nan_to_num(const Operand& x, const NanToNumOptions& options) {
    const LocationScope scope(x.location());
    const DataType type = x.tensor().type();
    if (is_complex(type)) return complex(nan_to_num(real(x), options), nan_to_num(imag(x), options));
    if (!is_float(type)) return x.tensor();
    const auto finite = [&](const std::optional<double>& given, double sign) {
        if (given) return scalar_of(type, *given);
        const Tensor greatest = next_after(highest(type), 0.0);
        return sign > 0 ? greatest : -greatest;
    };
    const Tensor known = select(is_nan(x), options.nan, x);
    const Tensor below = select(is_pos_inf(x), finite(options.positive_infinity, 1), known);
    return select(is_neg_inf(x), finite(options.negative_infinity, -1), below);
}

Tensor isclose(const Operand& x, const Operand& y, const CloseOptions& options) {
    const LocationScope scope(x.location());
    const Tensor& first = x.is_number() ? y.tensor() : x.tensor();
    if (!is_inexact(first.type())) return equal(x, y);
    const Tensor a = as_tensor(x, first.type()), b = as_tensor(y, first.type());
    Tensor near = less_equal(abs(a - b), abs(b) * options.relative + options.absolute);
    // An infinity is near itself alone; what is infinitely far from it would be near by the formula.
    const auto bounded = [](const Tensor& t) {
        return is_complex(t.type()) ? is_finite(real(t)) & is_finite(imag(t)) : is_finite(t);
    };
    near = select(bounded(a) & bounded(b), near, equal(a, b));
    return options.equal_nan ? near | (is_nan(a) & is_nan(b)) : near;
}

Tensor allclose(const Operand& x, const Operand& y, const CloseOptions& options) {
    const LocationScope scope(x.location());
    return all(isclose(x, y, options));
}

}  // namespace podium

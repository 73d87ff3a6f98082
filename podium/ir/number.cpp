#include "podium/ir/number.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "podium/ir/op.h"

namespace podium {
namespace {

/// Returns `value` as T; what C++ leaves undefined (out of range, NaN) saturates, as XLA's CPU compiler does.
template <class T>
T integer_from(double value) {
    if (std::isnan(value)) return T(0);
    if constexpr (requires { T::LEAST; }) {
        if (value <= static_cast<double>(T::LEAST)) return T(T::LEAST);
        if (value >= static_cast<double>(T::GREATEST)) return T(T::GREATEST);
        return T(static_cast<std::int64_t>(value));
    } else {
        if (value <= static_cast<double>(std::numeric_limits<T>::min())) return std::numeric_limits<T>::min();
        if (value >= static_cast<double>(std::numeric_limits<T>::max())) return std::numeric_limits<T>::max();
        return static_cast<T>(value);
    }
}

template <class T>
T element_from(double value) {
    if constexpr (std::is_same_v<T, BFloat16>)
        return bfloat16_from_double(value);
    else if constexpr (std::is_same_v<T, Float16>)
        return float16_from_double(value);
    else if constexpr (std::is_same_v<T, bool>)
        return value != 0;
    else if constexpr (requires { T::from_double(value); })
        return T::from_double(value);
    else if constexpr (std::is_integral_v<T> || requires { T::LEAST; })
        return integer_from<T>(value);
    else
        return T(static_cast<decltype(std::real(T()))>(value));
}

template <class T>
T element_from(Complex128 value) {
    if constexpr (requires(T t) { t.imag(); })
        return T(value);
    else
        return element_from<T>(value.real());
}

template <class T, class I>
T element_from(I value) {
    if constexpr (std::is_same_v<T, bool>)
        return value != 0;
    else if constexpr (std::is_integral_v<T>)
        return static_cast<T>(value);
    else if constexpr (requires { T::LEAST; })
        return T(static_cast<std::int64_t>(value));
    else if constexpr (std::is_same_v<T, float>)
        return static_cast<float>(value);  // once, where a double between would round twice
    else
        return element_from<T>(static_cast<double>(value));
}

}  // namespace

Number load(const HostArray& array, std::int64_t i) {
    if (is_float(array.type())) return array.as_double(i);
    if (is_complex(array.type())) return array.as_complex(i);
    return with_element_type(array.type(), [&]<class T>() -> Number {
        if constexpr (std::is_integral_v<T> || requires { T::LEAST; }) {
            const T value = reinterpret_cast<const T*>(array.data())[i];
            if constexpr (data_type_of<T> == DataType::BOOL || is_unsigned(data_type_of<T>))
                return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
            else
                return static_cast<std::int64_t>(value);
        } else {
            return 0.0;
        }
    });
}

void store(HostArray& array, std::int64_t i, const Number& number) {
    with_element_type(array.type(), [&]<class T>() {
        T& slot = reinterpret_cast<T*>(array.mutable_data())[i];
        std::visit([&](auto value) { slot = element_from<T>(value); }, number);
    });
}

namespace {

template <class T>
Number apply(const Op& op, T (*f)(const T*), std::span<const Number> operands) {
    if (f == nullptr) fail(Code::UNIMPLEMENTED, "{}: the reference does not take this type", op.name);
    std::array<T, 3> values{};
    for (std::size_t i = 0; i < operands.size(); ++i)
        values[i] = std::visit([](auto value) { return element_from<T>(value); }, operands[i]);
    return f(values.data());
}

}  // namespace

Number apply_reference(const Op& op, std::span<const Number> operands) {
    const Number& kind = operands.back();  // the first may be a condition
    if (std::holds_alternative<double>(kind)) return apply(op, op.reference.f64, operands);
    if (std::holds_alternative<std::int64_t>(kind)) return apply(op, op.reference.i64, operands);
    if (std::holds_alternative<Complex128>(kind)) return apply(op, op.reference.c128, operands);
    return apply(op, op.reference.u64, operands);
}

Number combine(const Op& combiner, const Number& x, const Number& y) {
    const std::array operands{x, y};
    return apply_reference(combiner, operands);
}

void for_each_index(const Dims& dims, const std::function<void(const Dims&)>& f) {
    for (const auto dim : dims)
        if (dim == 0) return;
    Dims index(dims.size(), 0);
    while (true) {
        f(index);
        std::size_t i = dims.size();
        while (i > 0 && ++index[i - 1] == dims[i - 1]) index[--i] = 0;
        if (i == 0) return;
    }
}

std::int64_t flat_index(const Dims& index, const Dims& dims) {
    std::int64_t flat = 0;
    for (std::size_t i = 0; i < dims.size(); ++i) flat = flat * dims[i] + index[i];
    return flat;
}

HostArray move_elements(const Shape& shape, const HostArray& source,
                        const std::function<std::int64_t(const Dims&)>& f) {
    HostArray result(shape);
    const auto width = size_bytes(shape.type);
    std::int64_t position = 0;
    for_each_index(shape.dims, [&](const Dims& index) {
        if (const auto from = f(index); from >= 0)
            std::memcpy(result.mutable_data() + static_cast<std::size_t>(position) * width,
                        source.data() + static_cast<std::size_t>(from) * width, width);
        ++position;
    });
    return result;
}

}  // namespace podium

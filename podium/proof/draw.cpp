#include "podium/proof/draw.h"

#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "podium/ir/creation.h"
#include "podium/ir/movement.h"
#include "podium/ir/number.h"

namespace podium::proof {
namespace {

/// Where sign, exponent and mantissa lie in an IEEE type of at least 16 bits.
struct Layout {
    int exponent_bits, mantissa_bits;
};
Layout layout_of(DataType type) {
    switch (type) {
        case DataType::FLOAT16: return {5, 10};
        case DataType::BFLOAT16: return {8, 7};
        case DataType::FLOAT32: return {8, 23};
        default: return {11, 52};
    }
}

/// Returns zero, the least denormal and normal number, one, the greatest number, infinity and NaN.
std::array<std::uint64_t, 7> special_bits(const Layout& layout) {
    const std::uint64_t one = 1, least_normal = one << layout.mantissa_bits;
    const std::uint64_t infinity = ((one << layout.exponent_bits) - 1) << layout.mantissa_bits;
    return {0,
            1,
            least_normal,
            infinity / 2 / least_normal * least_normal,
            infinity - 1,
            infinity,
            infinity | (least_normal >> 1)};
}

void put_bits(HostArray& array, std::int64_t i, std::uint64_t bits) {
    const auto width = size_bytes(array.type());
    std::memcpy(array.mutable_data() + static_cast<std::size_t>(i) * width, &bits, width);
}

}  // namespace

HostArray flushed(const HostArray& array) {
    const DataType part = part_type(array.type());
    if (part != DataType::FLOAT16 && part != DataType::BFLOAT16 && part != DataType::FLOAT32 &&
        part != DataType::FLOAT64)
        return array;
    const std::int64_t count = is_complex(array.type()) ? 2 * array.count() : array.count();
    HostArray parts(Shape(part, {count}));
    std::memcpy(parts.mutable_data(), array.data(), array.size_bytes());
    const double least = part == DataType::FLOAT64   ? std::numeric_limits<double>::min()
                         : part == DataType::FLOAT16 ? 0x1p-14
                                                     : std::numeric_limits<float>::min();
    for (std::int64_t i = 0; i < count; ++i)
        if (const double value = parts.as_double(i); std::fabs(value) < least)
            store(parts, i, std::copysign(0.0, value));
    HostArray result(array.shape());
    std::memcpy(result.mutable_data(), parts.data(), array.size_bytes());
    return result;
}

Draw::Draw(const Op& row, DataType of, bool folded, std::uint64_t seed, const TraceScope& scope, Denormals denormals)
    : op(row), type(of), folded_(folded), denormals_(denormals), engine_(seed), scope_(scope) {}

std::int64_t Draw::below(std::int64_t count) {
    return static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(count));
}

double Draw::unit() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }

Dims Draw::dims(std::int64_t rank, std::int64_t low, std::int64_t high) {
    Dims result(static_cast<std::size_t>(rank));
    for (auto& size : result) size = between(low, high);
    return result;
}

Dims Draw::any_dims(std::int64_t least_rank) {
    constexpr std::int64_t RANKS = 4, SIZES = 5, HOW_RARELY_EMPTY = 8;
    Dims result = dims(between(least_rank, RANKS - 1), 1, SIZES);
    if (!result.empty() && below(HOW_RARELY_EMPTY) == 0)
        result[static_cast<std::size_t>(below(static_cast<std::int64_t>(result.size())))] = 0;
    return result;
}

Dims Draw::permutation(std::int64_t rank) {
    Dims order(static_cast<std::size_t>(rank));
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int64_t>(i);
    for (std::int64_t i = rank; i > 1; --i)
        std::swap(order[static_cast<std::size_t>(i - 1)], order[static_cast<std::size_t>(below(i))]);
    return order;
}

Tensor Draw::given(const HostArray& drawn) {
    const HostArray array = denormals_ == Denormals::FLUSHED ? flushed(drawn) : drawn;
    if (folded_) return constant(array);
    parameters_.push_back(scope_.parameter(array.shape()));
    arguments_.push_back(array);
    return parameters_.back();
}

Tensor Draw::operand(const Shape& shape, Values values) {
    constexpr std::int64_t HOW_RARELY_TRANSPOSED = 4;
    if (shape.rank() < 2 || below(HOW_RARELY_TRANSPOSED) != 0) return given(array(shape, values));
    const Dims order = permutation(shape.rank());
    Shape stored = shape;
    for (std::size_t i = 0; i < order.size(); ++i) stored.dims[static_cast<std::size_t>(order[i])] = shape.dims[i];
    return transpose(given(array(stored, values)), order);
}

Tensor Draw::integers(Dims dims, std::int64_t low, std::int64_t high, DataType of) {
    HostArray array(Shape(of, std::move(dims)));
    for (std::int64_t i = 0; i < array.count(); ++i) store(array, i, between(low, high));
    return given(array);
}

Tensor Draw::shuffled(Dims dims, std::int64_t low) {
    HostArray array(Shape(type, std::move(dims)));
    const Dims order = permutation(array.count());
    for (std::int64_t i = 0; i < array.count(); ++i) {
        const auto number = low + order[static_cast<std::size_t>(i)];
        is_float(type) ? store(array, i, static_cast<double>(number)) : store(array, i, number);
    }
    return given(array);
}

HostArray Draw::array(const Shape& shape, Values values) {
    HostArray result(is_complex(shape.type) ? Shape(part_type(shape.type), shape.dims) : shape);
    if (is_complex(shape.type)) {
        result = HostArray(Shape(part_type(shape.type), {2 * shape.count()}));
        result = array(result.shape(), values);
        HostArray complex(shape);
        std::memcpy(complex.mutable_data(), result.data(), result.size_bytes());
        return complex;
    }
    enum Source { SPECIAL_ONES, FROM_DOMAIN, ALL_BITS };
    constexpr std::int64_t SOURCES = 3;
    const DataType element = shape.type;
    const bool narrow = size_bits(element) <= 8;
    for (std::int64_t i = 0; i < result.count(); ++i) {
        const auto source = static_cast<Source>(below(SOURCES));
        if (element == DataType::BOOL) {
            store(result, i, std::uint64_t{coin()});
        } else if (values == Values::WHOLE) {
            store(result, i, is_unsigned(element) ? between(0, 2) : between(-1, 2));
            if (is_float(element))
                store(result, i, static_cast<double>(element == DataType::FLOAT8_E8M0FNU ? 1 : between(-1, 2)));
        } else if (values == Values::DOMAIN || (source == FROM_DOMAIN && !narrow)) {
            const double number = domain_number();
            is_float(element)      ? store(result, i, number)
            : is_unsigned(element) ? store(result, i, static_cast<std::uint64_t>(std::abs(number)))
                                   : store(result, i, static_cast<std::int64_t>(number));
        } else if (is_integer(element)) {
            constexpr std::int64_t NEAR = 2;  // of zero, and of both ends
            const auto width = size_bits(element);
            const std::uint64_t ends[]{0, std::uint64_t{1} << (width - 1), width};
            const std::uint64_t bits =
                source == ALL_BITS ? engine_() : ends[below(3)] + static_cast<std::uint64_t>(between(-NEAR, NEAR));
            store(result, i, bits);
        } else if (narrow) {  // they are few: all are special
            put_bits(result, i, engine_() & ((std::uint64_t{1} << size_bits(element)) - 1));
        } else if (source == ALL_BITS) {
            put_bits(result, i, engine_() >> (64 - size_bits(element)));
        } else {
            const auto bits = special_bits(layout_of(element));
            const auto sign = std::uint64_t{coin()} << (size_bits(element) - 1);
            put_bits(result, i, bits[static_cast<std::size_t>(below(std::ssize(bits)))] | sign);
        }
    }
    return result;
}

}  // namespace podium::proof

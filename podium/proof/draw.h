#pragma once

#include <cstdint>
#include <random>

#include "podium/ir/op.h"

namespace podium::proof {

/// How the elements of an operand are drawn.
enum class Values {
    ANY,  ///< special values (NaN, infinities, denormals, signed zeros, extremes) among the row's domain and all bits
    DOMAIN,  ///< of the row's domain: numbers that need a tolerance need a scale
    WHOLE,   ///< whole numbers so small that their sums and products are exact in any order and every type
};

/// What becomes of numbers below the least normal one: processors may take them for zero.
enum class Denormals { KEPT, FLUSHED };
/// Returns the array with such numbers of f64, f32, their complex types, bf16 and f16 as zeros of their sign.
HostArray flushed(const HostArray& array);

/// A sequence of random choices; the same for the same seed on every machine.
class Draw {
public:
    /// `folded`: operands become constants of the program instead of its parameters.
    Draw(const Op& op, DataType type, bool folded, std::uint64_t seed, const TraceScope& scope,
         Denormals denormals = Denormals::KEPT);

    const Op& op;
    const DataType type;

    /// Returns a number in [0, count).
    std::int64_t below(std::int64_t count);
    /// Returns a number in [low, high].
    std::int64_t between(std::int64_t low, std::int64_t high) { return low + below(high - low + 1); }
    bool coin() { return below(2) == 0; }
    /// Returns `rank` sizes in [low, high].
    Dims dims(std::int64_t rank, std::int64_t low, std::int64_t high);
    /// Returns dims of 0 to 3 dimensions; now and then with an empty one.
    Dims any_dims(std::int64_t least_rank = 0);
    /// Returns 0 … rank-1 in any order.
    Dims permutation(std::int64_t rank);

    /// Returns an operand of the case's type, or of another; now and then its memory is laid out transposed.
    Tensor operand(Dims dims, Values values = Values::ANY) { return operand(Shape(type, std::move(dims)), values); }
    Tensor operand(const Shape& shape, Values values = Values::ANY);
    /// Returns integers in [low, high], of i32 unless said otherwise.
    Tensor integers(Dims dims, std::int64_t low, std::int64_t high, DataType of = DataType::INT32);
    /// Returns low, low + 1, … of the case's type in any order.
    Tensor shuffled(Dims dims, std::int64_t low);

    HostArray array(const Shape& shape, Values values);

    const Tensors& parameters() const { return parameters_; }
    const std::vector<HostArray>& arguments() const { return arguments_; }  ///< one a parameter

private:
    double domain_number() { return op.domain.low + (op.domain.high - op.domain.low) * unit(); }
    double unit();  ///< in [0, 1)
    Tensor given(const HostArray& array);

    bool folded_;
    Denormals denormals_;
    std::mt19937_64 engine_;
    const TraceScope& scope_;
    Tensors parameters_;
    std::vector<HostArray> arguments_;
};

}  // namespace podium::proof

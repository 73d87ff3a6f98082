#pragma once

#include <optional>

#include "podium/ir/ops.h"

/// Random numbers beyond podium/ir/random.h; those drawn by rejection are in podium/numeric/rejection.h. For equal keys
/// they are jax.random's to float rounding, where JAX has 32-bit integers and partitionable keys. Dimensions come
/// second, as in `uniform`; floats narrower than f32 are rounded from f32.
namespace podium::distributions {

/// Returns integers in [low, high), bounds being numbers or tensors of `type` that broadcast to `dims`; `low` where
/// there are none between. Twice the type's bits are drawn (64 at least), so that the bias of one integer against
/// another is at most about (high − low) / 2^64.
Tensor randint(const Key& key, const Dims& dims, const Operand& low, const Operand& high,
               DataType type = DataType::INT32);

/// Returns 0, 1, …, count − 1 (i32) in random order.
Tensor permutation(const Key& key, std::int64_t count);
/// Returns the slices of `x` along `axis` in random order.
Tensor permutation(const Key& key, const Operand& x, std::int64_t axis = 0);
/// Returns `x` with each line along `axis` in a random order of its own.
Tensor shuffle(const Key& key, const Operand& x, std::int64_t axis = 0);

struct ChoiceOptions {
    bool replace = true;                       ///< the same one may be drawn again
    std::optional<Tensor> probabilities = {};  ///< floats [count] that sum to 1; equal ones where not given
    std::int64_t axis = 0;
};
/// Returns `dims` of the numbers 0, 1, …, count − 1 (i32).
Tensor choice(const Key& key, std::int64_t count, const Dims& dims, const ChoiceOptions& options = {});
/// Returns `dims` of the slices of `x` along an axis, in its place.
Tensor choice(const Key& key, const Operand& x, const Dims& dims, const ChoiceOptions& options = {});

/// Returns numbers of density exp(−x) for x ≥ 0.
Tensor exponential(const Key& key, const Dims& dims, DataType type = DataType::FLOAT32);
/// Returns numbers of density exp(−|x|) / 2.
Tensor laplace(const Key& key, const Dims& dims, DataType type = DataType::FLOAT32);
/// Returns numbers of density 1 / (π (1 + x²)).
Tensor cauchy(const Key& key, const Dims& dims, DataType type = DataType::FLOAT32);
/// Returns numbers of density exp(−x − exp(−x)).
Tensor gumbel(const Key& key, const Dims& dims, DataType type = DataType::FLOAT32);
/// Returns numbers whose distribution function is the row `logistic`.
Tensor logistic(const Key& key, const Dims& dims, DataType type = DataType::FLOAT32);
/// Returns −1 and 1, equally often.
Tensor rademacher(const Key& key, const Dims& dims, DataType type = DataType::INT32);
/// Returns how many trials of success `probability` (a number or floats that broadcast to `dims`) the first success
/// takes: 1 and more.
Tensor geometric(const Key& key, const Dims& dims, const Operand& probability, DataType type = DataType::INT32);
/// Returns [dims, n]: normal vectors around `mean` [..., n] of that `covariance` [..., n, n], positive definite.
/// Leading dimensions broadcast to `dims`. Gradients flow to both.
Tensor multivariate_normal(const Key& key, const Dims& dims, const Operand& mean, const Operand& covariance);

}  // namespace podium::distributions

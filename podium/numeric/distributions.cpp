#include "podium/numeric/distributions.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace podium::distributions {
namespace {

/// Returns draw(type), rounded from f32 where `type` is narrower.
template <class F>
Tensor drawn_float(std::string_view op, DataType type, F draw) {
    if (!is_float(type)) fail(Code::DTYPE_MISMATCH, "{}: gives floating-point numbers, asked for {}", op, name(type));
    return size_bytes(type) <= 2 ? convert(draw(DataType::FLOAT32), type) : draw(type);
}

double least_normal(DataType type) {
    return type == DataType::FLOAT64 ? std::numeric_limits<double>::min() : std::numeric_limits<float>::min();
}
double epsilon_of(DataType type) {
    return type == DataType::FLOAT64 ? std::numeric_limits<double>::epsilon() : std::numeric_limits<float>::epsilon();
}

struct Bounds {
    std::int64_t low = 0, high = 0;
};
Bounds bounds_of(DataType type) {
    const auto bits = static_cast<std::int64_t>(size_bits(type));
    if (is_unsigned(type))
        return {0, bits == 64 ? std::numeric_limits<std::int64_t>::max() : (std::int64_t{1} << bits) - 1};
    const auto high = bits == 64 ? std::numeric_limits<std::int64_t>::max() : (std::int64_t{1} << (bits - 1)) - 1;
    return {-high - 1, high};
}

/// Returns the tensor with its elements along `axis` sorted by random bits, so often that equal bits do not matter.
/// Source: jax.random.permutation; tensorflow/compiler/tf2xla/random_ops.cc.
Tensor sorted_by_bits(Key key, Tensor x, std::int64_t axis) {
    constexpr double EXPONENT = 3;
    const auto count = static_cast<double>(std::max<std::int64_t>(1, x.shape().count()));
    const auto rounds = static_cast<int>(std::ceil(
        EXPONENT * std::log(count) / std::log(static_cast<double>(std::numeric_limits<std::uint32_t>::max()))));
    for (int round = 0; round < rounds; ++round) {
        const auto keys = split(key);
        key = keys[0];
        x = sort_by([](const Tensors& t) -> Tensors { return {less(t[0], t[1])}; }, {random_bits(keys[1], x.dims()), x},
                    axis)[1];
    }
    return x;
}

}  // namespace

Tensor randint(const Key& key, const Dims& dims, const Operand& low, const Operand& high, DataType type) {
    const LocationScope scope(low.location());
    if (!is_integer(type))
        fail_at(Code::DTYPE_MISMATCH, low.location(), fmt::format("randint: gives integers, asked for {}", name(type)));
    const DataType sampled = size_bits(type) < 32 ? DataType::INT32 : type;
    const bool wide = size_bits(sampled) == 64;
    const DataType raw = wide ? DataType::UINT64 : DataType::UINT32;
    const Bounds all = bounds_of(type);
    const auto bound = [&](const Operand& given, std::int64_t greatest) {
        if (given.is_number())
            return scalar_of(sampled,
                             std::clamp(given.integer(), all.low, std::min(greatest, bounds_of(sampled).high)));
        return convert(given, sampled);
    };
    const Tensor from = bound(low, all.high), to = bound(high, sampled == type ? all.high : all.high + 1);
    Tensor span = convert(to - from, raw);
    // One more where the greatest integer of the type is asked for; all of them wrap to 0.
    if (high.is_number() && sampled == type && high.integer() > all.high) span = span + 1;
    span = select(less_equal(to, from), 1, span);
    // What remains of twice as many bits: (a b) mod n is ((a mod n) (b mod n)) mod n. By 0 nothing is divided.
    const Tensor whole = equal(span, 0);
    const auto mod = [&](const Tensor& x) { return select(whole, x, remainder(x, select(whole, 1, span))); };
    const auto keys = split(key);
    const Tensor higher = random_bits(keys[0], dims, raw), lower = random_bits(keys[1], dims, raw);
    const Tensor half = mod(scalar_of(raw, std::int64_t{1} << (wide ? 32 : 16)));
    const Tensor offset = mod(mod(higher) * mod(half * half) + mod(lower));
    return convert(broadcast_to(from + convert(offset, sampled), dims), type);
}

Tensor permutation(const Key& key, std::int64_t count) {
    if (count < 0) fail(Code::INVALID_ARGUMENT, "permutation: a count is not negative, got {}", count);
    return sorted_by_bits(key, arange(count), 0);
}

Tensor permutation(const Key& key, const Operand& x, std::int64_t axis) {
    const LocationScope scope(x.location());
    axis = normalize_axis("permutation", axis, x.tensor().rank(), x.location());
    if (x.tensor().rank() == 1) return sorted_by_bits(key, x.tensor(), 0);
    return take(x, permutation(key, x.tensor().dim(axis)), axis);
}

Tensor shuffle(const Key& key, const Operand& x, std::int64_t axis) {
    const LocationScope scope(x.location());
    return sorted_by_bits(key, x.tensor(), normalize_axis("shuffle", axis, x.tensor().rank(), x.location()));
}

Tensor choice(const Key& key, std::int64_t count, const Dims& dims, const ChoiceOptions& options) {
    const auto draws = Shape(DataType::INT32, dims).count();
    if (draws == 0) return zeros(dims, DataType::INT32);
    if (count < 1 || (!options.replace && draws > count))
        fail(Code::INVALID_ARGUMENT, "choice: {} were asked for of {}; draw fewer, or the same again", draws, count);
    if (!options.probabilities) {
        if (options.replace) return randint(key, dims, 0, count);
        return reshape(slice(permutation(key, count), {0}, {draws}), dims);
    }
    const Tensor& shares = *options.probabilities;
    if (!is_float(shares.type()) || shares.dims() != Dims{count})
        fail(Code::SHAPE_MISMATCH, "choice: takes {} floating-point probabilities, got {}", count,
             to_string(shares.shape()));
    if (!options.replace) {
        // The greatest of log p plus Gumbel noise. Source: Yellott 1977, Journal of Mathematical Psychology 15(2).
        const Tensor scores = gumbel(key, {count}, shares.type()) + log(shares);
        return reshape(top_k(scores, draws).indices, dims);
    }
    const Tensor running = cumulative_sum(shares, 0);
    const Tensor total = squeeze(slice(running, {count - 1}, {count}), 0);
    return searchsorted(running, total * (1.0 - uniform(key, dims, 0.0, 1.0, shares.type())));
}

Tensor choice(const Key& key, const Operand& x, const Dims& dims, const ChoiceOptions& options) {
    const LocationScope scope(x.location());
    const auto axis = normalize_axis("choice", options.axis, x.tensor().rank(), x.location());
    return take(x, choice(key, x.tensor().dim(axis), dims, options), axis);
}

Tensor exponential(const Key& key, const Dims& dims, DataType type) {
    return drawn_float("exponential", type, [&](DataType t) { return -log1p(-uniform(key, dims, 0.0, 1.0, t)); });
}

Tensor laplace(const Key& key, const Dims& dims, DataType type) {
    return drawn_float("laplace", type, [&](DataType t) {
        const Tensor u = uniform(key, dims, epsilon_of(t) / 2 - 1.0, 1.0, t);
        return sign(u) * log1p(-abs(u));
    });
}

Tensor cauchy(const Key& key, const Dims& dims, DataType type) {
    return drawn_float("cauchy", type, [&](DataType t) {
        return tan((uniform(key, dims, epsilon_of(t), 1.0, t) - 0.5) * std::numbers::pi);
    });
}

Tensor gumbel(const Key& key, const Dims& dims, DataType type) {
    return drawn_float("gumbel", type,
                       [&](DataType t) { return -log(-log(uniform(key, dims, least_normal(t), 1.0, t))); });
}

Tensor logistic(const Key& key, const Dims& dims, DataType type) {
    return drawn_float("logistic", type, [&](DataType t) {
        const Tensor u = uniform(key, dims, least_normal(t), 1.0, t);
        return log(u) - log1p(-u);
    });
}

Tensor rademacher(const Key& key, const Dims& dims, DataType type) {
    return convert(convert(bernoulli(key, 0.5, dims), DataType::INT32) * 2 - 1, type);
}

Tensor geometric(const Key& key, const Dims& dims, const Operand& probability, DataType type) {
    const LocationScope scope(probability.location());
    const Tensor share = as_tensor(probability, DataType::FLOAT32);
    const Tensor u = uniform(key, dims, 0.0, 1.0, share.type());
    const Tensor logarithm = log(select(equal(u, 0.0), 1.0, u));
    return convert(floor(logarithm / broadcast_to(log1p(-share), dims)) + 1.0, type);
}

Tensor multivariate_normal(const Key& key, const Dims& dims, const Operand& mean, const Operand& covariance) {
    const LocationScope scope(mean.location());
    const Tensor &centre = mean.tensor(), &spread = covariance.tensor();
    if (centre.rank() < 1 || spread.rank() < 2 || spread.dim(-1) != centre.dim(-1) || spread.dim(-2) != centre.dim(-1))
        fail_at(Code::SHAPE_MISMATCH, mean.location(),
                fmt::format("multivariate_normal: takes a mean [..., n] and a covariance [..., n, n], got {} and {}",
                            to_string(centre.shape()), to_string(spread.shape())));
    Dims all = dims;
    all.push_back(centre.dim(-1));
    const Tensor noise = normal(key, all, centre.type());
    const Tensor spreading = squeeze(matmul(cholesky(covariance), expand_dims(noise, -1)), -1);
    return broadcast_to(centre, all) + spreading;
}

}  // namespace podium::distributions

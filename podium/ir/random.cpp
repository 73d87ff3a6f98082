#include "podium/ir/random.h"

#include <cmath>
#include <limits>

#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/movement.h"
#include "podium/ir/reduction.h"
#include "podium/ir/slicing.h"

namespace podium {
namespace {

struct Pair {
    Tensor first, second;
};

Tensor rotate_left(const Tensor& x, std::uint32_t by) {
    return logical_or(shift_left(x, by), shift_right_logical(x, 32 - by));
}

/// Returns Threefry-2x32 with 20 rounds. Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
Pair threefry(const Pair& key, Pair x) {
    constexpr std::array<std::array<std::uint32_t, 4>, 2> ROTATIONS{{{13, 15, 26, 6}, {17, 29, 16, 24}}};
    const std::array<Tensor, 3> keys{key.first, key.second, key.first ^ key.second ^ 0x1BD11BDA};
    x = {x.first + keys[0], x.second + keys[1]};
    for (std::uint32_t round = 0; round < 5; ++round) {
        for (const auto by : ROTATIONS[round % 2]) {
            x.first = x.first + x.second;
            x.second = x.first ^ rotate_left(x.second, by);
        }
        x = {x.first + keys[(round + 1) % 3], x.second + keys[(round + 2) % 3] + (round + 1)};
    }
    return x;
}

Pair halves(const Key& key) {
    if (!(key.data.shape() == Shape(DataType::UINT32, {2})))
        fail(Code::SHAPE_MISMATCH, "random: a key is u32[2], got {}; make one with key(seed)",
             to_string(key.data.shape()));
    return {squeeze(slice(key.data, {0}, {1}), 0), squeeze(slice(key.data, {1}, {2}), 0)};
}

/// Returns the threefry of every element's global row-major index: JAX's partitionable form, from plain u32 rows.
Pair bits_of_indices(const Key& key, const Dims& dims) {
    const bool wide = Shape(DataType::UINT32, dims).count() > (std::int64_t{1} << 32);
    const auto type = wide ? DataType::UINT64 : DataType::UINT32;
    const Dims strides = row_major_strides(dims);
    Tensor index = full(dims, 0, type);
    for (std::size_t i = 0; i < dims.size(); ++i)
        if (dims[i] > 1) index = index + iota(dims, static_cast<std::int64_t>(i), type) * strides[i];
    if (!wide) return threefry(halves(key), {zeros(dims, DataType::UINT32), index});
    return threefry(halves(key), {convert(shift_right_logical(index, 32), DataType::UINT32),
                                  convert(index & 0xFFFFFFFF, DataType::UINT32)});
}

void expect_float(const char* op, DataType type) {
    if (!is_float(type)) fail(Code::DTYPE_MISMATCH, "{}: gives floating-point numbers, asked for {}", op, name(type));
}

Tensor join_key(const Tensor& first, const Tensor& second) {
    return concatenate({expand_dims(first, 0), expand_dims(second, 0)}, 0);
}

}  // namespace

Key key(std::uint64_t seed) {
    return {constant(
        HostArray::of<std::uint32_t>({2}, {static_cast<std::uint32_t>(seed >> 32), static_cast<std::uint32_t>(seed)}))};
}

std::vector<Key> split_list(const Key& key, std::int64_t count) {
    const Pair bits = bits_of_indices(key, {count});
    std::vector<Key> keys;
    for (std::int64_t i = 0; i < count; ++i)
        keys.push_back({concatenate({slice(bits.first, {i}, {i + 1}), slice(bits.second, {i}, {i + 1})}, 0)});
    return keys;
}

Key fold_in(const Key& key, const Operand& data) {
    const Tensor number =
        data.is_number() ? scalar_of(DataType::UINT32, data) : convert(data.tensor(), DataType::UINT32);
    const Pair bits = threefry(halves(key), {zeros({}, DataType::UINT32), number});
    return {join_key(bits.first, bits.second)};
}

Tensor random_bits(const Key& key, const Dims& dims, DataType type) {
    const Pair bits = bits_of_indices(key, dims);
    if (type == DataType::UINT32) return bits.first ^ bits.second;
    if (type != DataType::UINT64) fail(Code::DTYPE_MISMATCH, "random_bits: gives u32 or u64, asked for {}", name(type));
    return shift_left(convert(bits.first, type), 32) | convert(bits.second, type);
}

Tensor uniform(const Key& key, Dims dims, double low, double high, DataType type) {
    expect_float("uniform", type);
    if (size_bytes(type) <= 2) return convert(uniform(key, std::move(dims), low, high, DataType::FLOAT32), type);
    const bool wide = type == DataType::FLOAT64;
    const DataType raw = wide ? DataType::UINT64 : DataType::UINT32;
    const auto one = wide ? std::bit_cast<std::int64_t>(1.0) : std::int64_t{std::bit_cast<std::int32_t>(1.0F)};
    const Tensor mantissa = shift_right_logical(random_bits(key, dims, raw), wide ? 12 : 9);
    Tensor unit = bitcast_convert(mantissa | one, type) - 1.0;
    if (low == 0.0 && high == 1.0) return unit;
    const double span = wide ? high - low : static_cast<double>(static_cast<float>(high) - static_cast<float>(low));
    return maximum(unit * span + low, low);
}

Tensor normal(const Key& key, Dims dims, DataType type) {
    expect_float("normal", type);
    const double low = type == DataType::FLOAT64 ? std::nextafter(-1.0, 0.0) : std::nextafter(-1.0F, 0.0F);
    if (size_bytes(type) <= 2) return convert(normal(key, std::move(dims), DataType::FLOAT32), type);
    return erf_inv(uniform(key, std::move(dims), low, 1.0, type)) * std::sqrt(2.0);
}

Tensor truncated_normal(const Key& key, Dims dims, double low, double high, DataType type) {
    expect_float("truncated_normal", type);
    if (size_bytes(type) <= 2)
        return convert(truncated_normal(key, std::move(dims), low, high, DataType::FLOAT32), type);
    const double root = std::sqrt(2.0);
    const Tensor drawn =
        erf_inv(uniform(key, std::move(dims), std::erf(low / root), std::erf(high / root), type)) * root;
    return clamp(low, drawn, high);
}

Tensor bernoulli(const Key& key, double probability, Dims dims) {
    return less(uniform(key, std::move(dims)), probability);
}

Tensor categorical(const Key& key, const Operand& logits) {
    const Tensor& scores = logits.tensor();
    const double tiny =
        scores.type() == DataType::FLOAT64 ? std::numeric_limits<double>::min() : std::numeric_limits<float>::min();
    const Tensor noise = negate(log(negate(log(uniform(key, scores.dims(), tiny, 1.0, scores.type())))));
    return argmax(scores + noise, -1);
}

}  // namespace podium

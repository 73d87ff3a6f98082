#pragma once

#include "podium/ir/op.h"

namespace podium {

/// A key of random numbers: u32[2]. Equal keys give equal numbers on every device and mesh; split before reuse.
struct Key {
    Tensor data;
};

/// Returns the key of a seed, JAX's `random.key(seed)` for 64-bit seeds.
Key key(std::uint64_t seed);
/// Returns `Count` independent keys.
template <std::size_t Count = 2>
std::array<Key, Count> split(const Key& key);
/// Returns `count` independent keys.
std::vector<Key> split_list(const Key& key, std::int64_t count);
/// Returns the key of `key` and a number: of a step, a layer, a sample. data: an integer or an integer scalar.
Key fold_in(const Key& key, const Operand& data);

/// Returns random bits: u32 or u64.
Tensor random_bits(const Key& key, const Dims& dims, DataType type = DataType::UINT32);
/// Returns numbers in [low, high).
Tensor uniform(const Key& key, Dims dims, double low = 0.0, double high = 1.0, DataType type = DataType::FLOAT32);
/// Returns numbers of mean 0 and standard deviation 1.
Tensor normal(const Key& key, Dims dims, DataType type = DataType::FLOAT32);
/// Returns normal numbers between `low` and `high`.
Tensor truncated_normal(const Key& key, Dims dims, double low = -2.0, double high = 2.0,
                        DataType type = DataType::FLOAT32);
/// Returns bools that are true with probability `probability`.
Tensor bernoulli(const Key& key, double probability, Dims dims);
/// Returns i32 indices drawn with probabilities softmax(logits) over the last dimension.
Tensor categorical(const Key& key, const Operand& logits);

template <std::size_t Count>
std::array<Key, Count> split(const Key& key) {
    const auto keys = split_list(key, static_cast<std::int64_t>(Count));
    std::array<Key, Count> result;
    std::copy(keys.begin(), keys.end(), result.begin());
    return result;
}

}  // namespace podium

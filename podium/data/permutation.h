#pragma once

#include <cstdint>

namespace podium::data {

/// Returns 64 well-mixed bits of two numbers. Source: Steele, Lea, Flood 2014, "Fast splittable pseudorandom number
/// generators", SplitMix64's output function, applied to each number in turn.
std::uint64_t mix(std::uint64_t a, std::uint64_t b);

/// A shuffle of 0 … count-1 without a table: a keyed Feistel network over the smallest grid of rows and columns that
/// holds the numbers, walked again whenever it leaves them. Source: Black, Rogaway 2002, "Ciphers with arbitrary finite
/// domains", generalized Feistel and cycle walking. For mixing samples, not for secrets.
class Permutation {
public:
    /// count: at least 1.
    Permutation(std::uint64_t count, std::uint64_t key);

    std::uint64_t count() const { return count_; }
    /// Returns the number at `position`, which must be below count.
    std::uint64_t operator()(std::uint64_t position) const;

private:
    std::uint64_t count_, key_, rows_, columns_;
};

}  // namespace podium::data

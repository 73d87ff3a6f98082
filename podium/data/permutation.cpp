#include "podium/data/permutation.h"

#include <cmath>

#include "podium/base/error.h"

namespace podium::data {
namespace {

constexpr std::uint64_t ROUNDS = 6;

std::uint64_t scramble(std::uint64_t z) {
    z += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

}  // namespace

std::uint64_t mix(std::uint64_t a, std::uint64_t b) { return scramble(scramble(a) ^ b); }

Permutation::Permutation(std::uint64_t count, std::uint64_t key) : count_(count), key_(key) {
    if (count == 0 || count > (std::uint64_t{1} << 62))
        fail(Code::INVALID_ARGUMENT, "permutation: asked for {} numbers; give 1 to 2^62", count);
    rows_ = static_cast<std::uint64_t>(std::sqrt(static_cast<double>(count)));
    if (rows_ * rows_ < count) ++rows_;
    columns_ = (count + rows_ - 1) / rows_;
}

std::uint64_t Permutation::operator()(std::uint64_t position) const {
    if (position >= count_) fail(Code::OUT_OF_RANGE, "permutation: position {} of {} numbers", position, count_);
    do {
        std::uint64_t row = position / columns_, column = position % columns_;
        for (std::uint64_t round = 0; round < 2 * ROUNDS; round += 2) {
            row = (row + mix(key_ + round, column) % rows_) % rows_;
            column = (column + mix(key_ + round + 1, row) % columns_) % columns_;
        }
        position = row * columns_ + column;
    } while (position >= count_);
    return position;
}

}  // namespace podium::data

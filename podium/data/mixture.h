#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace podium::data {

/// Which source each sample of a mixture comes from. Every ROUND samples have each source's share, rounded to whole
/// samples and at least one, in an order of their own: sample i is a function of the weights, the key and i alone.
class Mixture {
public:
    static constexpr std::uint64_t ROUND = 1024;

    /// weights: relative; throws INVALID_ARGUMENT unless each is above 0 and finite, and there are 1 to ROUND.
    Mixture(std::span<const double> weights, std::uint64_t key);

    /// Sample `sample` of source `source`.
    struct Draw {
        std::size_t source;
        std::uint64_t sample;
    };
    Draw operator()(std::uint64_t sample) const;

private:
    std::uint64_t key_;
    std::vector<std::uint64_t> ends_;  // of the sources' places in a round, before these are shuffled
};

}  // namespace podium::data

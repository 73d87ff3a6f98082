#include "podium/data/mixture.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "podium/base/error.h"
#include "podium/data/permutation.h"

namespace podium::data {

Mixture::Mixture(std::span<const double> weights, std::uint64_t key) : key_(key), ends_(weights.size()) {
    if (weights.empty() || weights.size() > ROUND)
        fail(Code::INVALID_ARGUMENT, "data: {} weights; give 1 to {}", weights.size(), ROUND);
    for (const double weight : weights)
        if (!(weight > 0 && std::isfinite(weight)))
            fail(Code::INVALID_ARGUMENT, "data: a weight is {}; give numbers above 0", weight);
    const double whole = std::accumulate(weights.begin(), weights.end(), 0.0);
    std::vector<std::uint64_t> counts(weights.size());
    double part = 0;
    std::uint64_t taken = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        part += weights[i];
        const auto end = static_cast<std::uint64_t>(std::llround(part / whole * static_cast<double>(ROUND)));
        counts[i] = end - taken;
        taken = end;
    }
    for (auto& count : counts)
        if (count == 0) {
            ++count;
            --*std::ranges::max_element(counts);
        }
    std::partial_sum(counts.begin(), counts.end(), ends_.begin());
}

Mixture::Draw Mixture::operator()(std::uint64_t sample) const {
    const std::uint64_t round = sample / ROUND;
    const std::uint64_t place = Permutation(ROUND, mix(key_, round))(sample % ROUND);
    const auto source = static_cast<std::size_t>(std::ranges::upper_bound(ends_, place) - ends_.begin());
    const std::uint64_t begin = source == 0 ? 0 : ends_[source - 1];
    return {source, round * (ends_[source] - begin) + (place - begin)};
}

}  // namespace podium::data

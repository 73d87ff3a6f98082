#include "podium/data/corpus.h"

#include <algorithm>

#include "podium/base/error.h"

namespace podium::data {

void expect_batch(std::int64_t batch) {
    if (batch <= 0) fail(Code::INVALID_ARGUMENT, "data: batch is {}; give at least 1", batch);
}

void expect_fraction(double validation_fraction) {
    if (!(validation_fraction >= 0 && validation_fraction < 1))
        fail(Code::INVALID_ARGUMENT, "data: validation_fraction is {}; give at least 0 and less than 1",
             validation_fraction);
}

std::uint64_t Corpus::validation_batches(std::int64_t batch) const {
    expect_batch(batch);
    const std::uint64_t samples = validation_samples();
    return samples == 0 ? 0 : std::max<std::uint64_t>(samples / static_cast<std::uint64_t>(batch), 1);
}

void Corpus::expect_validation_batch(std::uint64_t index, std::int64_t batch) const {
    if (const auto batches = validation_batches(batch); index >= batches)
        fail(Code::OUT_OF_RANGE, "data: asked for validation batch {}, there are {} of {} samples", index, batches,
             batch);
}

}  // namespace podium::data

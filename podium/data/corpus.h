#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "podium/data/batch.h"
#include "podium/data/loader.h"
#include "podium/tokenizers/tokenizer.h"

namespace podium::data {

/// Throw INVALID_ARGUMENT for a batch of no samples, and for a share held out that is not in [0, 1).
void expect_batch(std::int64_t batch);
void expect_fraction(double validation_fraction);

/// What a run learns from: an endless sequence of training samples and a fixed one of validation samples. Sample i is a
/// function of the data, the seed and i alone, whatever the batch size. All members may be called from any thread.
class Corpus {
public:
    virtual ~Corpus() = default;

    /// Returns the number of samples in a batch.
    virtual std::int64_t batch() const = 0;
    /// Returns what a person should know: nothing held out, ….
    virtual const std::vector<std::string>& warnings() const = 0;
    /// Returns the hash by which a resumed run knows that its data has changed.
    virtual std::uint64_t fingerprint() const = 0;

    /// Returns what spells its tokens; null where these are bytes, or there are none.
    virtual const Tokenizer* tokenizer() const { return nullptr; }

    /// Returns the number of samples in an epoch.
    virtual std::uint64_t epoch_samples() const = 0;
    /// Returns samples cursor … cursor + batch - 1, across the borders of epochs.
    virtual Batch batch_at(std::uint64_t cursor, std::int64_t batch) const = 0;
    Batch batch_at(std::uint64_t cursor) const { return batch_at(cursor, batch()); }
    /// Returns batches from `cursor` on, made ahead in a thread.
    virtual std::unique_ptr<Loader> loader(std::uint64_t cursor = 0) const = 0;

    /// Returns the number of validation samples; 0 where nothing is held out.
    virtual std::uint64_t validation_samples() const = 0;
    /// Returns the number of full validation batches, and 1 where the samples do not fill one.
    std::uint64_t validation_batches(std::int64_t batch) const;
    /// Returns batch `index` of the validation samples, in one fixed mixed order, so that the first few batches stand
    /// for all. A set smaller than one batch repeats its samples to fill it.
    virtual Batch validation_batch(std::uint64_t index, std::int64_t batch) const = 0;

protected:
    /// Throws OUT_OF_RANGE unless there is such a validation batch.
    void expect_validation_batch(std::uint64_t index, std::int64_t batch) const;

    Corpus() = default;
    Corpus(const Corpus&) = default;
    Corpus(Corpus&&) = default;
    Corpus& operator=(const Corpus&) = default;
    Corpus& operator=(Corpus&&) = default;
};

}  // namespace podium::data

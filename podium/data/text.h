#pragma once

#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "podium/data/corpus.h"
#include "podium/data/mixture.h"
#include "podium/data/token_ring.h"

namespace podium::data {

struct TextOptions {
    std::vector<std::string> paths;  // files, folders, globs: see find_files
    std::vector<double> weights;     // shares of the samples that each of the paths gives; none: all are one text
    std::int64_t batch = 16;
    std::int64_t length = 128;                  // tokens in a sample
    double validation_fraction = 0.1;           // of the bytes, as whole files
    std::vector<std::string> validation_paths;  // held out instead of the fraction; taken off `paths`
    std::uint64_t seed = 0;                     // of the shuffle; the held-out files do not depend on it
    Encoding encoding;                          // bytes, unless it has a tokenizer
};

class TextIterator;

/// Text files as tokens, bytes (vocabulary 256) or a tokenizer's ids: an endless sequence of shuffled training samples
/// and a fixed one of validation samples. The training files are one ring of tokens, or one for each of the paths where
/// these have weights. An epoch of a ring cuts it, from a place of its own, into neighbouring windows of `length` and
/// takes every window once, so no token is an input twice and fewer than `length` tokens are left out. Sample i is a
/// function of the files, the seed and i alone, whatever the batch size. Copies share the mapped files; all members may
/// be called from any thread.
class TextCorpus final : public Corpus {
public:
    static constexpr std::int64_t VOCABULARY = 256;  // of bytes

    /// Throws INVALID_DATA where paths name no file, files are unreadable or empty, or a training ring has not one
    /// window; INVALID_ARGUMENT where options are out of range, or weights are not as many as paths.
    explicit TextCorpus(TextOptions options);

    const TextOptions& options() const { return options_; }
    /// Returns how many rings the training samples come from.
    std::size_t sources() const { return sources_.size(); }
    const TokenRing& training(std::size_t source = 0) const { return *sources_.at(source).ring; }
    const TokenRing& validation() const { return *validation_; }
    std::int64_t batch() const override { return options_.batch; }
    const std::vector<std::string>& warnings() const override { return warnings_; }
    std::uint64_t fingerprint() const override;
    const Tokenizer* tokenizer() const override { return options_.encoding.tokenizer.get(); }

    /// Returns the number of windows in all training rings.
    std::uint64_t epoch_samples() const override;
    /// Returns where sample i of a source starts in its ring.
    std::uint64_t sample_start(std::uint64_t sample, std::size_t source = 0) const;
    using Corpus::batch_at;
    Batch batch_at(std::uint64_t cursor, std::int64_t batch) const override;
    std::unique_ptr<Loader> loader(std::uint64_t cursor = 0) const override;

    /// Windows of the held-out files, which do not overlap.
    std::uint64_t validation_samples() const override;
    Batch validation_batch(std::uint64_t index, std::int64_t batch) const override;

    /// One epoch of full batches from the first sample on, for range-for.
    TextIterator begin() const;
    static std::default_sentinel_t end() { return {}; }

private:
    struct Source {
        std::shared_ptr<const TokenRing> ring;
        std::uint64_t windows, seed;
    };

    TextOptions options_;
    std::vector<FoundFile> files_;
    std::vector<std::string> warnings_;
    std::vector<Source> sources_;
    std::optional<Mixture> mixture_;
    std::shared_ptr<const TokenRing> validation_;
};

class TextIterator {
public:
    using value_type = Batch;
    using difference_type = std::ptrdiff_t;

    TextIterator(std::shared_ptr<Loader> loader, std::uint64_t batches);
    const Batch& operator*() const { return current_; }
    TextIterator& operator++();
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return left_ == 0; }

private:
    std::shared_ptr<Loader> loader_;
    std::uint64_t left_;
    Batch current_;
};

/// Returns the corpus of `paths` (besides those in the options).
TextCorpus text(std::string paths, TextOptions options = {});

}  // namespace podium::data

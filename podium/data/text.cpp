#include "podium/data/text.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <set>

#include "podium/data/hold_out.h"
#include "podium/data/permutation.h"

namespace podium::data {
namespace {

constexpr std::uint64_t VALIDATION_KEY = 0x76616c6964617465;
constexpr std::uint64_t OFFSET_STREAM = 1, ORDER_STREAM = 2, SOURCE_STREAM = 3, MIXTURE_STREAM = 4;

/// A place in a ring.
struct Place {
    const TokenRing& ring;
    std::uint64_t start;
};

/// Returns the windows that begin at place(0) … place(batch - 1).
Batch windows(std::int64_t batch, std::int64_t length, std::uint64_t cursor,
              const std::function<Place(std::uint64_t)>& place) {
    expect_batch(batch);
    const Shape shape(DataType::INT32, {batch, length});
    Batch result{HostArray(shape), HostArray(shape), cursor};
    std::vector<std::int32_t> tokens(static_cast<std::size_t>(length) + 1);
    auto input = result.inputs.mutable_span<std::int32_t>().begin();
    auto target = result.targets.mutable_span<std::int32_t>().begin();
    for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(batch); ++i) {
        const auto [ring, start] = place(i);
        ring.read(start, tokens);
        input = std::copy(tokens.begin(), tokens.end() - 1, input);
        target = std::copy(tokens.begin() + 1, tokens.end(), target);
    }
    return result;
}

/// Takes empty files off the list; returns how many there were.
std::size_t drop_empty(std::vector<FoundFile>& files) {
    return std::erase_if(files, [](const FoundFile& file) { return file.size_bytes == 0; });
}

void check(const TextOptions& options) {
    if (options.batch <= 0 || options.length <= 0)
        fail(Code::INVALID_ARGUMENT, "data: batch is {} and length is {}; both must be at least 1", options.batch,
             options.length);
    expect_fraction(options.validation_fraction);
    if (!options.weights.empty() && options.weights.size() != options.paths.size())
        fail(Code::INVALID_ARGUMENT, "data: {} weights for {} paths; give each path one", options.weights.size(),
             options.paths.size());
}

/// Takes files off a list that are on another.
void take_off(std::vector<FoundFile>& files, std::span<const FoundFile> others) {
    std::set<std::string> taken;
    for (const auto& file : others) taken.insert(std::filesystem::canonical(file.path));
    std::erase_if(files, [&](const FoundFile& file) { return taken.contains(std::filesystem::canonical(file.path)); });
}

/// Returns the options' paths in the groups that are rings of their own.
std::vector<std::vector<std::string>> sources_of(const TextOptions& options) {
    if (options.weights.empty()) return {options.paths};
    std::vector<std::vector<std::string>> result(options.paths.size());
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = {options.paths[i]};
    return result;
}

}  // namespace

TextCorpus::TextCorpus(TextOptions options) : options_(std::move(options)) {
    check(options_);
    const auto length = static_cast<std::uint64_t>(options_.length);
    auto validation =
        options_.validation_paths.empty() ? std::vector<FoundFile>{} : find_files(options_.validation_paths);
    const auto named_validation = validation;
    std::size_t empty = drop_empty(validation);
    const char* const unit = options_.encoding.tokenizer ? "tokens" : "bytes";
    for (const auto& paths : sources_of(options_)) {
        auto files = find_files(paths);
        empty += drop_empty(files);
        take_off(files, files_);  // what two paths name is the first one's
        if (named_validation.empty()) take_off(files, validation);
        if (files.empty())
            fail(Code::INVALID_DATA, "data: '{}' names only empty files, or those of the paths before; give text",
                 fmt::join(paths, "', '"));
        auto split = named_validation.empty() ? hold_out(files, options_.validation_fraction, length + 1)
                                              : Split{std::move(files), {}};
        take_off(split.training, named_validation);
        validation.insert(validation.end(), split.validation.begin(), split.validation.end());
        files_.insert(files_.end(), split.training.begin(), split.training.end());
        const auto ring = std::make_shared<const TokenRing>(split.training, options_.encoding);
        if (ring->size() < length + 1)
            fail(Code::INVALID_DATA,
                 "data: one sample takes {} {} (length {} and the one that follows), the training files hold {} "
                 "('{}'); give more text or a smaller length",
                 length + 1, unit, length, ring->size(), fmt::join(paths, "', '"));
        const auto number = sources_.size();
        sources_.push_back({ring, ring->size() / length,
                            number == 0 ? options_.seed : mix(mix(options_.seed, SOURCE_STREAM), number)});
    }
    if (!options_.weights.empty()) mixture_.emplace(options_.weights, mix(options_.seed, MIXTURE_STREAM));
    files_.insert(files_.end(), validation.begin(), validation.end());
    validation_ = std::make_shared<const TokenRing>(validation, options_.encoding);
    if (empty > 0)
        warnings_.emplace_back(fmt::format("data: {} empty file{} left out", empty, empty == 1 ? " is" : "s are"));
    const bool wanted = options_.validation_fraction > 0 || !options_.validation_paths.empty();
    if (wanted && validation.empty())
        warnings_.emplace_back(
            "data: there is only one file with text, so nothing is held out and there is no validation loss; name "
            "files in validation_paths");
    else if (wanted && validation_samples() == 0)
        warnings_.emplace_back(
            fmt::format("data: the held-out files have {} {}, one sample takes {}: there is no validation loss",
                        validation_->size(), unit, length + 1));
}

std::uint64_t TextCorpus::fingerprint() const { return data::fingerprint(files_); }

std::uint64_t TextCorpus::epoch_samples() const {
    std::uint64_t sum = 0;
    for (const auto& source : sources_) sum += source.windows;
    return sum;
}

std::uint64_t TextCorpus::sample_start(std::uint64_t sample, std::size_t source) const {
    const auto& [ring, windows, seed] = sources_.at(source);
    const auto length = static_cast<std::uint64_t>(options_.length);
    const std::uint64_t epoch_key = mix(seed, sample / windows);
    const std::uint64_t window = Permutation(windows, mix(epoch_key, ORDER_STREAM))(sample % windows);
    return (mix(epoch_key, OFFSET_STREAM) % length + window * length) % ring->size();
}

Batch TextCorpus::batch_at(std::uint64_t cursor, std::int64_t batch) const {
    return windows(batch, options_.length, cursor, [&](std::uint64_t i) {
        const auto [source, sample] = mixture_ ? (*mixture_)(cursor + i) : Mixture::Draw{0, cursor + i};
        return Place{training(source), sample_start(sample, source)};
    });
}

std::unique_ptr<Loader> TextCorpus::loader(std::uint64_t cursor) const {
    return std::make_unique<Loader>([corpus = *this](std::uint64_t at) { return corpus.batch_at(at); }, cursor,
                                    options_.batch);
}

std::uint64_t TextCorpus::validation_samples() const {
    const std::uint64_t size = validation_->size();
    return size == 0 ? 0 : (size - 1) / static_cast<std::uint64_t>(options_.length);
}

Batch TextCorpus::validation_batch(std::uint64_t index, std::int64_t batch) const {
    expect_validation_batch(index, batch);
    const std::uint64_t samples = validation_samples(), first = index * static_cast<std::uint64_t>(batch);
    const Permutation order(samples, VALIDATION_KEY);
    return windows(batch, options_.length, first, [&](std::uint64_t i) {
        return Place{*validation_, order((first + i) % samples) * static_cast<std::uint64_t>(options_.length)};
    });
}

TextIterator TextCorpus::begin() const {
    return {loader(), epoch_samples() / static_cast<std::uint64_t>(options_.batch)};
}

TextIterator::TextIterator(std::shared_ptr<Loader> loader, std::uint64_t batches)
    : loader_(std::move(loader)), left_(batches) {
    if (left_ > 0) current_ = loader_->next();
}

TextIterator& TextIterator::operator++() {
    if (--left_ > 0) current_ = loader_->next();
    return *this;
}

TextCorpus text(std::string paths, TextOptions options) {
    options.paths.push_back(std::move(paths));
    return TextCorpus(std::move(options));
}

}  // namespace podium::data

#include "podium/data/text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "podium/base/expect_error.h"
#include "podium/data/permutation.h"
#include "tests/support/temporary_folder.h"

namespace podium::data {
namespace {

using Row = std::vector<std::int32_t>;

/// Bytes in which every few neighbours are unique enough to tell where they stand.
std::string noise(std::size_t size, std::uint64_t seed) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(mix(seed, i));
    return text;
}

std::vector<Row> rows(const HostArray& array) {
    const auto values = array.span<std::int32_t>();
    const auto length = static_cast<std::size_t>(array.shape().dims[1]);
    std::vector<Row> result;
    for (std::size_t i = 0; i < values.size(); i += length)
        result.emplace_back(values.begin() + static_cast<std::ptrdiff_t>(i),
                            values.begin() + static_cast<std::ptrdiff_t>(i + length));
    return result;
}

/// Returns samples first … first + count - 1, read in batches of `batch`.
std::vector<Row> samples(const TextCorpus& corpus, std::uint64_t first, std::uint64_t count, std::int64_t batch) {
    std::vector<Row> result;
    for (std::uint64_t at = first; result.size() < count; at += static_cast<std::uint64_t>(batch))
        for (auto& row : rows(corpus.batch_at(at, batch).inputs)) result.push_back(std::move(row));
    result.resize(count);
    return result;
}

class Text : public testing::Test {
protected:
    Text() {
        folder_.write("a.txt", noise(1000, 1));
        folder_.write("b.txt", noise(2003, 2));
        folder_.write("deep/c.txt", noise(517, 3));
        folder_.write("deep/d.txt", noise(700, 4));
    }
    TextCorpus open(TextOptions options = {}) const {
        if (options.paths.empty()) options.paths = {folder_ / "**/*.txt"};
        return TextCorpus(std::move(options));
    }
    test::TemporaryFolder folder_;
};

TEST_F(Text, GivesBytesAndTheBytesThatFollowThem) {
    const auto corpus = open({.batch = 4, .length = 32});
    const Batch batch = corpus.batch_at(5);
    EXPECT_EQ(batch.cursor, 5U);
    EXPECT_EQ(batch.inputs.shape(), Shape(DataType::INT32, {4, 32}));
    EXPECT_EQ(batch.targets.shape(), Shape(DataType::INT32, {4, 32}));
    const auto inputs = rows(batch.inputs), targets = rows(batch.targets);
    for (std::uint64_t i = 0; i < 4; ++i) {
        Row tokens(33);
        corpus.training().read(corpus.sample_start(5 + i), tokens);
        EXPECT_EQ(inputs[i], Row(tokens.begin(), tokens.end() - 1));
        EXPECT_EQ(targets[i], Row(tokens.begin() + 1, tokens.end()));
    }
}

TEST_F(Text, AnEpochTakesNoByteTwiceAndLeavesOutLessThanAWindow) {
    for (const std::int64_t length : {1, 7, 32, 129, 1000})
        for (const std::uint64_t epoch : {0, 1, 5}) {
            const auto corpus = open({.length = length, .validation_fraction = 0});
            const std::uint64_t size = corpus.training().size(), n = corpus.epoch_samples();
            std::vector<int> taken(size, 0);
            for (std::uint64_t i = epoch * n; i < (epoch + 1) * n; ++i)
                for (std::uint64_t j = 0; j < static_cast<std::uint64_t>(length); ++j)
                    ++taken[(corpus.sample_start(i) + j) % size];
            EXPECT_EQ(std::ranges::count(taken, 0),
                      static_cast<std::ptrdiff_t>(size % static_cast<std::uint64_t>(length)));
            EXPECT_EQ(std::ranges::max(taken), 1);
        }
}

TEST_F(Text, EpochsDifferInOrderAndInWhereTheyCut) {
    const auto corpus = open({.length = 64});
    const auto n = corpus.epoch_samples();
    std::set<std::uint64_t> cuts;
    for (std::uint64_t epoch = 0; epoch < 20; ++epoch) {
        std::set<std::uint64_t> starts;
        for (std::uint64_t i = 0; i < n; ++i) starts.insert(corpus.sample_start(epoch * n + i));
        EXPECT_EQ(starts.size(), n);
        cuts.insert(*starts.begin());
    }
    EXPECT_GT(cuts.size(), 10U);
    EXPECT_NE(samples(corpus, 0, n, 1), samples(corpus, n, n, 1));
}

TEST_F(Text, SamplesDoNotDependOnTheBatchSize) {
    const auto corpus = open({.length = 48});
    const auto count = 3 * corpus.epoch_samples();
    const auto expected = samples(corpus, 0, count, 1);
    for (const std::int64_t batch : {2, 3, 16, 1000}) EXPECT_EQ(samples(corpus, 0, count, batch), expected);
    EXPECT_EQ(samples(corpus, 37, 50, 5), std::vector(expected.begin() + 37, expected.begin() + 87));
}

TEST_F(Text, SamplesFollowTheSeedAndNothingElse) {
    const auto first = samples(open({.seed = 1}), 0, 40, 4);
    EXPECT_EQ(samples(open({.seed = 1}), 0, 40, 8), first);
    EXPECT_NE(samples(open({.seed = 2}), 0, 40, 4), first);
    const test::TemporaryFolder other;
    std::filesystem::copy(folder_.path(), other.path(), std::filesystem::copy_options::recursive);
    EXPECT_EQ(samples(text(other / "**/*.txt", {.seed = 1}), 0, 40, 4), first);
}

TEST_F(Text, SampleStartsAreTheSameInEveryRelease) {
    const auto corpus = open({.length = 64, .validation_fraction = 0, .seed = 7});
    std::vector<std::uint64_t> starts;
    for (const std::uint64_t i : {0, 1, 2, 1000, 1000000}) starts.push_back(corpus.sample_start(i));
    EXPECT_EQ(starts, (std::vector<std::uint64_t>{1043, 2963, 3219, 328, 1655}));
}

TEST_F(Text, TheLoaderGivesTheBatchesOfBatchAt) {
    const auto corpus = open({.batch = 3, .length = 40});
    const auto loader = corpus.loader(11);
    for (std::uint64_t i = 0; i < 100; ++i) {
        const Batch got = loader->next(), expected = corpus.batch_at(11 + 3 * i);
        EXPECT_EQ(got.cursor, expected.cursor);
        EXPECT_TRUE(got.inputs == expected.inputs && got.targets == expected.targets);
    }
}

TEST_F(Text, TheLoaderOutlivesTheCorpus) {
    auto loader = open().loader();
    EXPECT_EQ(loader->next().inputs, open().batch_at(0).inputs);
}

TEST_F(Text, ALoopOverACorpusIsOneEpochOfFullBatches) {
    const auto corpus = open({.batch = 5, .length = 30});
    std::uint64_t count = 0;
    for (const Batch& batch : corpus) EXPECT_EQ(batch.cursor, 5 * count++);
    EXPECT_EQ(count, corpus.epoch_samples() / 5);
    for (const Batch& batch : open({.batch = 100000})) ADD_FAILURE() << "batch at " << batch.cursor;
}

TEST_F(Text, ValidationWindowsCoverTheHeldOutFilesOnceInAnOrderWithoutSeed) {
    const auto corpus = open({.length = 20, .validation_paths = {folder_ / "a.txt", folder_ / "deep"}, .seed = 1});
    EXPECT_EQ(corpus.training().size(), 2004U);
    EXPECT_EQ(corpus.validation().size(), 1001U + 518U + 701U);
    EXPECT_EQ(corpus.validation_samples(), (2220U - 1) / 20);
    EXPECT_EQ(corpus.validation_batches(10), 11U);
    std::vector<Row> got, expected;
    for (std::uint64_t i = 0; i < corpus.validation_batches(1); ++i) {
        const Batch batch = corpus.validation_batch(i, 1);
        got.push_back(rows(batch.inputs)[0]);
        got.back().push_back(rows(batch.targets)[0].back());
        expected.emplace_back(21);
        corpus.validation().read(i * 20, expected.back());
    }
    EXPECT_NE(got, expected);
    const auto other_seed = open({.length = 20, .validation_paths = corpus.options().validation_paths, .seed = 2});
    EXPECT_EQ(other_seed.validation_batch(3, 10).inputs, corpus.validation_batch(3, 10).inputs);
    EXPECT_EQ(rows(corpus.validation_batch(3, 10).inputs)[2], Row(got[32].begin(), got[32].end() - 1));
    std::ranges::sort(got);
    std::ranges::sort(expected);
    EXPECT_EQ(got, expected);
    expect_error(Code::OUT_OF_RANGE, "validation batch 11, there are 11", [&] { corpus.validation_batch(11, 10); });
}

TEST_F(Text, AValidationSetSmallerThanABatchRepeatsItsWindows) {
    const auto corpus = open({.length = 300, .validation_paths = {folder_ / "a.txt"}});
    EXPECT_EQ(corpus.validation_samples(), 3U);
    EXPECT_EQ(corpus.validation_batches(4), 1U);
    const auto got = rows(corpus.validation_batch(0, 4).inputs);
    EXPECT_EQ(got[3], got[0]);
    EXPECT_EQ((std::set<Row>{got[0], got[1], got[2]}).size(), 3U);
}

TEST_F(Text, HeldOutFilesAreNotTrainedOn) {
    const auto corpus = open({.length = 16, .validation_fraction = 0.2});
    EXPECT_EQ(corpus.training().size() + corpus.validation().size(), 1000U + 2003 + 517 + 700 + 4);
    EXPECT_GE(corpus.validation().size(), 517U);
    EXPECT_TRUE(corpus.warnings().empty());
    std::set<Row> held;
    for (std::uint64_t i = 0; i < corpus.validation_batches(1); ++i)
        held.insert(rows(corpus.validation_batch(i, 1).inputs)[0]);
    for (const auto& row : samples(corpus, 0, 20 * corpus.epoch_samples(), 64)) EXPECT_FALSE(held.contains(row));
}

TEST_F(Text, EachOfSeveralPathsGivesItsShareOfTheSamples) {
    const TextOptions options{.paths = {folder_ / "a.txt", folder_ / "deep/*.txt", folder_ / "b.txt"},
                              .weights = {1, 2, 5},
                              .batch = 4,
                              .length = 20,
                              .validation_paths = {folder_ / "deep/d.txt"}};
    const auto corpus = open(options);
    ASSERT_EQ(corpus.sources(), 3U);
    EXPECT_EQ(corpus.training(1).size(), 518U);
    EXPECT_EQ(corpus.validation().size(), 701U);
    EXPECT_EQ(corpus.epoch_samples(), 1001U / 20 + 518 / 20 + 2004 / 20);
    std::vector<std::map<Row, int>> windows(3);  // how often each was drawn
    for (std::size_t source = 0; source < 3; ++source)
        for (std::uint64_t i = 0; i < 10 * corpus.training(source).size() / 20; ++i) {
            Row tokens(20);
            corpus.training(source).read(corpus.sample_start(i, source), tokens);
            windows[source][tokens] = 0;
        }
    const auto drawn = samples(corpus, 0, 1024, 4);
    std::vector<int> counts(3);
    for (const auto& row : drawn)
        for (std::size_t source = 0; source < 3; ++source)
            if (const auto at = windows[source].find(row); at != windows[source].end()) ++counts[source], ++at->second;
    EXPECT_EQ(counts, (std::vector{128, 256, 640}));
    EXPECT_EQ(samples(corpus, 0, 1024, 32), drawn);
    EXPECT_EQ(samples(corpus, 513, 100, 7), std::vector(drawn.begin() + 513, drawn.begin() + 613));
    EXPECT_NE(rows(open(options).batch_at(1024, 1024).inputs), drawn);  // each round has an order of its own
}

TEST_F(Text, WeightsGoWithPaths) {
    const std::string a = folder_ / "a.txt", all = folder_ / "**/*.txt";
    const auto expect = [&](Code code, const char* words, std::vector<std::string> paths, std::vector<double> weights) {
        expect_error(code, words, [&] { open({.paths = std::move(paths), .weights = std::move(weights)}); });
    };
    expect(Code::INVALID_ARGUMENT, "1 weights for 2 paths", {a, all}, {1});
    expect(Code::INVALID_ARGUMENT, "a weight is 0", {a, all}, {1, 0});
    expect(Code::INVALID_ARGUMENT, "a weight is nan", {a, all}, {1, NAN});
    expect(Code::INVALID_DATA, "or those of the paths before", {all, a}, {1, 1});
    const auto corpus = open({.paths = {a, all}, .weights = {1, 1}, .validation_fraction = 0});
    EXPECT_EQ(corpus.training(0).size() + corpus.training(1).size(), 1000U + 2003 + 517 + 700 + 4);
}

TEST_F(Text, OneFileHoldsNothingOutAndSaysSo) {
    const auto corpus = open({.paths = {folder_ / "a.txt"}});
    ASSERT_EQ(corpus.warnings().size(), 1U);
    EXPECT_NE(corpus.warnings()[0].find("only one file with text"), std::string::npos);
    EXPECT_EQ(corpus.validation_samples(), 0U);
    EXPECT_EQ(corpus.validation_batches(4), 0U);
    EXPECT_TRUE(open({.paths = {folder_ / "a.txt"}, .validation_fraction = 0}).warnings().empty());
    EXPECT_TRUE(open({.paths = {folder_ / "a.txt"}, .validation_paths = {folder_ / "b.txt"}}).warnings().empty());
}

TEST_F(Text, EmptyFilesAreLeftOutWithAWarning) {
    folder_.write("empty.txt", "");
    const auto corpus = open();
    EXPECT_EQ(corpus.warnings(), std::vector<std::string>{"data: 1 empty file is left out"});
    EXPECT_EQ(corpus.training().size() + corpus.validation().size(), 1000U + 2003 + 517 + 700 + 4);
    expect_error(Code::INVALID_DATA, "names only empty files", [&] { open({.paths = {folder_ / "empty.txt"}}); });
}

TEST_F(Text, TooLittleTextSaysHowMuchASampleTakes) {
    folder_.write("short.txt", "tiny");
    const std::vector<std::string> paths{folder_ / "short.txt"};
    EXPECT_EQ(open({.paths = paths, .length = 4}).epoch_samples(), 1U);
    expect_error(Code::INVALID_DATA,
                 "one sample takes 6 bytes (length 5 and the one that follows), the training files hold 5",
                 [&] { open({.paths = paths, .length = 5}); });
    expect_error(Code::INVALID_DATA, "the training files hold 0",
                 [&] { open({.paths = {folder_ / "a.txt"}, .validation_paths = {folder_ / "a.txt"}}); });
    const auto corpus = open({.paths = {folder_ / "a.txt"}, .validation_paths = paths});
    EXPECT_EQ(corpus.warnings(),
              std::vector<std::string>{"data: the held-out files have 5 bytes, one sample takes 129: "
                                       "there is no validation loss"});
}

TEST_F(Text, OptionsOutOfRangeAreRefused) {
    expect_error(Code::INVALID_ARGUMENT, "batch is 0", [&] { open({.batch = 0}); });
    expect_error(Code::INVALID_ARGUMENT, "length is -1", [&] { open({.length = -1}); });
    expect_error(Code::INVALID_ARGUMENT, "validation_fraction is 1", [&] { open({.validation_fraction = 1}); });
    expect_error(Code::INVALID_ARGUMENT, "validation_fraction is nan", [&] { open({.validation_fraction = NAN}); });
    expect_error(Code::INVALID_ARGUMENT, "batch is 0", [&] { open().batch_at(0, 0); });
    expect_error(Code::INVALID_DATA, "nothing is at", [&] { open({.validation_paths = {folder_ / "nothing"}}); });
}

TEST_F(Text, TheFingerprintCoversHeldOutFilesToo) {
    const TextOptions options{.validation_paths = {folder_ / "b.txt"}};
    const auto before = open(options).fingerprint();
    EXPECT_EQ(open(options).fingerprint(), before);
    folder_.write("b.txt", noise(2003, 9));
    EXPECT_NE(open(options).fingerprint(), before);
}

/// Returns what /proc/self/status says of the process's memory, in bytes; -1 where it does not.
std::int64_t status_bytes(std::string_view key) {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;)
        if (word == key) {
            std::int64_t kilobytes = 0;
            status >> kilobytes;
            return kilobytes * 1024;
        }
    return -1;
}

TEST(TextOfOneGigabyte, OpensWithLittleOfItRead) {
    const test::TemporaryFolder folder;
    constexpr std::int64_t GIGABYTE = 1'000'000'000;
    for (const char* name : {"a.bin", "b.bin"}) {
        folder.write(name, noise(1 << 16, 1));
        std::filesystem::resize_file(folder / name, GIGABYTE);
    }
    const std::int64_t before = status_bytes("RssAnon:"), mapped = status_bytes("RssFile:");
    ASSERT_GT(before, 0);
    ASSERT_GT(mapped, 0);
    const auto corpus = text(folder / "*.bin", {.batch = 16, .length = 128});
    corpus.loader()->next();
    EXPECT_LT(status_bytes("RssFile:") - mapped, 64'000'000);
    EXPECT_EQ(corpus.epoch_samples(), static_cast<std::uint64_t>(GIGABYTE + 1) / 128);
    for (std::uint64_t i = 0; i < 50; ++i) corpus.batch_at(i * 16);
    corpus.validation_batch(0, 16);
    EXPECT_NE(corpus.fingerprint(), 0U);
    EXPECT_LT(status_bytes("RssAnon:") - before, 64'000'000);
}

}  // namespace
}  // namespace podium::data

#include "podium/data/images.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "podium/arrays/npy.h"
#include "podium/base/expect_error.h"
#include "tests/support/python.h"
#include "tests/support/temporary_folder.h"

namespace podium::data {
namespace {

/// Fifty coloured pictures of six rows and five columns; each is a class of its own, so that its label says which it
/// is.
class Images : public testing::Test {
protected:
    Images() {
        test::run_python(R"(
import sys, numpy as np
random = np.random.default_rng(1)
pixels = random.integers(0, 256, (50, 6, 5, 3), dtype='u1')
save = lambda name, **arrays: np.savez(f'{sys.argv[1]}/{name}.npz', **arrays)
save('all', images=pixels, labels=np.arange(50))
save('a', images=pixels[:30], labels=np.arange(30, dtype='u1'))
save('b', images=pixels[30:], labels=np.arange(30, 50, dtype='i4'))
save('grey', x=pixels[..., 0] / 255, y=np.arange(50))
save('words', images=np.array(['a']), labels=np.arange(1))
save('short', images=pixels, labels=np.arange(49))
save('negative', images=pixels[:2], labels=np.array([0, -1]))
save('other', images=pixels[:, :4], labels=np.arange(50))
save('nan', images=np.full((2, 2, 2), np.nan, 'f4'), labels=np.arange(2))
)",
                         {folder_.path().string()});
    }
    ImageCorpus open(ImageOptions options = {}) const {
        if (options.paths.empty()) options.paths = {folder_ / "all.npz"};
        return ImageCorpus(std::move(options));
    }
    static std::vector<std::int32_t> labels(const Batch& batch) {
        const auto span = batch.targets.span<std::int32_t>();
        return {span.begin(), span.end()};
    }
    /// Runs Python with `x`, the pictures' pixels from 0 to 1, and `got`, `labels`: a batch and what it shows.
    void compare(const Batch& batch, const std::string& script) const {
        write_npy(folder_ / "got.npy", batch.inputs);
        write_npy(folder_ / "labels.npy", batch.targets);
        test::run_python(
            "import sys, numpy as np\nload = lambda name: np.load(f'{sys.argv[1]}/{name}')\n"
            "x = load('all.npz')['images'] / 255\ngot, labels = load('got.npy'), load('labels.npy')\n" +
                script,
            {folder_.path().string()});
    }
    test::TemporaryFolder folder_;
};

TEST_F(Images, AreScaledByTheTrainingPicturesMeanAndDeviation) {
    const auto corpus = open({.batch = 45});
    EXPECT_EQ(corpus.image_dims(), (Dims{6, 5, 3}));
    EXPECT_EQ(corpus.classes(), 50);
    ASSERT_EQ(corpus.epoch_samples(), 45U);
    compare(corpus.batch_at(0), R"(
seen = x[np.sort(labels)]
assert len(set(labels)) == 45
np.testing.assert_allclose(got, (x[labels] - seen.mean((0, 1, 2))) / seen.std((0, 1, 2)), atol=1e-5)
)");
}

TEST_F(Images, EachEpochShowsEachPictureOnce) {
    const auto corpus = open();
    const auto held_out = labels(corpus.validation_batch(0, 5));
    const std::set<std::int32_t> held(held_out.begin(), held_out.end());
    EXPECT_EQ(held.size(), 5U);
    std::vector<std::vector<std::int32_t>> orders;
    for (std::uint64_t epoch = 0; epoch < 3; ++epoch) {
        orders.push_back(labels(corpus.batch_at(epoch * 45, 45)));
        std::set<std::int32_t> shown(orders.back().begin(), orders.back().end());
        EXPECT_EQ(shown.size(), 45U);
        shown.insert(held.begin(), held.end());
        EXPECT_EQ(shown.size(), 50U);
    }
    EXPECT_NE(orders[0], orders[1]);
    EXPECT_EQ(labels(open({.seed = 9}).validation_batch(0, 5)), held_out);
    EXPECT_NE(labels(open({.seed = 9}).batch_at(0, 45)), orders[0]);
}

TEST_F(Images, SamplesDoNotDependOnTheBatchSize) {
    const auto corpus = open({.batch = 3, .seed = 4, .flip = true, .crop = 2});
    const auto whole = corpus.batch_at(0, 60);
    const auto loader = corpus.loader(30);
    for (std::int64_t at = 30; at < 60; at += 3) {
        const auto batch = loader->next();
        EXPECT_EQ(batch.inputs, HostArray(batch.inputs.shape(), whole.inputs.data() + at * 6 * 5 * 3 * 4, nullptr));
    }
}

TEST_F(Images, AreMirroredAndMovedOverZeros) {
    const auto corpus = open({.batch = 400, .flip = true, .crop = 2});
    compare(corpus.batch_at(0), R"(
seen = x[np.sort(labels[:45])]
padded = np.pad(x, ((0, 0), (2, 2), (2, 2), (0, 0)))
views = {(mirrored, row, column): (padded[:, ::1, ::-1 if mirrored else 1][:, row:row + 6, column:column + 5])
         for mirrored in (0, 1) for row in range(5) for column in range(5)}
found = set()
for picture, label in zip(got * seen.std((0, 1, 2)) + seen.mean((0, 1, 2)), labels):
    found.add(next(name for name, view in views.items() if np.allclose(view[label], picture, atol=1e-5)))
assert len(found) >= 45, f'{len(found)} of 50 views came up'
)");
    compare(corpus.validation_batch(0, 5), "assert len(set(labels)) == 5");
    EXPECT_EQ(corpus.validation_batch(0, 5).inputs, open().validation_batch(0, 5).inputs);
}

TEST_F(Images, SeveralFilesAreOneAndSomeMayBeHeldOut) {
    const std::string a = folder_ / "a.npz", b = folder_ / "b.npz";
    EXPECT_EQ(labels(open({.paths = {a, b}}).batch_at(0, 45)), labels(open().batch_at(0, 45)));
    const auto corpus = open({.paths = {a}, .validation_paths = {b}});
    EXPECT_EQ(corpus.epoch_samples(), 30U);
    EXPECT_EQ(corpus.validation_samples(), 20U);
    for (const auto label : labels(corpus.batch_at(0, 60))) EXPECT_LT(label, 30);
    for (const auto label : labels(corpus.validation_batch(0, 20))) EXPECT_GE(label, 30);
}

TEST_F(Images, GreyPicturesHaveOneChannel) {
    const auto corpus = open({.paths = {folder_ / "grey.npz"}, .names = {"x", "y"}});
    EXPECT_EQ(corpus.image_dims(), (Dims{6, 5, 1}));
    EXPECT_EQ(corpus.batch_at(0, 2).inputs.shape(), Shape(DataType::FLOAT32, {2, 6, 5, 1}));
}

TEST_F(Images, WhatIsNoDataIsRefusedByName) {
    const auto expect = [&](const char* file, const char* words) {
        expect_error(Code::INVALID_DATA, words, [&] { open({.paths = {folder_ / file}}); });
    };
    expect("grey.npz", "no array \"images\"; there are x, y");
    expect("words.npz", "words.npz");
    expect("short.npz", "one integer for each of 50 images");
    expect("negative.npz", "label 1");
    expect("nan.npz", "no numbers");
    expect_error(Code::INVALID_DATA, "other.npz", [&] {
        open({.paths = {folder_ / "all.npz", folder_ / "other.npz"}});
    });
    expect_error(Code::INVALID_ARGUMENT, "batch is 0", [&] { open({.batch = 0}); });
    expect_error(Code::INVALID_ARGUMENT, "crop is 5", [&] { open({.crop = 5}); });
    expect_error(Code::INVALID_ARGUMENT, "validation_fraction is 1", [&] { open({.validation_fraction = 1}); });
    expect_error(Code::OUT_OF_RANGE, "validation batch 1, there are 1", [&] { open().validation_batch(1, 5); });
}

}  // namespace
}  // namespace podium::data

#include "podium/models/encoder.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/models/t5.h"
#include "tests/support/interpreted.h"
#include "tests/support/jax.h"

// That numbers and gradients are PyTorch's is in podium/train/transformers_test.cpp, of the slow suite.
namespace podium::models {
namespace {

constexpr nn::Precision WIDE{DataType::FLOAT64, DataType::FLOAT64};

Tensor ids(const std::vector<std::int32_t>& values) {
    const auto count = static_cast<std::int64_t>(values.size());
    return tensor({1, count}, values);
}

TEST(Encoder, PaddingIsNotSeenAndEverythingElseIs) {
    const Encoder model(
        {.layers = 2, .width = 8, .hidden = 6, .heads = 2, .vocabulary = 9, .length = 6, .precision = WIDE});
    const Tree parameters = test::sampled(model.init(key(0)));
    const std::optional<Tensor> seen = not_equal(ids({1, 1, 1, 1, 0, 0}), 0);
    const auto first_four = [&](const Tensor& tokens) {
        return slice_axis(model(parameters, tokens, {.seen = seen}), 1, 0, 4);
    };
    const auto results = test::interpreted({first_four(ids({3, 1, 4, 1, 5, 8})), first_four(ids({3, 1, 4, 1, 2, 7})),
                                            first_four(ids({3, 1, 4, 6, 5, 8})), model(parameters, ids({3, 1, 4, 1}))});
    test::expect_near(results[1], results[0], 0, "padding");
    test::expect_near(results[3], results[0], 1e-12, "without it");
    EXPECT_NE(results[2].as_double(0), results[0].as_double(0)) << "the first place sees the fourth";
}

TEST(Encoder, SaysWhatItTakes) {
    expect_error(Code::INVALID_ARGUMENT, "encoder: 3 heads do not divide a width of 8",
                 [] { Encoder({.width = 8, .heads = 3}); });
    expect_error(Code::INVALID_ARGUMENT, "encoder: patches of 3 do not divide images of 32 x 32",
                 [] { Encoder({.kind = EncoderKind::IMAGES, .patch = 3}); });
    const Encoder images({.kind = EncoderKind::IMAGES, .layers = 1, .width = 8, .hidden = 8, .heads = 1});
    expect_error(Code::SHAPE_MISMATCH, "encoder: takes images [batch,32,32,3], got f32[1,32,32,1]", [&] {
        images(images.init(key(0)), zeros({1, 32, 32, 1}));
    });
}

TEST(T5, TheDecoderDoesNotLookAheadAndSeesWhatWasEncoded) {
    const T5 model({.vocabulary = 9, .width = 6, .hidden = 8, .heads = 2, .depth = 3, .precision = WIDE});
    const Tree parameters = test::sampled(model.init(key(0)));
    const auto results = test::interpreted({model(parameters, ids({3, 1, 4}), ids({0, 5, 6, 2})),
                                            model(parameters, ids({3, 1, 4}), ids({0, 5, 8, 1})),
                                            model(parameters, ids({3, 1, 7}), ids({0, 5, 6, 2}))});
    const auto differs = [&](std::size_t other, std::int64_t place) {
        return results[0].as_double(place * 9) != results[other].as_double(place * 9);
    };
    EXPECT_FALSE(differs(1, 0) || differs(1, 1));
    EXPECT_TRUE(differs(1, 2) && differs(1, 3));
    EXPECT_TRUE(differs(2, 0));
}

TEST(T5, SaysWhichSizesAreWrong) {
    expect_error(Code::INVALID_ARGUMENT, "t5: layers must be at least 1, got 0", [] { T5({.layers = 0}); });
    expect_error(Code::INVALID_ARGUMENT, "t5: 32 buckets up to a distance of 16", [] { T5({.farthest = 16}); });
}

}  // namespace
}  // namespace podium::models

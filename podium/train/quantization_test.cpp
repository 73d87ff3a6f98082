#include "podium/nn/quantization.h"

#include <gtest/gtest.h>

#include "podium/arrays/npy.h"
#include "podium/exec/jit.h"
#include "podium/models/gpt.h"
#include "podium/models/mlp.h"
#include "podium/nn/losses.h"
#include "podium/optim/optimizers.h"
#include "tests/support/python.h"
#include "tests/support/temporary_folder.h"

namespace podium::train {
namespace {

struct Digits {
    Tensor images, labels, unseen_images, unseen_labels;
};

/// scikit-learn's handwritten digits: f32[1500, 64] to learn from and f32[297, 64] unseen.
Digits read_digits() {
    const test::TemporaryFolder folder;
    test::run_python(R"(
import gzip, importlib.util, pathlib, sys, numpy as np
data = pathlib.Path(importlib.util.find_spec('sklearn').origin).parent / 'datasets/data/digits.csv.gz'
rows = np.loadtxt(gzip.open(data), delimiter=',', dtype='f4')
for name, part in (('seen', rows[:1500]), ('unseen', rows[1500:])):
    np.save(f'{sys.argv[1]}/{name}.npy', part[:, :64] / 16)
    np.save(f'{sys.argv[1]}/{name}_labels.npy', part[:, 64].astype('i4'))
)",
                     {folder.path()});
    const auto read = [&](const char* name) { return tensor(read_npy(folder / name)); };
    return {read("seen.npy"), read("seen_labels.npy"), read("unseen.npy"), read("unseen_labels.npy")};
}

const models::Mlp MODEL({.widths = {64, 64, 10}});

/// Trains on all digits at once; `seen` is what the loss sees of the parameters.
Tree trained(const Digits& digits, const std::function<Tree(const Tree&)>& seen, int steps) {
    const auto optimizer = optim::make({.name = "adam", .learning_rate = 0.01});
    const auto step = jit([&](const Tree& parameters, const Tree& state, const Tensor& images, const Tensor& labels) {
        const auto loss = [&](const Tree& p) { return nn::cross_entropy(MODEL(seen(p), images), labels); };
        const auto [updates, after] = optimizer.update(grad(loss)(parameters), state, parameters);
        return std::pair{optim::apply_updates(parameters, updates), after};
    });
    Tree parameters = MODEL.init(key(7)), state = optimizer.init(parameters);
    for (int i = 0; i < steps; ++i) std::tie(parameters, state) = step(parameters, state, digits.images, digits.labels);
    return parameters;
}

double accuracy_of(const Tree& parameters, const Digits& digits) {
    const auto judge = jit([](const Tree& p, const Tensor& images, const Tensor& labels) {
        return nn::accuracy(MODEL(p, images), labels);
    });
    return judge(parameters, digits.unseen_images, digits.unseen_labels).to_host().as_double(0);
}

TEST(Quantized, DigitsAreReadAsWellAfterwards) {
    constexpr double FOUR_IMAGES = 4.0 / 297;
    const Digits digits = read_digits();
    const Tree parameters = trained(
        digits, [](const Tree& p) { return p; }, 60);
    const double whole = accuracy_of(parameters, digits);
    EXPECT_GT(whole, 0.88);
    for (const auto& options :
         {nn::QuantizeOptions{}, nn::QuantizeOptions{.storage = DataType::INT4, .group = 16},
          nn::QuantizeOptions{.storage = DataType::FLOAT8_E4M3FN}, nn::QuantizeOptions{.dynamic_activations = true}})
        EXPECT_NEAR(accuracy_of(nn::quantize(parameters, options), digits), whole, FOUR_IMAGES)
            << name(options.storage);
}

TEST(Quantized, TrainingThatKnowsOfTwoBitsLosesLess) {
    const Digits digits = read_digits();
    const nn::QuantizeOptions two_bits{.storage = DataType::INT2, .group = 16};
    const Tree unaware = trained(
        digits, [](const Tree& p) { return p; }, 60);
    const Tree aware = trained(
        digits, [&](const Tree& p) { return nn::quantization_aware(p, two_bits); }, 60);
    EXPECT_GT(accuracy_of(nn::quantize(aware, two_bits), digits),
              accuracy_of(nn::quantize(unaware, two_bits), digits) + 0.02);
}

TEST(Quantized, GptTakesTheTree) {
    const models::Gpt model({.vocabulary = 16, .length = 8, .layers = 2, .width = 16, .heads = 2});
    const Tree parameters = model.init(key(0));
    const Tree quantized = nn::quantize(parameters, {.except = {"wte.*", "wpe.*"}});
    EXPECT_TRUE(quantized.contains("h.1.attn.qkv.weight.values"));
    const Tensor tokens = tensor<std::int32_t>({1, 8}, {0, 1, 2, 3, 4, 5, 6, 7});
    const auto run =
        jit([&](const Tree& p, const Tensor& t) { return model(p, t); }, {.xla = {.optimization_level = 0}});
    const HostArray ours = run(quantized, tokens).to_host(),
                    expected = run(nn::dequantize(quantized), tokens).to_host();
    for (std::int64_t i = 0; i < ours.count(); ++i) ASSERT_NEAR(ours.as_double(i), expected.as_double(i), 1e-5);
}

}  // namespace
}  // namespace podium::train

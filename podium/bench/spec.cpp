#include "podium/bench/spec.h"

#include <cmath>

namespace podium::bench::spec {
namespace {

std::uint32_t hash(std::uint64_t position, std::uint64_t seed) {
    auto x = static_cast<std::uint32_t>(position + seed * 0x9E3779B9U);
    x ^= x >> 16U;
    x *= 0x7FEB352DU;
    x ^= x >> 15U;
    x *= 0x846CA68BU;
    x ^= x >> 16U;
    return x;
}

const double DEVIATION_002 = 0.02 * std::sqrt(3.0);  // uniform numbers of standard deviation 0.02

HostArray filled(std::int64_t count, float value) {
    return HostArray::of({count}, std::vector<float>(static_cast<std::size_t>(count), value));
}

}  // namespace

HostArray uniform(Dims dims, double scale, std::uint64_t seed) {
    HostArray array(Shape(DataType::FLOAT32, std::move(dims)));
    const auto values = array.mutable_span<float>();
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<float>((static_cast<double>(hash(i, seed)) / 4294967296.0 * 2.0 - 1.0) * scale);
    return array;
}

HostArray integers(Dims dims, std::uint32_t modulus, std::uint64_t seed) {
    HostArray array(Shape(DataType::INT32, std::move(dims)));
    const auto values = array.mutable_span<std::int32_t>();
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::int32_t>(hash(i, seed) % modulus);
    return array;
}

BasicTree<HostArray> gpt_parameters() {
    constexpr std::int64_t WIDTH = 256, HIDDEN = 1024, VOCABULARY = 256, LENGTH = 128, LAYERS = 4;
    constexpr std::uint64_t SEED = 1000;
    TreeBuilder<HostArray> tree;
    tree.add("wte.weight", uniform({VOCABULARY, WIDTH}, DEVIATION_002, SEED + 1));
    tree.add("wpe.weight", uniform({LENGTH, WIDTH}, DEVIATION_002, SEED + 2));
    for (std::int64_t layer = 0; layer < LAYERS; ++layer) {
        const auto k = SEED + 10 * static_cast<std::uint64_t>(layer + 1);
        const auto add = [&](const char* name, HostArray array) {
            tree.add(fmt::format("h.{}.{}", layer, name), std::move(array));
        };
        add("ln1.weight", filled(WIDTH, 1));
        add("ln1.bias", filled(WIDTH, 0));
        add("attn.qkv.weight", uniform({WIDTH, 3 * WIDTH}, DEVIATION_002, k));
        add("attn.qkv.bias", filled(3 * WIDTH, 0));
        add("attn.out.weight", uniform({WIDTH, WIDTH}, DEVIATION_002, k + 1));
        add("attn.out.bias", filled(WIDTH, 0));
        add("ln2.weight", filled(WIDTH, 1));
        add("ln2.bias", filled(WIDTH, 0));
        add("mlp.up.weight", uniform({WIDTH, HIDDEN}, DEVIATION_002, k + 2));
        add("mlp.up.bias", filled(HIDDEN, 0));
        add("mlp.down.weight", uniform({HIDDEN, WIDTH}, DEVIATION_002, k + 3));
        add("mlp.down.bias", filled(WIDTH, 0));
    }
    tree.add("ln_f.weight", filled(WIDTH, 1)).add("ln_f.bias", filled(WIDTH, 0));
    tree.add("head.weight", uniform({WIDTH, VOCABULARY}, DEVIATION_002, SEED + 3));
    return tree.build();
}

Batch gpt_batch() {
    constexpr std::int64_t LENGTH = 128;
    const HostArray noise = integers({BATCH, LENGTH + 1}, 8, 21), random = integers({BATCH, LENGTH + 1}, 256, 22);
    const auto is_noise = noise.span<std::int32_t>(), drawn = random.span<std::int32_t>();
    Batch batch{HostArray(Shape(DataType::INT32, {BATCH, LENGTH})), HostArray(Shape(DataType::INT32, {BATCH, LENGTH}))};
    auto inputs = batch.inputs.mutable_span<std::int32_t>(), targets = batch.targets.mutable_span<std::int32_t>();
    for (std::size_t row = 0; row < BATCH; ++row) {
        std::int32_t byte = drawn[row * (LENGTH + 1)];
        for (std::size_t i = 0; i < LENGTH; ++i) {
            inputs[row * LENGTH + i] = byte;
            const auto at = row * (LENGTH + 1) + i + 1;
            byte = is_noise[at] == 0 ? drawn[at] : (5 * byte + 17) % 256;
            targets[row * LENGTH + i] = byte;
        }
    }
    return batch;
}

BasicTree<HostArray> mlp_parameters() {
    constexpr std::array<std::int64_t, 4> WIDTHS{784, 1024, 1024, 10};
    TreeBuilder<HostArray> tree;
    for (std::size_t i = 0; i + 1 < WIDTHS.size(); ++i) {
        tree.add(fmt::format("layers.{}.weight", i),
                 uniform({WIDTHS[i], WIDTHS[i + 1]}, std::sqrt(6.0 / static_cast<double>(WIDTHS[i])) * 0.5, 100 + i));
        tree.add(fmt::format("layers.{}.bias", i), filled(WIDTHS[i + 1], 0));
    }
    return tree.build();
}

Batch mlp_batch() { return {uniform({256, 784}, 1.0, 7), integers({256}, 10, 8)}; }

BasicTree<HostArray> cnn_parameters() {
    constexpr std::array<std::int64_t, 3> WIDTHS{16, 32, 64};
    constexpr std::int64_t CLASSES = 10;
    TreeBuilder<HostArray> tree;
    std::uint64_t seed = 300;
    const auto add = [&](const std::string& name, std::int64_t window, std::int64_t inputs, std::int64_t outputs) {
        const auto fan_in = static_cast<double>(window * window * inputs);
        tree.add(name + ".weight", uniform({window, window, inputs, outputs}, std::sqrt(3.0 / fan_in), seed++));
        tree.add(name + ".bias", filled(outputs, 0));
    };
    std::int64_t inputs = WIDTHS[0];
    add("stem", 3, 3, inputs);
    for (std::size_t i = 0; i < WIDTHS.size(); ++i) {
        const auto name = fmt::format("blocks.{}.", i);
        add(name + "conv1", 3, inputs, WIDTHS[i]);
        add(name + "conv2", 3, WIDTHS[i], WIDTHS[i]);
        if (i > 0) add(name + "shortcut", 1, inputs, WIDTHS[i]);
        inputs = WIDTHS[i];
    }
    tree.add("head.weight", uniform({inputs, CLASSES}, 0.1, 390));
    tree.add("head.bias", filled(CLASSES, 0));
    return tree.build();
}

Batch cnn_batch() { return {uniform({128, 32, 32, 3}, 1.0, 9), integers({128}, 10, 10)}; }

optim::GradientTransform adamw() { return optim::adamw(LEARNING_RATE, {.weight_decay = WEIGHT_DECAY}); }

}  // namespace podium::bench::spec

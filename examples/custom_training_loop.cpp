// A training loop of one's own: a small network learns which of two rings a point is on; its parameters are saved and
// read back.
#include <podium/podium.h>

#include <filesystem>
#include <numbers>

namespace pd = podium;

struct State {
    pd::Tree parameters, optimizer;
    static constexpr std::array names{"parameters", "optimizer"};
};
struct Points {
    pd::Tensor positions, labels;  // f32[count, 2], i32[count]
    static constexpr std::array names{"positions", "labels"};
};

/// Returns points on rings of radius 1 and 2, with some noise.
Points draw(const pd::Key& key, std::int64_t count) {
    const auto [ring, angle, noise] = pd::split<3>(key);
    const pd::Tensor outer = pd::bernoulli(ring, 0.5, {count});
    const pd::Tensor turn = pd::uniform(angle, {count}, 0.0, 2 * std::numbers::pi);
    const pd::Tensor radius = pd::select(outer, 2.0, pd::ones({count})) + 0.2 * pd::normal(noise, {count});
    return {pd::stack({radius * pd::cos(turn), radius * pd::sin(turn)}, 1), pd::convert(outer, pd::DataType::INT32)};
}

int main() {
    constexpr std::int64_t STEPS = 200;
    const pd::nn::Sequential network{.layers = {pd::nn::Linear{2, 32}, pd::nn::relu, pd::nn::Linear{32, 2}}};
    const auto optimizer = pd::optim::adam(pd::optim::cosine(1e-2, STEPS));
    const auto loss = [&](const pd::Tree& parameters, const Points& points) {
        const pd::Tensor logits = network(parameters, points.positions);
        return std::pair{pd::nn::cross_entropy(logits, points.labels), pd::nn::accuracy(logits, points.labels)};
    };
    const auto step = pd::jit(
        [&](const State& state, const pd::Key& key) {
            const auto [result, gradient] = pd::value_and_grad(loss)(state.parameters, draw(key, 256));
            const auto [updates, slots] = optimizer.update(gradient, state.optimizer, state.parameters);
            return std::pair{State{pd::optim::apply_updates(state.parameters, updates), slots}, result};
        },
        {.names = {"state", "key"}, .donate = {0}});
    const auto evaluate = pd::jit(loss, {.names = {"parameters", "points"}});

    const auto [first, data, held_out] = pd::split<3>(pd::key(0));
    State state{.parameters = network.init(first)};
    state.optimizer = optimizer.init(state.parameters);
    std::pair<pd::Tensor, pd::Tensor> result;
    for (std::int64_t i = 0; i < STEPS; ++i) {
        std::tie(state, result) = step(std::move(state), pd::fold_in(data, i));
        if (i % 50 == 0) fmt::print("step {:3}: loss {:.3f}\n", i, result.first.item<float>());
    }
    const Points unseen = draw(held_out, 1000);
    const auto [value, accuracy] = evaluate(state.parameters, unseen);
    fmt::print("on unseen points: loss {:.3f}, {:.1f} % right\n", value.item<float>(), 100 * accuracy.item<float>());

    const auto file = std::filesystem::temp_directory_path() / "podium_rings.safetensors";
    pd::write_safetensors(file, state.parameters.map([](const pd::Tensor& leaf) { return leaf.to_host(); }));
    const pd::Tree read = pd::read_safetensors(file).map([](const pd::HostArray& leaf) { return pd::tensor(leaf); });
    const bool same = evaluate(read, unseen).first.item<float>() == value.item<float>();
    std::filesystem::remove(file);
    fmt::print("the parameters read back give {} loss\n", same ? "the same" : "another");
    return same && accuracy.item<float>() > 0.95F ? 0 : 1;
}

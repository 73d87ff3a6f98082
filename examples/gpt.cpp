// Trains a byte-level GPT on eight devices: the batch split four ways, the wide layers two ways.
//     gpt [TEXT] [STEPS]
#include <podium/podium.h>

#include <string>

namespace pd = podium;

struct State {
    pd::Tree parameters, optimizer;
    pd::Key key;
    static constexpr std::array names{"parameters", "optimizer", "key"};
};
struct Tokens {
    pd::Tensor inputs, targets;  // i32[batch, length]
    static constexpr std::array names{"inputs", "targets"};
};

int main(int count, char** arguments) {
    const std::string text = count > 1 ? arguments[1] : "docs/**/*.md";
    const std::int64_t steps = count > 2 ? std::stoll(arguments[2]) : 1000;

    const pd::Mesh mesh({{"data", 4}, {"model", 2}}, pd::devices("cpu"));
    const pd::models::Gpt model({.vocabulary = 256, .layers = 2, .width = 128, .heads = 4});
    const auto optimizer = pd::optim::chain(
        pd::optim::clip_by_global_norm(1.0),
        pd::optim::adamw(pd::optim::warmup_cosine({.peak = 1e-3, .warmup_steps = steps / 10, .total_steps = steps}),
                         {.weight_decay = 0.1}));
    const std::vector<pd::Rule> rules{{"batch.**", {"data"}}, {"**.mlp.up.weight", {"", "model"}}};

    const auto loss = [&](const pd::Tree& parameters, const Tokens& batch, const pd::Key& dropout) {
        return pd::nn::cross_entropy(model(parameters, batch.inputs, dropout), batch.targets);  // f32[]
    };
    const auto init = pd::jit(
        [&](const pd::Key& key) {
            const auto parameters = model.init(key);
            return State{parameters, optimizer.init(parameters), key};
        },
        {.mesh = &mesh, .shardings = rules});  // born sharded
    const auto step = pd::jit(
        [&](const State& state, const Tokens& batch) {
            const auto [dropout, next] = pd::split(state.key);
            const auto [value, gradient] = pd::value_and_grad(loss)(state.parameters, batch, dropout);
            const auto [updates, slots] = optimizer.update(gradient, state.optimizer, state.parameters);
            return std::pair{State{pd::optim::apply_updates(state.parameters, updates), slots, next}, value};
        },
        {.names = {"state", "batch"}, .donate = {0}, .mesh = &mesh, .shardings = rules});

    const auto split = std::make_shared<const pd::Placement>(mesh, std::vector<std::string>{"data"});
    const auto corpus = pd::data::text(text, {.batch = 16, .length = 128});
    const auto batches = corpus.loader();
    State state = init(pd::key(0));
    pd::Tensor value;
    for (std::int64_t i = 0; i < steps; ++i) {
        const pd::data::Batch batch = batches->next();
        std::tie(state, value) =  // returns at once
            step(std::move(state), Tokens{pd::put(batch.inputs, split), pd::put(batch.targets, split)});
    }
    fmt::print("{}\n", value.item<float>());  // waits
}

// One distributed step of an optimizer: a tensor spread over eight devices, gradients from a data set, XLA in between.
//     distributed_step [TEXT] [ROWS] [COLUMNS]
// The tensor predicts the COLUMNS bytes of a text that follow ROWS bytes of it, by one matrix product.
#include <podium/podium.h>

#include <string>

namespace pd = podium;

struct State {
    pd::Tensor weight;
    pd::Tree optimizer;
    static constexpr std::array names{"weight", "optimizer"};
};

int main(int count, char** arguments) {
    const std::string text = count > 1 ? arguments[1] : "/usr/share/common-licenses";
    const std::int64_t rows = count > 2 ? std::stoll(arguments[2]) : 8192;
    const std::int64_t columns = count > 3 ? std::stoll(arguments[3]) : 4096;

    const pd::Mesh mesh({{"data", 8}}, pd::devices("cpu"));
    const std::vector<pd::Rule> rules{{"**.weight", {"data"}}};  // the tensor and both of its moments, by rows
    const pd::XlaOptions xla{.optimization_level = 3};
    const auto optimizer = pd::optim::adamw(1e-3, {.weight_decay = 0.01});
    const auto named = [](const pd::Tensor& weight) {
        return pd::TreeBuilder<pd::Tensor>().add("weight", weight).build();
    };

    const auto init = pd::jit(
        [&](const pd::Key& key) {
            const pd::Tensor weight = pd::normal(key, {rows, columns}) * 1e-3;
            return State{weight, optimizer.init(named(weight))};
        },
        {.mesh = &mesh, .shardings = rules, .xla = xla});
    const auto step = pd::jit(
        [&](const State& state, const pd::Tensor& bytes) {  // i32[batch, rows + columns]
            const pd::Tensor numbers = pd::convert(bytes, pd::DataType::FLOAT32) / 255.0;
            const pd::Tensor seen = pd::slice_axis(numbers, 1, 0, rows);
            const pd::Tensor wanted = pd::slice_axis(numbers, 1, rows, rows + columns);
            const auto loss = [&](const pd::Tensor& weight) {
                return pd::nn::mean_squared_error(pd::matmul(seen, weight), wanted);
            };
            const auto [value, gradient] = pd::value_and_grad(loss)(state.weight);
            const auto [updates, slots] = optimizer.update(named(gradient), state.optimizer, named(state.weight));
            return std::pair{State{pd::optim::apply_updates(named(state.weight), updates)["weight"], slots}, value};
        },
        {.names = {"state", "bytes"}, .donate = {0}, .mesh = &mesh, .shardings = rules, .xla = xla});

    const auto corpus = pd::data::text(text, {.batch = 8, .length = rows + columns});
    const pd::Tensor bytes = pd::put(corpus.batch_at(0).inputs, std::make_shared<const pd::Placement>(mesh));
    State state = init(pd::key(0));
    const auto& placement = *pd::buffer_of(state.weight)->placement();
    fmt::print("{} is spread over {} devices; each device holds {}\n", pd::to_string(state.weight.shape()), mesh.size(),
               pd::to_string(placement.shard_shape(state.weight.shape())));

    pd::Tensor before, after;
    std::tie(state, before) = step(std::move(state), bytes);
    std::tie(state, after) = step(std::move(state), bytes);
    const bool fell = after.item<float>() < before.item<float>();
    fmt::print("after one step on the same bytes the loss {}: {} to {}\n", fell ? "fell" : "did not fall",
               before.item<float>(), after.item<float>());
    return fell ? 0 : 1;
}

#include "podium/bench/loop_cases.h"

#include <algorithm>
#include <cstring>
#include <thread>

#include "podium/bench/runtime_cases.h"
#include "podium/bench/spec.h"

namespace podium::bench {
namespace {

constexpr int RUNS = 7;
constexpr std::int64_t COUNT = spec::ADAM_ROWS * spec::ADAM_COLUMNS;

double gigabytes_per_second(std::int64_t bytes, const std::vector<double>& times_ms) {
    return static_cast<double>(bytes) / 1e6 / *std::min_element(times_ms.begin(), times_ms.end());
}

/// Returns the bytes a second that all threads together read and write when they copy. Source: McCalpin, STREAM, Copy.
double copied_gbps() {
    const auto threads = static_cast<std::size_t>(std::max(1U, std::thread::hardware_concurrency()));
    const std::vector<float> from(COUNT, 1.0F);
    std::vector<float> to(COUNT);
    const auto times = measure(
        [&] {
            std::vector<std::jthread> copying;
            const std::size_t part = from.size() / threads;
            for (std::size_t i = 0; i < threads; ++i)
                copying.emplace_back([&, i] { std::memcpy(&to[i * part], &from[i * part], part * sizeof(float)); });
        },
        2, RUNS, 0);
    return gigabytes_per_second(2 * COUNT * static_cast<std::int64_t>(sizeof(float)), times);
}

}  // namespace

Measurement optimizer_loops(const Options& options) {
    const double copy = copied_gbps();
    const Dims dims{spec::ADAM_ROWS, spec::ADAM_COLUMNS};
    Tree gradient;
    gradient.set("weight", tensor(spec::uniform(dims, 1e-2, 2)));
    const HostArray start = spec::uniform(dims, 0.05, 1);
    Measurement measured;
    nlohmann::json shares = nlohmann::json::object();
    for (const auto& row : optim::optimizers()) {
        const auto optimizer = optim::make({.name = std::string(row.name)});
        std::pair<Tree, Tree> state;
        state.first.set("weight", tensor(start));
        const auto step = jit(
            [&](const std::pair<Tree, Tree>& before, const Tree& given) {
                const Tensor loss = scalar_of(DataType::FLOAT32, 1.0);
                const auto [updates, slots] =
                    optimizer.update(given, before.second, before.first,
                                     {.value = loss, .function = [&](const Tree&) { return Tensor(loss); }});
                return std::pair{optim::apply_updates(before.first, updates), slots};
            },
            {.donate = {0}, .xla = options.xla});
        step.compile(std::pair{state.first, optimizer.init(state.first)}, gradient);
        const auto has = [&](const char* word) { return step.text().find(word) != std::string::npos; };
        if (!has("podium.kernel") || has("stablehlo.reduce")) continue;  // norms are read by XLA's part
        state.second = jit([&](const Tree& parameters) { return optimizer.init(parameters); })(state.first);
        std::int64_t arrays = 3;  // the gradient is read, the parameter and its slots read and written
        for (const auto& slot : state.second.leaves()) arrays += slot.shape().count() == COUNT ? 2 : 0;
        const auto once = [&] {
            state = step(std::move(state), gradient);
            block_until_ready(state);
        };
        once();
        const auto times = measure(once, 2, RUNS, 0);
        measured.times_ms.insert(measured.times_ms.end(), times.begin(), times.end());
        const auto bytes = arrays * COUNT * static_cast<std::int64_t>(sizeof(float));
        shares[std::string(row.name)] = gigabytes_per_second(bytes, times) / copy;
    }
    if (shares.empty())
        fail(Code::FAILED_PRECONDITION,
             "optimizer_loops: no program uses a loop; measure them with podium doctor, or "
             "ask for them with --kernels podium");
    measured.extra = {{"copy_gbps", copy}, {"of_copy", shares}};
    return measured;
}

}  // namespace podium::bench

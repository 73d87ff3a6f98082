#include "podium/bench/runtime_cases.h"

#include <unistd.h>

#include "podium/base/file.h"
#include "podium/bench/spec.h"

namespace podium::bench {

double milliseconds_since_exec() {
    // /proc/self/stat: field 22 is the start in clock ticks since boot; the name in parentheses may hold spaces.
    const std::string stat = read_file("/proc/self/stat"), uptime = read_file("/proc/uptime");
    std::istringstream fields(stat.substr(stat.rfind(')') + 2));
    std::string field;
    for (int i = 3; i <= 22; ++i) fields >> field;
    return (std::stod(uptime) - std::stod(field) / static_cast<double>(sysconf(_SC_CLK_TCK))) * 1e3;
}

Measurement dispatch_scalar_ready(const Options& options) {
    const auto f = jit([](const Tensor& x, const Tensor& y) { return x + y; }, {.xla = options.xla});
    const Tensor a = tensor(HostArray::scalar(1.0F)), b = tensor(HostArray::scalar(2.0F));
    Measurement measured;
    measured.times_ms = measure([&] { block_until_ready(f(a, b)); }, 1000, 20000, 0, 20000);
    return measured;
}

Measurement dispatch_leaves(const Options& options) {
    const Mesh mesh(default_device());
    const auto placement = std::make_shared<const Placement>(mesh);
    const Tree tree =
        spec::gpt_parameters().map([&](const HostArray&) { return put(HostArray::scalar(1.0F), placement); });
    const auto f = jit([](const Tree& state) { return state; }, {.donate = {0}, .xla = options.xla});
    Tree state = f(Tree(tree));
    Measurement measured;
    measured.times_ms = measure(
        [&] {
            state = f(std::move(state));
            block_until_ready(state.leaves()[0]);  // one program made all of them
        },
        200, 2000, 0, 2000);
    measured.extra["leaves"] = tree.size();
    return measured;
}

Measurement allreduce8(const Options& options) {
    constexpr std::int64_t DEVICES = 8;
    const Mesh mesh({{"d", DEVICES}}, devices("cpu"));
    const HostArray host = spec::uniform({DEVICES, spec::ALLREDUCE_ELEMENTS}, 1.0, 5);
    const Tensor x = put(host, std::make_shared<const Placement>(mesh, std::vector<std::string>{"d"}));
    const auto f = jit([](const Tensor& shards) { return sum(shards, {0}); },
                       {.name = "allreduce", .mesh = &mesh, .shardings = {{"0", {"d"}}}, .xla = options.xla});
    const HostArray total = f(x).to_host();
    double error = 0;
    for (std::int64_t i = 0; i < 1000; ++i) {
        double expected = 0;
        for (std::int64_t d = 0; d < DEVICES; ++d) expected += host.as_double(d * spec::ALLREDUCE_ELEMENTS + i);
        error = std::max(error, std::abs(total.as_double(i) - expected));
    }
    Measurement measured;
    measured.extra["err"] = error;
    measured.times_ms = measure([&] { block_until_ready(f(x)); }, 3, 20, options.seconds);
    return measured;
}

Measurement graph_build(const Options&) {
    constexpr int NODES = 1'000'000;
    Measurement measured;
    measured.times_ms = measure(
        [] {
            const TraceScope scope;
            const Tensor x = scope.parameter(Shape(DataType::FLOAT32, {16, 128}));
            Tensor y = x;
            for (int i = 0; i < NODES / 4; ++i) y = tanh(y * x + x) - x;
        },
        1, 5, 0, 5);
    measured.extra["nodes"] = NODES;
    return measured;
}

}  // namespace podium::bench

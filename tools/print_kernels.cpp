// Prints the loops of the optimizers that podium has, as C++.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include "podium/emit/kernel.h"
#include "podium/emit/lower.h"
#include "podium/optim/optim.h"

namespace podium {
namespace {

/// Options that change what an optimizer computes; those without one of them are the same again.
struct Variation {
    std::optional<double> momentum = {};
    bool nesterov = false;
    std::optional<double> weight_decay = {};
};
const Variation VARIATIONS[]{
    {}, {.momentum = 0.9}, {.momentum = 0.9, .nesterov = true}, {.nesterov = true}, {.weight_decay = 0.01}};

/// What training does around an optimizer's update.
struct Variant {
    DataType type;
    bool clips, guards, averages;  ///< by the norm of all gradients; by a flag that keeps the state; over micro-batches
};

/// Returns one parameter's part of a step, whose state is donated.
Graph step_of(const optim::GradientTransform& optimizer, const Variant& variant) {
    const TraceScope scope;
    Graph graph;
    const auto parameter = [&](const Shape& shape) {
        graph.parameters.push_back(scope.parameter(shape));
        return graph.parameters.back();
    };
    const Shape shape(variant.type, {4, 4});
    Tree parameters, gradient;
    parameters.set("weight", parameter(shape));
    const Tree state = optimizer.init(parameters).map([&](const Tensor& slot) { return parameter(slot.shape()); });
    const auto donated = static_cast<std::int64_t>(graph.parameters.size());
    const Tensor sum = parameter(shape);
    gradient.set("weight", variant.averages ? sum / 2.0 : sum);
    const Tensor loss = parameter(Shape(variant.type, {}));
    const auto [updates, slots] = optimizer.update(
        gradient, state, parameters, {.value = loss, .function = [&](const Tree&) { return Tensor(loss); }});
    graph.results = {optim::apply_updates(parameters, updates)["weight"]};
    for (const auto& slot : slots.leaves()) graph.results.push_back(slot);
    const Tensor keeps = parameter(Shape(DataType::BOOL, {}));
    for (std::int64_t i = 0; i < donated; ++i) {
        graph.reuse.push_back(i);
        Tensor& result = graph.results[static_cast<std::size_t>(i)];
        if (variant.guards)
            result = select(broadcast_to(keeps, result.dims()), graph.parameters[static_cast<std::size_t>(i)], result);
    }
    return lower(graph, true);
}

/// Returns every optimizer, as its row makes it by itself, and with the options that change its arithmetic.
std::vector<optim::GradientTransform> chains(bool clips) {
    std::vector<optim::GradientTransform> all;
    for (const auto& row : optim::optimizers())
        for (const auto& [momentum, nesterov, weight_decay] : VARIATIONS)
            all.push_back(optim::make({.name = std::string(row.name),
                                       .weight_decay = weight_decay,
                                       .momentum = momentum,
                                       .nesterov = nesterov,
                                       .clip_global_norm = clips ? 1.0 : 0.0}));
    return all;
}

/// Returns the kernels that give all new values of a parameter and its slots: what is left to XLA would read them
/// again.
std::map<std::string, Kernel> all_kernels() {
    std::map<std::string, Kernel> found;
    for (const auto type : {DataType::FLOAT32, DataType::FLOAT64})
        for (const bool clips : {false, true})
            for (const bool guards : {false, true})
                for (const bool averages : {false, true})
                    for (const auto& optimizer : chains(clips)) {
                        const Graph step = step_of(optimizer, {type, clips, guards, averages});
                        std::ptrdiff_t arrays = 0;
                        for (std::size_t i = 0; i < step.results.size(); ++i)
                            if (step.results[i].rank() > 0 && step.results[i].node() != step.parameters[i].node())
                                ++arrays;
                        for (auto& kernel : find_kernels(step, 2))
                            if (std::ssize(kernel.results) == arrays) found.emplace(kernel.name(), std::move(kernel));
                    }
    return found;
}

/// What every body may use. A branch on a condition would be taken out of the loop, which is then there twice.
constexpr std::string_view PRELUDE = R"(#include <bit>
#include <cmath>
#include <type_traits>

#include "podium/runtime/pjrt/kernels.h"

namespace podium {
namespace {

using std::abs;
using std::sqrt;

template <class T>
using BitsOf = std::conditional_t<sizeof(T) == sizeof(std::uint64_t), std::uint64_t, std::uint32_t>;

template <class T>
T pick(bool condition, T if_true, T if_false) {
    using Bits = BitsOf<T>;
    const Bits mask = condition ? ~Bits{0} : Bits{0};
    return std::bit_cast<T>((std::bit_cast<Bits>(if_true) & mask) | (std::bit_cast<Bits>(if_false) & ~mask));
}

template <class T>
T rsqrt(T x) {
    return T{1} / sqrt(x);
}

template <class T>
T sign(T x) {
    return pick(x > 0, T{1}, pick(x < 0, T{-1}, x));
}

// The bits of equal numbers differ in the sign of zero alone; a NaN of either operand is the result.
template <class T>
T max(T x, T y) {
    const T equal = std::bit_cast<T>(std::bit_cast<BitsOf<T>>(x) & std::bit_cast<BitsOf<T>>(y));
    return pick(x == y, equal, pick(x > y || x != x, x, y));
}

template <class T>
T min(T x, T y) {
    const T equal = std::bit_cast<T>(std::bit_cast<BitsOf<T>>(x) | std::bit_cast<BitsOf<T>>(y));
    return pick(x == y, equal, pick(x < y || x != x, x, y));
}
)";

void print() {
    fmt::print("{}", PRELUDE);
    std::string rows;
    int number = 0;
    for (const auto& [name, kernel] : all_kernels()) {
        fmt::print("\nvoid loop{}{}", number, kernel.body);
        std::string pairs;
        for (const auto& [result, operand] : kernel.in_place)
            pairs += fmt::format("{}{{{}, {}}}", pairs.empty() ? "" : ", ", result, operand);
        fmt::print("constexpr std::pair<std::size_t, std::size_t> IN_PLACE{}[] = {{{}}};\n", number, pairs);
        rows += fmt::format("    {{\"{}\", {}, {}, IN_PLACE{}, loop{}}},\n", name, kernel.array, kernel.results.size(),
                            number, number);
        ++number;
    }
    fmt::print(
        "\nconstexpr PrintedKernel KERNELS[] = {{\n{}}};\n\n}}  // namespace\n\n"
        "std::span<const PrintedKernel> printed_kernels() {{ return KERNELS; }}\n\n}}  // namespace podium\n",
        rows);
}

}  // namespace
}  // namespace podium

int main() { podium::print(); }

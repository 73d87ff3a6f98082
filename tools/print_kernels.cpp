// Prints the loops of the optimizers that podium has, as C++.
#include <fmt/format.h>

#include <map>
#include <string_view>

#include "podium/emit/kernel.h"
#include "podium/emit/lower.h"
#include "podium/optim/optim.h"

namespace podium {
namespace {

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
    const auto [updates, slots] = optimizer.update(gradient, state, parameters);
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

std::vector<optim::GradientTransform> chains(bool clips) {
    std::vector<optim::GradientTransform> all{optim::sgd(1e-3, {.momentum = 0.9}),
                                              optim::sgd(1e-3, {.momentum = 0.9, .nesterov = true}), optim::adam(1e-3),
                                              optim::adamw(1e-3)};
    if (clips)
        for (auto& each : all) each = optim::chain(optim::clip_by_global_norm(1.0), each);
    return all;
}

std::map<std::string, Kernel> all_kernels() {
    std::map<std::string, Kernel> found;
    for (const auto type : {DataType::FLOAT32, DataType::FLOAT64})
        for (const bool clips : {false, true})
            for (const bool guards : {false, true})
                for (const bool averages : {false, true})
                    for (const auto& optimizer : chains(clips))
                        for (auto& kernel : find_kernels(step_of(optimizer, {type, clips, guards, averages}), 2))
                            found.emplace(kernel.name(), std::move(kernel));
    return found;
}

/// What every body may use. A branch on a condition would be taken out of the loop, which is then there twice.
constexpr std::string_view PRELUDE = R"(#include <bit>
#include <cmath>
#include <type_traits>

#include "podium/runtime/pjrt/kernels.h"

namespace podium {
namespace {

using std::sqrt;

template <class T>
T pick(bool condition, T if_true, T if_false) {
    using Bits = std::conditional_t<sizeof(T) == sizeof(std::uint64_t), std::uint64_t, std::uint32_t>;
    const Bits mask = condition ? ~Bits{0} : Bits{0};
    return std::bit_cast<T>((std::bit_cast<Bits>(if_true) & mask) | (std::bit_cast<Bits>(if_false) & ~mask));
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

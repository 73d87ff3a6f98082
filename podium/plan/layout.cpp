#include "podium/plan/layout.h"

#include <fmt/ranges.h>

namespace podium::plan {
namespace {

constexpr int BATCH_PRIORITY = 0, MODEL_PRIORITY = 1, FSDP_PRIORITY = 2;

/// Returns a dimension's split by "data,fsdp" in Shardy's words: `{"data", "fsdp"}p0`.
std::string dimension_text(const std::string& axes, bool of_batch) {
    if (axes.empty()) return "{}";
    const int priority = of_batch ? BATCH_PRIORITY : axes == parallel::FSDP ? FSDP_PRIORITY : MODEL_PRIORITY;
    std::vector<std::string> names;
    for (const auto& name : axes_in(axes)) names.push_back(fmt::format("\"{}\"", name));
    return fmt::format("{{{}}}p{}", fmt::join(names, ", "), priority);
}

}  // namespace

StepLayout step_layout(const LoweredFunction& step, const train::Layout& layout) {
    StepLayout split;
    for (std::size_t i = 0; i < step.parameters.size(); ++i) {
        const std::string_view path = step.parameters[i];
        const auto axes = layout.axes_of(path);
        std::vector<std::string> dims(static_cast<std::size_t>(step.graph.parameters[i].rank()), "{}");
        for (std::size_t d = 0; d < std::min(dims.size(), axes.size()); ++d)
            dims[d] = dimension_text(axes[d], path.starts_with("batch."));
        split.parameters.push_back(fmt::format("[{}]", fmt::join(dims, ", ")));
    }
    for (const auto reused : step.graph.reuse)
        split.results.push_back(reused < 0 ? std::string() : split.parameters[static_cast<std::size_t>(reused)]);
    return split;
}

std::int64_t device_count(const std::vector<Mesh::Axis>& axes) {
    std::int64_t count = 1;
    for (const auto& axis : axes) count *= axis.size;
    return count;
}

std::string mesh_text(const std::vector<Mesh::Axis>& axes) {
    std::vector<std::string> parts;
    parts.reserve(axes.size());
    for (const auto& axis : axes) parts.push_back(fmt::format("{}={}", axis.name, axis.size));
    return fmt::format("{}", fmt::join(parts, ","));
}

}  // namespace podium::plan

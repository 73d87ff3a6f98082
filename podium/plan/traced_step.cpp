#include "podium/plan/traced_step.h"

#include "podium/emit/stablehlo.h"
#include "podium/ir/flops.h"
#include "podium/train/programs.h"

namespace podium::plan {
namespace {

MemoryTag tag_of(std::string_view path) {
    if (is_under(path, "state.parameters")) return MemoryTag::PARAMETERS;
    if (is_under(path, "state.optimizer") || is_under(path, "state.extra.average")) return MemoryTag::OPTIMIZER_STATE;
    return MemoryTag::OTHER;
}

}  // namespace

TracedStep trace_step(train::TrainConfig config) {
    config.device = "tpu";
    config.mesh.clear();
    const train::Programs programs(config);
    TracedStep traced{.step = programs.lowered_step(), .model_flops = programs.step_flops()};
    for (std::size_t i = 0; i < traced.step.parameters.size(); ++i) {
        const std::string_view path = traced.step.parameters[i];
        const auto bytes = static_cast<double>(traced.step.graph.parameters[i].shape().size_bytes());
        const auto tag = tag_of(path);
        traced.tags.push_back(tag);
        if (path.starts_with("state.")) traced.loss = i + 1;
        traced.state_bytes += tag == MemoryTag::PARAMETERS        ? 2 * bytes
                              : tag == MemoryTag::OPTIMIZER_STATE ? bytes
                                                                  : 0.0;
    }
    traced.flops = matmul_flops(traced.step.graph.results);
    traced.tokens = static_cast<double>(config.train.batch) * static_cast<double>(config.train.length);
    return traced;
}

std::string step_text(const TracedStep& traced, const std::vector<Mesh::Axis>& axes, bool locations) {
    auto layout = step_layout(traced.step, axes);
    return stablehlo(traced.step.graph, Mesh(axes, devices("tpu")),
                     {.locations = locations,
                      .cpu_forms = false,
                      .parameter_splits = std::move(layout.parameters),
                      .result_splits = std::move(layout.results)});
}

}  // namespace podium::plan

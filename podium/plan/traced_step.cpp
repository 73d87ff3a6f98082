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

TracedStep trace_step(train::TrainConfig config, const std::vector<Mesh::Axis>& mesh) {
    config.device = "tpu";
    config.mesh.clear();
    for (const auto& axis : mesh) config.mesh.emplace_back(axis.name, axis.size);
    const train::Programs programs(train::resolved(std::move(config)));
    TracedStep traced{.step = programs.lowered_step(), .mesh = mesh, .model_flops = programs.step_flops()};
    traced.layout = step_layout(traced.step, programs.layout);
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

std::string step_text(const TracedStep& traced, bool locations) {
    return stablehlo(traced.step.graph, Mesh(traced.mesh, devices("tpu")),
                     {.locations = locations,
                      .cpu_forms = false,
                      .parameter_splits = traced.layout.parameters,
                      .result_splits = traced.layout.results});
}

}  // namespace podium::plan

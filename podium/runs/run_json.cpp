#include "podium/runs/run_json.h"

namespace podium {
namespace {

using Json = nlohmann::ordered_json;

Json number(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }
Json moment(const std::optional<EventTime>& time) { return time ? Json(to_string(*time)) : Json(nullptr); }

}  // namespace

Json to_json(const RunSummary& run) {
    Json best = nullptr;
    if (run.best_validation_loss)
        best = {{"step", run.best_validation_loss->step}, {"loss", run.best_validation_loss->value}};
    return {{"run", run.folder.string()},
            {"state", run.state},
            {"step", run.totals.steps},
            {"steps", run.planned_steps},
            {"loss", number(run.loss)},
            {"best_validation", best},
            {"tokens_per_s", run.totals.tokens_per_s()},
            {"step_seconds", run.totals.step_seconds},
            {"data_seconds", run.totals.data_seconds},
            {"eval_seconds", run.totals.eval_seconds},
            {"save_seconds", run.totals.save_seconds},
            {"began", moment(run.totals.began)},
            {"latest", moment(run.totals.latest)},
            {"resumes", run.totals.resumes},
            {"recoveries", run.totals.recoveries},
            {"warnings", run.totals.warnings},
            {"checkpoints", run.checkpoints},
            {"best_checkpoint", run.best_checkpoint ? Json(*run.best_checkpoint) : Json(nullptr)},
            {"best_checkpoint_path", run.best_checkpoint ? Json(run.best_checkpoint_folder.string()) : Json(nullptr)}};
}

Json curves_json(const RunLog& log, std::size_t buckets, StepRange range) {
    Json curves = Json::object();
    for (const auto& [name, curve] : log.curves()) {
        const Curve points = thinned(curve, buckets, range);
        curves[name] = {{"steps", points.steps}, {"values", points.values}};
    }
    return curves;
}

}  // namespace podium

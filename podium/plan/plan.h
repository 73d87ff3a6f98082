#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "podium/catalog/prices.h"
#include "podium/catalog/slices.h"
#include "podium/plan/compile_job.h"
#include "podium/plan/cost_model.h"
#include "podium/plan/traced_step.h"

namespace podium::plan {

/// What is asked of the planner.
struct PlanOptions {
    std::vector<catalog::Slice> targets;
    std::vector<Mesh::Axis> mesh;  ///< empty: `default_mesh` of each target
    bool fast = false;             ///< compile without optimizing: a quick verdict
    int jobs = 2;                  ///< compilers at once
    double total_tokens = 0;       ///< of the whole run; 0: not said
    catalog::PriceList prices;
    std::string plugin;  ///< libtpu.so
    CompileOptions compile;
    /// Called when a candidate's compiler starts, and with its answer; one call at a time.
    std::function<void(std::size_t candidate, const CompileAnswer* answer)> progress = {};
};

/// A way to run the program, and what the compiler says of it.
struct Candidate {
    catalog::Slice slice;
    std::vector<Mesh::Axis> mesh;
    std::string remat = "none";
    std::int64_t accumulation = 1;
    CompileAnswer answer;
    std::vector<AxisCollective> collectives;
    std::optional<double> flops, tokens;  ///< a step
    std::optional<StepTime> time;         ///< where it fits
    std::optional<double> mfu, usd_per_step, usd_total;

    bool fits() const { return answer.status == CompileAnswer::Status::COMPILED; }
    std::optional<double> tokens_per_s() const;
    /// Why it does not fit or could not be judged; empty where it fits.
    std::string why_not() const;
};

/// Returns "data" over all devices, or "fsdp" where a device cannot hold half of its memory's worth of the whole state.
std::vector<Mesh::Axis> default_mesh(double state_bytes, const catalog::Slice& slice);

/// Returns a candidate a target, in their order, each compiled in a child process; what `progress` throws is thrown.
/// Throws INVALID_CONFIG for meshes and batches that do not go together with a target, before anything is compiled.
std::vector<Candidate> plan_config(const train::TrainConfig& config, const PlanOptions& options);
/// The same of StableHLO text from anyone, with Shardy's or no annotations; of its work nothing is known.
std::vector<Candidate> plan_text(const std::string& text, const PlanOptions& options);

/// Returns the candidate by `podium plan --json`'s contract.
nlohmann::ordered_json candidate_json(const Candidate& candidate);

}  // namespace podium::plan

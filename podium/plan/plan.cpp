#include "podium/plan/plan.h"

#include <atomic>
#include <mutex>
#include <thread>

#include "podium/base/error.h"
#include "podium/plan/answer_json.h"

namespace podium::plan {
namespace {

constexpr double SHARE_FOR_STATE = 0.5;  // of a device's memory: the rest is for activations
constexpr double SECONDS_AN_HOUR = 3600;
constexpr int FAST_LEVEL = 0;

struct Work {
    CompileJob job;
    std::string key;
};

void expect_devices(const std::vector<Mesh::Axis>& mesh, const catalog::Slice& slice) {
    const auto wanted = device_count(mesh), there = slice.device_count();
    if (wanted == there) return;
    std::string near;
    for (const auto& other : catalog::slices_of(*slice.chip))
        if (other.device_count() == wanted) near = fmt::format(", or --on {}", other.name());
    fail(Code::INVALID_CONFIG, "mesh {} is of {} devices, {} has {} ({} chips{}); give --mesh {}={}{}", mesh_text(mesh),
         wanted, slice.name(), there, slice.chip_count(),
         slice.chip->devices == 1 ? "" : fmt::format(", {} devices each", slice.chip->devices),
         mesh.size() == 1 ? mesh.front().name : "data", there, near);
}

/// Compiles all of them, so many at once.
void compile_all(const std::vector<Work>& work, const PlanOptions& options, std::vector<Candidate>& candidates) {
    std::atomic<std::size_t> next = 0;
    std::mutex mutex;
    std::exception_ptr failure;
    const auto tell = [&](std::size_t i, const CompileAnswer* answer) {
        const std::lock_guard lock(mutex);
        if (options.progress) options.progress(i, answer);
    };
    const auto compile_some = [&] {
        for (std::size_t i = next++; i < work.size(); i = next++) try {
                tell(i, nullptr);
                candidates[i].answer = compile_in_child(work[i].job, work[i].key, options.compile);
                tell(i, &candidates[i].answer);
            } catch (...) {
                const std::lock_guard lock(mutex);
                failure = std::current_exception();
                next = work.size();
            }
    };
    std::vector<std::thread> threads;
    for (int i = 1; i < std::min<int>(options.jobs, static_cast<int>(work.size())); ++i)
        threads.emplace_back(compile_some);
    compile_some();
    for (auto& thread : threads) thread.join();
    if (failure) std::rethrow_exception(failure);
}

/// Fills in what follows from the answer.
void judge(const PlanOptions& options, double model_flops, Candidate& candidate) {
    if (!candidate.fits()) return;
    const auto& traffic = candidate.answer.traffic;
    const auto& slice = candidate.slice;
    candidate.collectives = along_axes(traffic.collectives, candidate.mesh, slice);
    if (!candidate.flops) return;
    candidate.time = step_time(*candidate.flops, traffic, candidate.collectives, slice);
    const double step_s = candidate.time->total();
    const auto chips = static_cast<double>(slice.chip_count());
    if (step_s > 0) candidate.mfu = model_flops / (step_s * chips * slice.chip->bf16_flops);
    if (const auto price = options.prices.find(slice.chip->name)) {
        candidate.usd_per_step = step_s * chips * price->usd_per_chip_hour / SECONDS_AN_HOUR;
        if (options.total_tokens > 0 && candidate.tokens)
            candidate.usd_total = *candidate.usd_per_step * options.total_tokens / *candidate.tokens;
    }
}

CompileJob job_for(const PlanOptions& options, const catalog::Slice& slice) {
    return {.plugin = options.plugin,
            .topology = slice.topology(),
            .chip_config = std::string(slice.chip->chip_config),
            .optimization_level = options.fast ? FAST_LEVEL : -1,
            .device_count = slice.device_count()};
}

template <class T>
nlohmann::ordered_json or_null(const std::optional<T>& value) {
    return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
}

}  // namespace

std::optional<double> Candidate::tokens_per_s() const {
    if (!tokens || !time || time->total() <= 0) return std::nullopt;
    return *tokens / time->total();
}

std::string Candidate::why_not() const {
    using Status = CompileAnswer::Status;
    if (fits()) return {};
    if (answer.status == Status::OUT_OF_MEMORY && answer.limit_bytes > 0 && answer.peak_bytes > 0)
        return fmt::format("it needs {:.2f} GB a device, and there are {:.2f} GB",
                           static_cast<double>(answer.peak_bytes) / 1e9, static_cast<double>(answer.limit_bytes) / 1e9);
    return answer.message;
}

std::vector<Mesh::Axis> default_mesh(double state_bytes, const catalog::Slice& slice) {
    const double memory = slice.chip->hbm_bytes / slice.chip->devices;
    return {{state_bytes > SHARE_FOR_STATE * memory ? "fsdp" : "data", slice.device_count()}};
}

std::vector<Candidate> plan_config(const train::TrainConfig& config, const PlanOptions& options) {
    const TracedStep whole = trace_step(config);
    std::vector<Candidate> candidates;
    std::vector<Work> work;
    for (const auto& slice : options.targets) {
        const auto mesh = options.mesh.empty() ? default_mesh(whole.state_bytes, slice) : options.mesh;
        expect_devices(mesh, slice);
        const TracedStep traced = trace_step(config, mesh);
        Work one{.job = job_for(options, slice), .key = step_text(traced, false)};
        one.job.text = step_text(traced, true);
        one.job.tags = traced.tags;
        one.job.loss = traced.loss;
        work.push_back(std::move(one));
        candidates.push_back({.slice = slice,
                              .mesh = mesh,
                              .remat = config.model.remat ? "full" : "none",
                              .accumulation = config.train.micro_batches,
                              .flops = traced.flops,
                              .tokens = traced.tokens});
    }
    compile_all(work, options, candidates);
    for (auto& candidate : candidates) judge(options, whole.model_flops, candidate);
    return candidates;
}

std::vector<Candidate> plan_text(const std::string& text, const PlanOptions& options) {
    std::vector<Candidate> candidates;
    std::vector<Work> work;
    for (const auto& slice : options.targets) {
        const auto mesh = options.mesh.empty() ? default_mesh(0, slice) : options.mesh;
        expect_devices(mesh, slice);
        Work one{.job = job_for(options, slice), .key = text};
        one.job.text = text;
        work.push_back(std::move(one));
        candidates.push_back({.slice = slice, .mesh = mesh});
    }
    compile_all(work, options, candidates);
    for (auto& candidate : candidates) judge(options, 0, candidate);
    return candidates;
}

nlohmann::ordered_json candidate_json(const Candidate& candidate) {
    auto collectives = nlohmann::ordered_json::array();
    for (const auto& each : candidate.collectives)
        collectives.push_back({{"kind", each.kind},
                               {"axis", each.axis},
                               {"bytes", static_cast<std::int64_t>(each.bytes)},
                               {"link", each.link}});
    const auto& answer = candidate.answer;
    const auto bytes = [](std::int64_t value) {
        return value > 0 ? nlohmann::ordered_json(value) : nlohmann::ordered_json();
    };
    const auto step_s = candidate.time ? std::optional(candidate.time->total()) : std::nullopt;
    const auto why = candidate.why_not();
    return {{"format", 1},
            {"target", candidate.slice.name()},
            {"chips", candidate.slice.chip_count()},
            {"slices", 1},
            {"mesh", mesh_text(candidate.mesh)},
            {"remat", candidate.remat},
            {"accumulation", candidate.accumulation},
            {"fits", candidate.fits()},
            {"peak_bytes", bytes(answer.peak_bytes)},
            {"limit_bytes", bytes(answer.limit_bytes)},
            {"memory", candidate.fits() ? memory_json(answer.memory) : nlohmann::ordered_json()},
            {"flops_per_step", or_null(candidate.flops)},
            {"compiler_seconds", answer.seconds},
            {"step_seconds", or_null(step_s)},
            {"tokens_per_s", or_null(candidate.tokens_per_s())},
            {"mfu", or_null(candidate.mfu)},
            {"collectives", collectives},
            {"usd_per_step", or_null(candidate.usd_per_step)},
            {"usd_total", or_null(candidate.usd_total)},
            {"why_not", why.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(why)}};
}

}  // namespace podium::plan

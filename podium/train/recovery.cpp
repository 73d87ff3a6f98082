#include "podium/train/recovery.h"

#include <array>

#include "podium/mesh/strategy.h"

namespace podium::train {
namespace {

bool as_it_is(TrainConfig&) { return true; }
bool not_possible(TrainConfig&) { return false; }

/// Twice the pieces, or the next larger number that cuts the batch evenly over the devices.
bool smaller_micro_batch(TrainConfig& config) {
    const std::int64_t rows = config.train.batch / batch_ways(config);
    for (std::int64_t pieces = 2 * config.train.micro_batches; pieces <= rows; ++pieces)
        if (rows % pieces == 0) {
            config.train.micro_batches = pieces;
            return true;
        }
    return false;
}

bool remat(TrainConfig& config) { return !std::exchange(config.model.remat, true); }

bool host_offload(TrainConfig& config) {
    return !std::exchange(config.train.offload_optimizer, true) && offloads_optimizer(config);
}

bool without_options(TrainConfig& config) {
    const bool suspected = !config.xla.flags.empty() || config.xla.optimization_level >= 0 || !config.xla.safe_defaults;
    config.xla = {};
    return suspected;
}

bool if_rolling_back(TrainConfig& config) { return config.recovery.on_nonfinite == OnNonfinite::ROLLBACK; }

bool fewer_devices(TrainConfig& config) {
    const auto is_batch = [](std::string_view name) { return name == parallel::DATA || name == parallel::FSDP; };
    for (const bool of_batch : {true, false})
        for (auto& [name, size] : config.mesh) {
            if (size <= 1 || is_batch(name) != of_batch) continue;
            const auto before = size;
            do --size;
            while (of_batch ? config.train.batch % batch_ways(config) != 0 : before % size != 0);
            return true;
        }
    return false;
}

bool on_cpu(TrainConfig& config) {
    if (Device(config.device).type == DeviceType::CPU) return false;
    config.device = "cpu";
    config.mesh.clear();
    return true;
}

constexpr int AS_OFTEN_AS_IT_APPLIES = 64;
constexpr std::array ROWS{
    RecoveryRow{Code::OUT_OF_MEMORY, "free_caches", 1, "forget compiled programs and start the step anew", as_it_is},
    RecoveryRow{Code::OUT_OF_MEMORY, "smaller_micro_batch", AS_OFTEN_AS_IT_APPLIES,
                "go over the batch in more, smaller pieces; their mean gradient is the batch's", smaller_micro_batch},
    RecoveryRow{Code::OUT_OF_MEMORY, "remat", 1, "compute blocks again in the backward pass instead of keeping them",
                remat},
    RecoveryRow{Code::OUT_OF_MEMORY, "host_offload", 1,
                "keep the optimizer's state in the host's memory but for the update", host_offload},
    RecoveryRow{Code::COMPILE_FAILED, "without_options", 1,
                "compile once without the config's xla section; then a report", without_options},
    RecoveryRow{Code::NOT_FINITE, "skip_step", 10,
                "with recovery.on_nonfinite=skip the step changes nothing; so many in a row", not_possible},
    RecoveryRow{Code::NOT_FINITE, "roll_back", 3,
                "with recovery.on_nonfinite=rollback: the newest checkpoint, the samples since then passed over",
                if_rolling_back},
    RecoveryRow{Code::UNAVAILABLE, "newest_checkpoint", 1, "a device was lost: the same devices once more", as_it_is},
    RecoveryRow{Code::UNAVAILABLE, "fewer_devices", AS_OFTEN_AS_IT_APPLIES,
                "the mesh's next smaller size that divides the batch", fewer_devices},
    RecoveryRow{Code::UNAVAILABLE, "on_cpu", 1, "the CPU, where the run was on another device", on_cpu},
};

}  // namespace

std::span<const RecoveryRow> recovery_table() { return ROWS; }

const RecoveryRow& recovery_row(std::string_view remedy) {
    for (const auto& row : ROWS)
        if (row.remedy == remedy) return row;
    fail(Code::NOT_FOUND, "the recovery table has no remedy \"{}\"", remedy);
}

std::optional<Recovery> TpuErrorHandler::next(const Error& error, const TrainConfig& config, std::int64_t step,
                                              std::int64_t saved) {
    if (!config.recovery.enabled) return std::nullopt;
    if (saved > trouble_step_) std::fill(counts_.begin(), counts_.end(), 0);
    trouble_step_ = std::max(step, trouble_step_);
    for (std::size_t i = 0; i < ROWS.size(); ++i) {
        Recovery recovery{&ROWS[i], config};
        if (ROWS[i].code != error.code() || counts_[i] >= ROWS[i].times || !ROWS[i].apply(recovery.config)) continue;
        ++counts_[i];
        return recovery;
    }
    return std::nullopt;
}

std::string TpuErrorHandler::tried(Code code) const {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < ROWS.size(); ++i)
        if (ROWS[i].code == code && counts_[i] > 0)
            parts.push_back(fmt::format("{} was tried {} times", ROWS[i].remedy, counts_[i]));
    return fmt::format("{}", fmt::join(parts, "; "));
}

}  // namespace podium::train

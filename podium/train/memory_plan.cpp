#include "podium/train/memory_plan.h"

#include <limits>

#include "podium/exec/backends.h"

namespace podium::train {
namespace {

bool shares_memory(const Mesh& mesh) { return mesh.type() == DeviceType::CPU || mesh.type() == DeviceType::INTERP; }

TrainConfig with_batch(TrainConfig config, std::int64_t batch) {
    config.train.batch = {batch};
    return config;
}

double bytes_of(const TrainConfig& config) { return step_bytes(Programs(config)); }

std::string in_gb(double bytes) { return fmt::format("{:.2f} GB", bytes / 1e9); }

TrainConfig sized(std::int64_t layers, std::int64_t width, std::int64_t heads, std::int64_t length, double rate) {
    TrainConfig config;
    config.model.layers = layers;
    config.model.width = width;
    config.model.heads = heads;
    config.model.length = length;
    config.model.scan_layers = true;
    config.optimizer.learning_rate = rate;
    config.optimizer.schedule = optim::ScheduleKind::WARMUP_COSINE;
    config.optimizer.warmup_steps = 100;
    config.optimizer.weight_decay = 0.1;
    config.optimizer.decay_vectors = false;
    config.optimizer.clip_global_norm = 1;
    return config;
}

constexpr std::array PRESETS{
    Preset{"small", "3 million parameters: minutes on a CPU", [] { return sized(4, 256, 8, 128, 1e-3); }},
    Preset{"medium", "85 million parameters, GPT-2's small shape", [] { return sized(12, 768, 12, 512, 6e-4); }},
    Preset{"large", "302 million parameters, GPT-2's medium shape", [] { return sized(24, 1024, 16, 1024, 3e-4); }},
};

}  // namespace

double step_bytes(const Programs& programs) {
    const bool shared = shares_memory(programs.mesh);
    std::int64_t most = 0, beside = shared ? programs.host_bytes() : 0;
    for (const auto& program : programs.compile_step()) {
        const auto memory = program->memory();
        const auto bytes = memory.argument_bytes + memory.temporary_bytes + memory.output_bytes - memory.alias_bytes;
        most = std::max(most, bytes * (shared ? programs.mesh.size() : 1) + std::exchange(beside, 0));
    }
    return static_cast<double>(most);
}

double allowed_bytes(const TrainConfig& config) {
    const Mesh mesh = mesh_of(config);
    const auto limit = backend_for(mesh)->memory_stats(mesh.devices().front()).limit_bytes;
    if (limit < 0) return std::numeric_limits<double>::infinity();
    return static_cast<double>(limit) * config.train.memory_fraction;
}

std::int64_t batch_that_fits(const TrainConfig& config) {
    const double allowed = allowed_bytes(config);
    const std::int64_t step = batch_ways(config) * config.train.micro_batches;
    std::int64_t fits = 0;
    for (std::int64_t batch = step; batch <= std::max(step, MAX_AUTO_BATCH); batch *= 2) {
        const double needed = bytes_of(with_batch(config, batch));
        if (needed > allowed && fits == 0)
            fail(Code::OUT_OF_MEMORY,
                 "train.batch=auto: a batch of {} already needs {}, and {} may be used; make the model smaller, or try "
                 "model.remat=true",
                 batch, in_gb(needed), in_gb(allowed));
        if (needed > allowed) break;
        fits = batch;
    }
    return fits;
}

TrainConfig with_settled_batch(TrainConfig config) {
    if (!config.train.batch.automatic) return resolved(std::move(config));
    config.train.batch = {batch_ways(config) * config.train.micro_batches};  // a batch that makes a run
    config = resolved(std::move(config));
    config.train.batch = {batch_that_fits(config)};
    return resolved(std::move(config));
}

std::span<const Preset> TpuConfigManager::presets() { return PRESETS; }

TrainConfig TpuConfigManager::preset(std::string_view name, const std::string& device) {
    if (name == "auto") name = detect(device);
    std::vector<std::string_view> names;
    for (const auto& each : PRESETS) {
        if (each.name == name) return each.config();
        names.push_back(each.name);
    }
    fail(Code::INVALID_CONFIG, "there is no preset \"{}\"; there are {} and auto", name, fmt::join(names, ", "));
}

std::string_view TpuConfigManager::detect(const std::string& device) {
    for (std::size_t i = PRESETS.size(); i > 0; --i) {
        auto config = PRESETS[i - 1].config();
        config.device = device;
        config.train.length = config.model.length;
        config.optimizer.total_steps = config.train.steps;
        if (bytes_of(config) <= allowed_bytes(config)) return PRESETS[i - 1].name;
    }
    fail(Code::OUT_OF_MEMORY, "not even the smallest preset fits on {}; give a config with a smaller model", device);
}

void TpuConfigManager::expect_fits(const TrainConfig& config) {
    const double needed = bytes_of(config), allowed = allowed_bytes(config);
    if (needed > allowed)
        fail(Code::OUT_OF_MEMORY,
             "a step needs {}, and {} may be used (train.memory_fraction={}); try train.batch=auto, "
             "train.micro_batches=2 or model.remat=true",
             in_gb(needed), in_gb(allowed), config.train.memory_fraction);
}

}  // namespace podium::train

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "podium/data/text.h"
#include "podium/models/gpt.h"
#include "podium/optim/optimizers.h"
#include "podium/runtime/backend.h"

namespace podium::train {

/// Which text is trained on, and which is held out.
struct DataOptions {
    std::vector<std::string> paths;
    double validation_fraction = 0.1;
    std::vector<std::string> validation_paths;
};
template <class V>
void visit_fields(V& v, DataOptions& options) {
    v("paths", options.paths, "files, folders and globs of text");
    v("validation_fraction", options.validation_fraction, "share of the bytes held out, as whole files");
    v("validation_paths", options.validation_paths, "files held out instead of the fraction");
}

/// How long a run is, and what it reports and keeps.
struct LoopOptions {
    std::int64_t steps = 1000;
    std::int64_t batch = 16;
    std::int64_t length = 0;
    std::uint64_t seed = 0;
    std::int64_t log_every = 1;
    std::int64_t eval_every = 100;
    std::int64_t eval_batches = 8;
    std::int64_t checkpoint_every = 100;
    int keep_last = 3;
};
template <class V>
void visit_fields(V& v, LoopOptions& options) {
    v("steps", options.steps, "steps in all");
    v("batch", options.batch, "samples a step, over all devices");
    v("length", options.length, "tokens a sample; 0 is the model's length");
    v("seed", options.seed, "of parameters, dropout and the order of samples");
    v("log_every", options.log_every, "steps between step lines");
    v("eval_every", options.eval_every, "steps between validation losses; 0 is none");
    v("eval_batches", options.eval_batches, "validation batches each time; 0 is all");
    v("checkpoint_every", options.checkpoint_every, "steps between checkpoints; 0 keeps only the last step's");
    v("keep_last", options.keep_last, "how many checkpoints stay");
}

/// How XLA compiles the step.
struct CompileOptions {
    int optimization_level = -1;
    bool safe_defaults = true;
    std::map<std::string, std::string> flags;
};
template <class V>
void visit_fields(V& v, CompileOptions& options) {
    v("optimization_level", options.optimization_level, "0 to 3; -1 is the plugin's own");
    v("safe_defaults", options.safe_defaults, "flags that avoid the plugin's known wrong results");
    v("flags", options.flags, "any of XLA's flags by name");
}

/// All that decides a run: the config file's content, and what a run folder stores.
struct TrainConfig {
    int format = 1;
    models::GptOptions model;
    optim::OptimizerOptions optimizer;
    DataOptions data;
    LoopOptions train;
    std::string device = "cpu";
    std::vector<std::pair<std::string, std::int64_t>> mesh;
    CompileOptions xla;
    bool tensorboard = false;
};
template <class V>
void visit_fields(V& v, TrainConfig& config) {
    v("format", config.format, "version of this file's format");
    v("model", config.model, "");
    v("optimizer", config.optimizer, "");
    v("data", config.data, "");
    v("train", config.train, "");
    v("device", config.device, "kind[:index] of the devices");
    v("mesh", config.mesh, "sizes of the mesh's axes by name; none is one device");
    v("xla", config.xla, "");
    v("tensorboard", config.tensorboard, "write event files for TensorBoard into the run's folder");
}

/// What flags change in a config, in this order.
struct ConfigChanges {
    std::vector<std::string> overrides;  ///< "optimizer.learning_rate=3e-4"
    std::vector<std::string> data;
    std::optional<std::int64_t> steps;
    std::optional<std::uint64_t> seed;
    std::optional<std::string> device, mesh;
    bool tensorboard = false;
};
/// Returns the config with the changes; throws INVALID_CONFIG.
TrainConfig changed(TrainConfig config, const ConfigChanges& changes);

/// Returns the config with nothing left open (sample length, the schedule's end, absolute data paths), so that it means
/// the same when it is read again. Throws INVALID_CONFIG for values that make no run.
TrainConfig resolved(TrainConfig config);

/// Returns `wanted` as the config with which the run of `stored` goes on. Only steps, device, mesh and the cadence of
/// reports and checkpoints may differ; throws INVALID_CONFIG with the differences.
TrainConfig resumed(const TrainConfig& stored, TrainConfig wanted);

/// Returns the devices and axes that the config names. Throws INVALID_ARGUMENT and INVALID_CONFIG.
Mesh mesh_of(const TrainConfig& config);
XlaOptions xla_options(const CompileOptions& options);
data::TextOptions text_options(const TrainConfig& config);

}  // namespace podium::train

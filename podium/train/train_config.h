#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "podium/config/codec.h"
#include "podium/data/images.h"
#include "podium/data/text.h"
#include "podium/optim/optimizers.h"
#include "podium/runtime/backend.h"
#include "podium/train/model.h"
#include "podium/transform/checks.h"

namespace podium::train {

/// Samples a step, over all devices: a number, or `auto`, which is settled before a run begins.
struct BatchSize {
    std::int64_t samples = 16;
    bool automatic = false;
    operator std::int64_t() const { return samples; }
};

}  // namespace podium::train

/// How a config says a batch size: `auto` or an integer.
template <>
struct podium::config::Codec<podium::train::BatchSize> {
    static std::string type() { return "integer, or auto"; }
    static void load(const Node& node, train::BatchSize& value) {
        if (node.kind == Node::Kind::SCALAR && node.text == "auto") return void(value = {0, true});
        std::int64_t samples = 0;
        Codec<std::int64_t>::load(node, samples);
        value = {samples, false};
    }
    static Node store(const train::BatchSize& value) {
        return value.automatic ? string_node("auto") : Codec<std::int64_t>::store(value.samples);
    }
};

namespace podium::train {

/// Which text or images are trained on, and which are held out.
struct DataOptions {
    std::vector<std::string> paths;
    std::vector<double> weights;
    double validation_fraction = 0.1;
    std::vector<std::string> validation_paths;
    std::string tokenizer;
    std::string field = "text";
    bool separate_documents = false;
    std::uint64_t damaged_records = 0;
    std::string images = "images", labels = "labels";
    bool flip = false;
    std::int64_t crop = 0;
};
template <class V>
void visit_fields(V& v, DataOptions& options) {
    v("paths", options.paths, "files, folders and globs: text, or .npz files of images");
    v("weights", options.weights, "share of the samples from each of the paths; none: all are one text");
    v("validation_fraction", options.validation_fraction,
      "share held out: of the bytes, as whole files; or of the images");
    v("validation_paths", options.validation_paths, "files held out instead of the fraction");
    v("tokenizer", options.tokenizer, "a tokenizer.json (podium tokenizer train makes one); none reads bytes");
    v("field", options.field, "of the records in .jsonl, .ndjson and .parquet files, the one that holds the text");
    v("separate_documents", options.separate_documents,
      "neither attention nor positions reach from one document into the next; wants a tokenizer");
    v("damaged_records", options.damaged_records, "so many records that hold no such text are passed over");
    v("images", options.images, "of .npz files, the array u8 or float[count, height, width, channels]");
    v("labels", options.labels, "of .npz files, the array of what each image shows, integers from 0");
    v("flip", options.flip, "mirror half of the training images");
    v("crop", options.crop, "move training images by up to so many pixels");
}

/// How long a run is, and what it reports and keeps.
struct LoopOptions {
    std::int64_t steps = 1000;
    BatchSize batch;
    std::int64_t length = 0;
    std::uint64_t seed = 0;
    std::int64_t log_every = 1;
    std::int64_t eval_every = 100;
    std::int64_t eval_batches = 8;
    std::int64_t checkpoint_every = 100;
    int keep_last = 3;
    std::int64_t micro_batches = 1;
    bool offload_optimizer = false;
    bool log_norms = false;
    double average_decay = 0;
    bool keep_best = true;
    std::int64_t patience = 0;
    std::int64_t sample_every = 0;
    std::string sample_prompt;
    std::int64_t sample_tokens = 100;
    double memory_fraction = 0.9;
};
template <class V>
void visit_fields(V& v, LoopOptions& options) {
    v("steps", options.steps, "steps in all");
    v("batch", options.batch, "samples a step, over all devices; auto is the largest power of two that fits");
    v("length", options.length, "tokens a sample; 0 is the model's length");
    v("seed", options.seed, "of parameters, dropout and the order of samples");
    v("log_every", options.log_every, "steps between step lines");
    v("eval_every", options.eval_every, "steps between validation losses; 0 is none");
    v("eval_batches", options.eval_batches, "validation batches each time; 0 is all");
    v("checkpoint_every", options.checkpoint_every, "steps between checkpoints; 0 keeps only the last step's");
    v("keep_last", options.keep_last, "how many checkpoints stay");
    v("micro_batches", options.micro_batches, "pieces that a step goes over its batch in: less memory, the same mean");
    v("offload_optimizer", options.offload_optimizer,
      "keep the optimizer's state on the host but for the update: less memory on the devices, more time");
    v("log_norms", options.log_norms, "gradient norm and update ratio in step lines");
    v("average_decay", options.average_decay, "of the parameters' moving average, used by eval and sample; 0 is none");
    v("keep_best", options.keep_best, "keep the checkpoint of the least validation loss too");
    v("patience", options.patience, "validations without a better loss after which the run ends; 0 goes on");
    v("sample_every", options.sample_every, "steps between sample texts; 0 is none");
    v("sample_prompt", options.sample_prompt, "text that samples go on with");
    v("sample_tokens", options.sample_tokens, "tokens of a sample");
    v("memory_fraction", options.memory_fraction, "share of a device's memory that a planned run may take");
}

/// How the model is split over the mesh, beyond what the names of its axes say.
struct ParallelOptions {
    int zero = 3;
    std::int64_t least_elements = 1024;
    std::vector<std::pair<std::string, std::vector<std::string>>> rules;
};
template <class V>
void visit_fields(V& v, ParallelOptions& options) {
    v("zero", options.zero,
      "what the mesh's axis fsdp splits: 1 the optimizer's state, 2 gradients too, 3 parameters too");
    v("least_elements", options.least_elements, "of what fsdp splits: smaller parameters stay whole");
    v("rules", options.rules,
      "own rules, first ones first: by patterns of parameters' names, the axis (or axes, \"data,fsdp\") of each "
      "dimension, \"\" for none; they say all about what they match");
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

/// What follows a loss or a gradient that is no number.
enum class OnNonfinite { STOP, SKIP, ROLLBACK };
constexpr auto enum_names(OnNonfinite) {
    using Row = std::pair<OnNonfinite, std::string_view>;
    return std::array{Row{OnNonfinite::STOP, "stop"}, Row{OnNonfinite::SKIP, "skip"},
                      Row{OnNonfinite::ROLLBACK, "rollback"}};
}

/// How a run gets itself out of trouble; the table says what is tried.
struct RecoveryOptions {
    bool enabled = true;
    OnNonfinite on_nonfinite = OnNonfinite::STOP;
    double spike = 0;
};
template <class V>
void visit_fields(V& v, RecoveryOptions& options) {
    v("enabled", options.enabled, "go on after errors that the recovery table has an answer to");
    v("on_nonfinite", options.on_nonfinite, "after a loss that is no number, or a spike");
    v("spike", options.spike, "a loss above so many times the recent mean is treated as no number; 0 is never");
}

/// All that decides a run: the config file's content, and what a run folder stores.
struct TrainConfig {
    int format = 1;
    ModelOptions model;
    optim::OptimizerOptions optimizer;
    DataOptions data;
    LoopOptions train;
    std::string device = "cpu";
    std::vector<std::pair<std::string, std::int64_t>> mesh;
    ParallelOptions parallel;
    CompileOptions xla;
    RecoveryOptions recovery;
    Checks check;
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
    v("mesh", config.mesh,
      "sizes of the mesh's axes by name (data, fsdp, model, expert, seq, or those of own rules); none is one device");
    v("parallel", config.parallel, "");
    v("xla", config.xla, "");
    v("recovery", config.recovery, "");
    v("check", config.check, "");
    v("tensorboard", config.tensorboard, "write event files for TensorBoard into the run's folder");
}

/// What flags change in a config, in this order.
struct ConfigChanges {
    std::vector<std::string> overrides;  ///< "optimizer.learning_rate=3e-4"
    std::vector<std::string> data;
    std::vector<std::string> check;  ///< fields of that name's section that are set
    std::optional<std::int64_t> steps;
    std::optional<std::uint64_t> seed;
    std::optional<std::string> device, mesh;
    bool tensorboard = false;
};
/// Returns the config with the changes; throws INVALID_CONFIG.
TrainConfig changed(TrainConfig config, const ConfigChanges& changes);

/// Returns the config with the decoder that its pretrained checkpoint has, and that one's tokenizer where it names
/// none. Throws what reading config.json does.
TrainConfig with_pretrained(TrainConfig config);

/// Returns the config with nothing left open (sample length, the schedule's end, absolute data paths), so that it means
/// the same when it is read again. Throws INVALID_CONFIG for values that make no run.
TrainConfig resolved(TrainConfig config);

/// Returns `wanted` as the config with which the run of `stored` goes on. Only steps, device, mesh and the cadence of
/// reports and checkpoints may differ; throws INVALID_CONFIG with the differences.
TrainConfig resumed(const TrainConfig& stored, TrainConfig wanted);

/// Returns into how many pieces the mesh's axes split a batch.
std::int64_t batch_ways(const TrainConfig& config);
/// Returns the devices and axes that the config names. Throws INVALID_ARGUMENT and INVALID_CONFIG.
Mesh mesh_of(const TrainConfig& config);
/// True if the run keeps the optimizer's state on the host: it asks for that, is not on one device whose memory is the
/// host's, and its optimizer takes no gradients of its own.
bool offloads_optimizer(const TrainConfig& config);
XlaOptions xla_options(const CompileOptions& options);
/// Returns the tokenizer in `file`, or null where the config names none or the model reads no text. Throws
/// INVALID_CONFIG where the model's vocabulary is too small for it, INVALID_DATA where it cannot be read.
std::shared_ptr<const Tokenizer> read_tokenizer_for(const TrainConfig& config, const std::filesystem::path& file);
/// Returns the config whose model knows where the tokenizer's documents end, if data.separate_documents asks for it.
/// Throws INVALID_CONFIG where there is no such token.
TrainConfig with_document_end(TrainConfig config, const Tokenizer* tokenizer);
/// Returns what a text is opened with; without a tokenizer it is bytes.
data::TextOptions text_options(const TrainConfig& config, std::shared_ptr<const Tokenizer> tokenizer = nullptr);
data::ImageOptions image_options(const TrainConfig& config);
/// Returns the config with the sizes that an MLP's images have, where it leaves them open. Throws INVALID_DATA, and
/// INVALID_CONFIG where it says other sizes than the data has.
TrainConfig with_image_sizes(TrainConfig config);

}  // namespace podium::train

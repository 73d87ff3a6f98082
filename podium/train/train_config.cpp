#include "podium/train/train_config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <ranges>
#include <utility>

#include "podium/base/user_folder.h"
#include "podium/config/config.h"
#include "podium/mesh/strategy.h"
#include "podium/models/hugging_face.h"

namespace podium::train {
namespace {

/// What a run may change when it goes on: not what it learns.
const std::vector<std::string> MAY_DIFFER{"train.steps",
                                          "device",
                                          "mesh",
                                          "parallel.*",
                                          "train.log_every",
                                          "train.eval_every",
                                          "train.eval_batches",
                                          "train.checkpoint_every",
                                          "train.keep_last",
                                          "train.micro_batches",
                                          "train.offload_optimizer",
                                          "train.keep_best",
                                          "train.patience",
                                          "train.sample_*",
                                          "train.memory_fraction",
                                          "train.log_norms",
                                          "model.remat",
                                          "recovery.enabled",
                                          "recovery.on_nonfinite",
                                          "check.*",
                                          "tensorboard"};

/// Returns the patterns as absolute paths, so that a resume may start from any folder.
std::vector<std::string> absolute(const std::vector<std::string>& patterns) {
    std::vector<std::string> result;
    for (const auto& listed : patterns)
        for (const auto& part : listed | std::views::split(',')) {
            const std::string pattern(part.begin(), part.end());
            if (!pattern.empty()) result.push_back(std::filesystem::absolute(pattern).lexically_normal());
        }
    return result;
}

void expect_at_least(const char* name, std::int64_t value, std::int64_t least) {
    if (value < least) fail(Code::INVALID_CONFIG, "train.{} is {}; give at least {}", name, value, least);
}

void check_text(const TrainConfig& config) {
    if (config.train.length > config.model.length)
        fail(Code::INVALID_CONFIG, "train.length is {}, more than model.length, {}", config.train.length,
             config.model.length);
    if (config.data.tokenizer.empty() && config.model.vocabulary < data::TextCorpus::VOCABULARY)
        fail(Code::INVALID_CONFIG, "model.vocabulary is {}; text is bytes, so give at least {}",
             config.model.vocabulary, data::TextCorpus::VOCABULARY);
}

void check_images(const TrainConfig& config) {
    const auto& model = config.model;
    const auto refuse = [&](const char* name) {
        fail(Code::INVALID_CONFIG, "{} is of text, and model.kind is {}, which reads images; leave it out", name,
             config::Codec<ModelKind>::store(model.kind).text);
    };
    if (!config.data.tokenizer.empty()) refuse("data.tokenizer");
    if (!config.data.weights.empty()) refuse("data.weights");
    if (config.data.separate_documents) refuse("data.separate_documents");
    if (config.train.sample_every != 0) refuse("train.sample_every");
    if (model.image.size() != 3 || model.classes < 1)
        fail(Code::INVALID_CONFIG,
             "model.image is [{}] and model.classes {}; give height, width and channels, and a number of classes",
             join(model.image), model.classes);
}

/// True if a rule of the config's own says what the axis splits.
bool is_in_rules(const TrainConfig& config, const std::string& axis) {
    for (const auto& [pattern, axes] : config.parallel.rules)
        for (const auto& entry : axes)
            if (const auto names = axes_in(entry); std::ranges::find(names, axis) != names.end()) return true;
    return false;
}

void check_mesh(const TrainConfig& config) {
    const std::int64_t batch = config.train.batch, ways = batch_ways(config);
    if (const int zero = config.parallel.zero; zero < 1 || zero > 3)
        fail(Code::INVALID_CONFIG, "parallel.zero is {}; give 1 (state), 2 (gradients too) or 3 (parameters too)",
             zero);
    std::string axes;
    for (const auto& [axis, size] : config.mesh) {
        if (!parallel::is_known_axis(axis) && !is_in_rules(config, axis))
            fail(Code::INVALID_CONFIG,
                 "mesh axis \"{}\" splits nothing: data, fsdp, model, expert and seq mean something by their names, "
                 "others by parallel.rules",
                 axis);
        if (size < 1) fail(Code::INVALID_CONFIG, "mesh axis \"{}\" is {}; give at least 1", axis, size);
        if (axis == parallel::DATA || axis == parallel::FSDP) axes += (axes.empty() ? "" : ",") + axis;
        const bool is_transformer = !reads_images(config.model.kind);
        if (axis == parallel::SEQ && size > 1 && !is_transformer)
            fail(Code::INVALID_CONFIG,
                 "mesh axis \"seq\" splits a text's length, and the model reads images; leave it "
                 "out");
        if (axis == parallel::SEQ && config.train.length % size != 0)
            fail(Code::INVALID_CONFIG,
                 "train.length is {}, which does not divide over the {} devices of the mesh's axis \"seq\"; give {}",
                 config.train.length, size, (config.train.length / size + 1) * size);
        if (axis == parallel::MODEL && size > 1 && !is_transformer && !is_in_rules(config, axis))
            fail(Code::INVALID_CONFIG,
                 "mesh axis \"model\" has rules for transformers; say in parallel.rules what it "
                 "splits of this model, or use data and fsdp");
        if (axis == parallel::EXPERT && size > 1 && !is_in_rules(config, axis) &&
            (config.model.kind != ModelKind::DECODER || config.model.decoder.experts == 0))
            fail(Code::INVALID_CONFIG, "mesh axis \"expert\" splits experts, and the model has none; leave it out");
    }
    if (batch % ways != 0)
        fail(Code::INVALID_CONFIG,
             "a batch of {} does not divide over the {} devices of the mesh's axis \"{}\"; give a batch of {}", batch,
             ways, axes, (batch / ways + 1) * ways);
}

void check(const TrainConfig& config) {
    const auto& loop = config.train;
    const std::int64_t batch = loop.batch;
    expect_at_least("steps", loop.steps, 0);
    expect_at_least("batch", batch, 1);
    expect_at_least("length", loop.length, 1);
    expect_at_least("log_every", loop.log_every, 1);
    expect_at_least("eval_every", loop.eval_every, 0);
    expect_at_least("eval_batches", loop.eval_batches, 0);
    expect_at_least("checkpoint_every", loop.checkpoint_every, 0);
    expect_at_least("keep_last", loop.keep_last, 1);
    expect_at_least("micro_batches", loop.micro_batches, 1);
    expect_at_least("patience", loop.patience, 0);
    expect_at_least("sample_every", loop.sample_every, 0);
    expect_at_least("sample_tokens", loop.sample_tokens, 0);
    if (!(loop.average_decay >= 0 && loop.average_decay < 1))
        fail(Code::INVALID_CONFIG, "train.average_decay is {}; give at least 0 and less than 1", loop.average_decay);
    if (!(loop.memory_fraction > 0 && loop.memory_fraction <= 1))
        fail(Code::INVALID_CONFIG, "train.memory_fraction is {}; give more than 0 and at most 1", loop.memory_fraction);
    if (!(config.recovery.spike == 0 || config.recovery.spike > 1))
        fail(Code::INVALID_CONFIG, "recovery.spike is {}; give more than 1, or 0 for never", config.recovery.spike);
    if (config.model.precision.compute == DataType::FLOAT16 && (config.check.nan || config.check.infinity))
        fail(Code::INVALID_CONFIG,
             "check.nan and check.infinity stop at the overflows by which f16 finds its loss scale; set "
             "model.precision.compute to bf16 or f32");
    if (config.model.lora.rank != 0 && config.model.kind != ModelKind::DECODER)
        fail(Code::INVALID_CONFIG,
             "model.lora.rank is {}, but only decoders have adapters: set model.pretrained or model.kind: decoder",
             config.model.lora.rank);
    if (config.model.kind == ModelKind::DECODER && config.model.scan_layers &&
        (!config.model.pretrained.empty() || config.model.lora.rank != 0))
        fail(
            Code::INVALID_CONFIG,
            "model.scan_layers stacks layers, which checkpoints of Hugging Face and adapters have one by one; leave it "
            "out");
    if (config.data.paths.empty())
        fail(Code::INVALID_CONFIG, "no data: give --data 'docs/**/*.md', or data.paths in the config");
    reads_images(config.model.kind) ? check_images(config) : check_text(config);
    if (!config.data.weights.empty() && config.data.weights.size() != config.data.paths.size())
        fail(Code::INVALID_CONFIG, "data.weights has {} numbers and data.paths {} patterns; give each pattern a weight",
             config.data.weights.size(), config.data.paths.size());
    check_mesh(config);
    if (const auto ways = batch_ways(config); batch % (loop.micro_batches * ways) != 0)
        fail(Code::INVALID_CONFIG, "train.micro_batches is {}: that does not divide the {} samples of each device",
             loop.micro_batches, batch / ways);
    (void)Model(config.model);
    (void)optim::make(config.optimizer);
    if (config.optimizer.plateau.factor != 0.0) (void)optim::initial_plateau(config.optimizer.plateau);
}

XlaOptions::Value flag_value(const std::string& text) {
    if (text == "true" || text == "false") return text == "true";
    const char* const end = text.data() + text.size();
    std::int64_t integer = 0;
    if (const auto [at, error] = std::from_chars(text.data(), end, integer); error == std::errc() && at == end)
        return integer;
    double number = 0;
    if (const auto [at, error] = std::from_chars(text.data(), end, number); error == std::errc() && at == end)
        return number;
    return text;
}

}  // namespace

TrainConfig changed(TrainConfig config, const ConfigChanges& changes) {
    const auto fields = config::fields_of(config);
    for (const auto& one : changes.overrides) config::apply_override(fields, one);
    for (const auto& one : changes.check) config::apply_override(fields, fmt::format("check.{}=true", one));
    if (!changes.data.empty()) config.data.paths = changes.data;
    if (changes.steps) config.train.steps = *changes.steps;
    if (changes.seed) config.train.seed = *changes.seed;
    if (changes.device) config.device = *changes.device;
    if (changes.tensorboard) config.tensorboard = true;
    if (changes.mesh) {
        config.mesh.clear();
        for (const auto& axis : parse_mesh_axes(*changes.mesh)) config.mesh.emplace_back(axis.name, axis.size);
    }
    return config;
}

TrainConfig with_pretrained(TrainConfig config) {
    auto& model = config.model;
    if (model.pretrained.empty()) return config;
    model.pretrained = std::filesystem::absolute(model.pretrained).lexically_normal();
    const std::filesystem::path folder = model.pretrained;
    model.kind = ModelKind::DECODER;
    model.decoder = models::read_decoder_options(folder);
    if (auto& tokenizer = config.data.tokenizer;
        tokenizer.empty() && std::filesystem::exists(folder / "tokenizer.json"))
        tokenizer = folder / "tokenizer.json";
    return config;
}

TrainConfig resolved(TrainConfig config) {
    if (config.model.kind == ModelKind::DECODER) {
        config.model.vocabulary = config.model.decoder.vocabulary;
        config.model.length = config.model.decoder.length;
    }
    if (reads_images(config.model.kind)) config.train.length = 1;
    if (config.train.length == 0) config.train.length = config.model.length;
    auto& optimizer = config.optimizer;
    if (optimizer.total_steps == 0 && optimizer.schedule != optim::ScheduleKind::CONSTANT) {
        const auto updates = config.train.steps / std::max<std::int64_t>(1, optimizer.accumulate);
        optimizer.total_steps = std::max<std::int64_t>(1, updates);
        optimizer.warmup_steps = std::min(optimizer.warmup_steps, updates / 2);  // a short trial run warms up too
    }
    if (config.model.lora.rank != 0 && optimizer.only.empty()) optimizer.only = {"**.lora.*"};
    config.data.paths = absolute(config.data.paths);
    config.data.validation_paths = absolute(config.data.validation_paths);
    if (auto& tokenizer = config.data.tokenizer; !tokenizer.empty())
        tokenizer = std::filesystem::absolute(tokenizer).lexically_normal();
    check(config);
    return config;
}

TrainConfig resumed(const TrainConfig& stored, TrainConfig wanted) {
    if (wanted.optimizer.total_steps == 0) wanted.optimizer.total_steps = stored.optimizer.total_steps;
    if (wanted.train.batch.automatic) wanted.train.batch = stored.train.batch;
    if (wanted.data.paths.empty()) wanted.data.paths = stored.data.paths;
    if (wanted.model.image.empty()) wanted.model.image = stored.model.image;
    if (wanted.model.classes == 0) wanted.model.classes = stored.model.classes;
    if (wanted.model.document_end < 0) wanted.model.document_end = stored.model.document_end;
    if (!wanted.model.pretrained.empty()) {
        wanted.model.pretrained = stored.model.pretrained;  // it was read when the run began
        wanted.model.kind = stored.model.kind;
        wanted.model.decoder = stored.model.decoder;
        if (wanted.data.tokenizer.empty()) wanted.data.tokenizer = stored.data.tokenizer;
    }
    wanted = resolved(std::move(wanted));
    const auto differences = config::diff(stored, wanted, MAY_DIFFER);
    if (differences.empty()) return wanted;
    std::string rows;
    for (const auto& [path, before, now] : differences) rows += fmt::format("\n  {}: {} -> {}", path, before, now);
    fail(Code::INVALID_CONFIG,
         "a resumed run keeps its config; only steps, device, mesh, logging, memory, recovery and checkpoints may "
         "differ. "
         "Start another run, or leave these out:{}",
         rows);
}

std::int64_t batch_ways(const TrainConfig& config) {
    std::int64_t ways = 1;
    for (const auto& [axis, size] : config.mesh)
        if (axis == parallel::DATA || axis == parallel::FSDP) ways *= std::max<std::int64_t>(1, size);
    return ways;
}

Mesh mesh_of(const TrainConfig& config) {
    if (config.mesh.empty()) return Mesh(Device(config.device));
    std::vector<Mesh::Axis> axes;
    axes.reserve(config.mesh.size());
    for (const auto& [name, size] : config.mesh) axes.push_back({name, size});
    return {axes, devices(config.device)};
}

bool offloads_optimizer(const TrainConfig& config) {
    const Mesh mesh = mesh_of(config);
    const bool is_host = mesh.type() == DeviceType::CPU || mesh.type() == DeviceType::INTERP;
    if (optim::find_optimizer(config.optimizer.name).need == optim::LossNeed::FUNCTION) return false;
    return config.train.offload_optimizer && (mesh.size() > 1 || !is_host);
}

XlaOptions xla_options(const CompileOptions& options) {
    XlaOptions result{.optimization_level = options.optimization_level, .safe_defaults = options.safe_defaults};
    for (const auto& [name, text] : options.flags) result.flags.emplace(name, flag_value(text));
    return result;
}

std::shared_ptr<const Tokenizer> read_tokenizer_for(const TrainConfig& config, const std::filesystem::path& file) {
    if (config.data.tokenizer.empty() || reads_images(config.model.kind)) return nullptr;
    auto tokenizer = [&] {
        try {
            return std::make_shared<const Tokenizer>(read_tokenizer(file));
        } catch (const Error& error) {
            fail(Code::INVALID_DATA, "{} (data.tokenizer)", error.message());
        }
    }();
    const bool decodes = config.model.kind == ModelKind::DECODER;
    const auto known = decodes ? config.model.decoder.vocabulary : config.model.vocabulary;
    if (const auto size = static_cast<std::int64_t>(tokenizer->size()); known < size)
        fail(Code::INVALID_CONFIG, "model.{0} is {1}, {2} has {3} tokens; give --set model.{0}={3}",
             decodes ? "decoder.vocabulary" : "vocabulary", known, file.string(), size);
    return tokenizer;
}

TrainConfig with_document_end(TrainConfig config, const Tokenizer* tokenizer) {
    if (!config.data.separate_documents || reads_images(config.model.kind)) return config;
    if (config.model.kind == ModelKind::DECODER)
        fail(Code::INVALID_CONFIG, "data.separate_documents is for model.kind gpt; a decoder reads one stream of text");
    const auto end = tokenizer == nullptr ? std::nullopt : data::end_of_document(*tokenizer);
    if (!end)
        fail(Code::INVALID_CONFIG, "data.separate_documents wants a token between documents, and {}",
             tokenizer == nullptr ? "without data.tokenizer text is one stream of bytes"
                                  : config.data.tokenizer + " has no <|endoftext|> or its like");
    config.model.document_end = *end;
    return config;
}

data::TextOptions text_options(const TrainConfig& config, std::shared_ptr<const Tokenizer> tokenizer) {
    return {.paths = config.data.paths,
            .weights = config.data.weights,
            .batch = config.train.batch,
            .length = config.train.length,
            .validation_fraction = config.data.validation_fraction,
            .validation_paths = config.data.validation_paths,
            .seed = config.train.seed,
            .encoding = {.tokenizer = std::move(tokenizer),
                         .folder = user_cache_folder("tokens"),
                         .records = {.field = config.data.field, .damaged_records = config.data.damaged_records}}};
}

data::ImageOptions image_options(const TrainConfig& config) {
    return {.paths = config.data.paths,
            .names = {config.data.images, config.data.labels},
            .batch = config.train.batch,
            .validation_fraction = config.data.validation_fraction,
            .validation_paths = config.data.validation_paths,
            .seed = config.train.seed,
            .flip = config.data.flip,
            .crop = config.data.crop};
}

TrainConfig with_image_sizes(TrainConfig config) {
    auto& model = config.model;
    if (!reads_images(model.kind) || config.data.paths.empty()) return config;
    const auto images = data::read_images(config.data.paths, {config.data.images, config.data.labels});
    const auto& dims = images.pixels.shape().dims;
    const Dims found(dims.begin() + 1, dims.end());
    if (model.image.empty()) model.image = found;
    if (model.classes == 0) model.classes = images.classes;
    if (model.image != found || model.classes < images.classes)
        fail(Code::INVALID_CONFIG, "model.image is [{}] and model.classes {}; the data has [{}] and {}",
             join(model.image), model.classes, join(found), images.classes);
    return config;
}

}  // namespace podium::train

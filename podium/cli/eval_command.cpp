#include "podium/cli/eval_command.h"

#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "podium/cli/stored_flags.h"

namespace podium {
namespace {

/// Returns the quality over the run's held-out text, or over all of `data` where some is given.
std::optional<train::MeanQuality> on_text(const train::StoredRun& stored, const std::vector<std::string>& data,
                                          std::int64_t batches) {
    auto options = train::text_options(stored.config, stored.tokenizer);
    if (data.empty())
        return train::held_out_quality(*stored.programs, stored.parameters, data::TextCorpus(options), batches);
    options.paths = data;
    options.weights.clear();
    options.validation_paths.clear();
    options.validation_fraction = 0;
    const data::TextCorpus corpus(options);
    const auto batch = static_cast<std::uint64_t>(options.batch);
    const auto all = std::max<std::uint64_t>(1, corpus.epoch_samples() / batch);
    return train::mean_quality(*stored.programs, stored.parameters,
                               batches == 0 ? all : std::min(all, static_cast<std::uint64_t>(batches)),
                               [&](std::uint64_t i) { return corpus.batch_at(i * batch); });
}

/// The same of images, which are scaled as the run's training images are.
std::optional<train::MeanQuality> on_images(const train::StoredRun& stored, const std::vector<std::string>& data,
                                            std::int64_t batches) {
    auto options = train::image_options(stored.config);
    if (!data.empty()) options.validation_paths = data;
    return train::held_out_quality(*stored.programs, stored.parameters, data::ImageCorpus(options), batches);
}

train::MeanQuality quality_of(const train::StoredRun& stored, const std::vector<std::string>& data,
                              std::int64_t batches) {
    const auto judge = train::reads_images(stored.config.model.kind) ? on_images : on_text;
    const auto quality = judge(stored, data, batches);
    if (!quality) fail(Code::INVALID_DATA, "the run holds nothing out; give data with --data");
    return *quality;
}

/// Returns what the run's losses are counted by.
std::string_view unit_of(const train::StoredRun& stored) {
    if (train::reads_images(stored.config.model.kind)) return "an image";
    return stored.tokenizer ? "a token" : "a byte";
}

}  // namespace

void add_eval(CLI::App& app, std::function<int()>& run) {
    struct Flags {
        StoredFlags stored;
        std::vector<std::string> data;
        std::uint32_t batches = 0;
        bool json = false;
    };
    const auto flags = std::make_shared<Flags>();
    auto* const verb =
        app.add_subcommand("eval", "a trained model's loss and accuracy on data that it was not trained on");
    verb->add_option("run", flags->stored.folder, "folder of the run")->required();
    verb->add_option("--data", flags->data, "text or images to use whole, instead of what the run holds out");
    verb->add_option("--batches", flags->batches, "at most so many; 0 is all")->capture_default_str();
    flags->stored.add_to(*verb);
    verb->add_flag("--json", flags->json, "one JSON object on stdout");
    verb->footer("Example: podium eval runs/first --data 'docs/**/*.md'");
    verb->callback([flags, &run] {
        run = [flags] {
            const auto stored = flags->stored.open();
            const auto [loss, accuracy] = quality_of(stored, flags->data, flags->batches);
            if (flags->json) {
                const nlohmann::ordered_json object{
                    {"format", 1}, {"event", "eval"}, {"step", stored.step}, {"loss", loss}, {"accuracy", accuracy}};
                fmt::print("{}\n", object.dump());
            } else {
                fmt::print("step {}: loss {:.4f} nats {}, perplexity {:.3f}, {:.2f} % right\n", stored.step, loss,
                           unit_of(stored), std::exp(loss), 100 * accuracy);
            }
            return 0;
        };
    });
}

}  // namespace podium

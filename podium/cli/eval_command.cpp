#include "podium/cli/eval_command.h"

#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "podium/exec/backends.h"
#include "podium/train/stored_run.h"

namespace podium {
namespace {

/// Returns the run's loss over its held-out files, or over all of `data` where some is given.
double loss_of(const train::StoredRun& stored, const std::vector<std::string>& data, std::int64_t batches) {
    auto options = train::text_options(stored.config, stored.tokenizer);
    if (data.empty()) {
        const data::TextCorpus corpus(options);
        const auto loss = train::held_out_loss(*stored.programs, stored.parameters, corpus, batches);
        if (!loss) fail(Code::INVALID_DATA, "the run holds no files out; give text with --data");
        return *loss;
    }
    options.paths = data;
    options.weights.clear();
    options.validation_paths.clear();
    options.validation_fraction = 0;
    const data::TextCorpus corpus(options);
    const auto batch = static_cast<std::uint64_t>(options.batch);
    const auto all = std::max<std::uint64_t>(1, corpus.epoch_samples() / batch);
    return train::mean_loss(*stored.programs, stored.parameters,
                            batches == 0 ? all : std::min(all, static_cast<std::uint64_t>(batches)),
                            [&](std::uint64_t i) { return corpus.batch_at(i * batch); });
}

}  // namespace

void add_eval(CLI::App& app, std::function<int()>& run) {
    struct Flags {
        std::string folder, device, plugin;
        std::vector<std::string> data;
        std::uint32_t batches = 0;
        bool json = false, best = false;
    };
    const auto flags = std::make_shared<Flags>();
    auto* const verb = app.add_subcommand("eval", "a trained model's loss on text that it was not trained on");
    verb->add_option("run", flags->folder, "folder of the run")->required();
    verb->add_option("--data", flags->data, "text to use whole, instead of the run's held-out files");
    verb->add_option("--batches", flags->batches, "at most so many; 0 is all")->capture_default_str();
    verb->add_flag("--best", flags->best, "the checkpoint of the least validation loss, not the newest");
    verb->add_option("--device", flags->device, "instead of the run's own");
    verb->add_option("--plugin", flags->plugin, "PJRT plugin to use instead of the one that is found");
    verb->add_flag("--json", flags->json, "one JSON object on stdout");
    verb->footer("Example: podium eval runs/first --data 'docs/**/*.md'");
    verb->callback([flags, &run] {
        run = [flags] {
            const Device device(flags->device.empty() ? "cpu" : flags->device);
            if (!flags->plugin.empty()) set_plugin_path(device.type, flags->plugin);
            const auto stored = train::open_stored(flags->folder, flags->device, flags->best);
            const double loss = loss_of(stored, flags->data, flags->batches);
            if (flags->json) {
                const nlohmann::ordered_json object{
                    {"format", 1}, {"event", "eval"}, {"step", stored.step}, {"loss", loss}};
                fmt::print("{}\n", object.dump());
            } else {
                fmt::print("step {}: loss {:.4f} nats a {}, perplexity {:.3f}\n", stored.step, loss,
                           stored.tokenizer ? "token" : "byte", std::exp(loss));
            }
            return 0;
        };
    });
}

}  // namespace podium

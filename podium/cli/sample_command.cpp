#include "podium/cli/sample_command.h"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "podium/exec/backends.h"
#include "podium/train/generate.h"
#include "podium/train/stored_run.h"

namespace podium {

void add_sample(CLI::App& app, std::function<int()>& run) {
    struct Flags {
        std::string folder, device, plugin;
        train::SampleOptions options;
        bool json = false, best = false;
    };
    const auto flags = std::make_shared<Flags>();
    auto& options = flags->options;
    auto* const verb = app.add_subcommand("sample", "let a trained model go on with a text");
    verb->add_option("run", flags->folder, "folder of the run")->required();
    verb->add_option("--prompt", options.prompt, "text to go on with");
    verb->add_option("--tokens", options.tokens, "how many to make: bytes, unless the run has a tokenizer")
        ->capture_default_str();
    verb->add_option("--temperature", options.temperature, "0 always takes the likeliest")->capture_default_str();
    verb->add_option("--top-k", options.top_k, "draw from that many of the likeliest; 0 is all")->capture_default_str();
    verb->add_option("--seed", options.seed, "fixes the text")->capture_default_str();
    verb->add_flag("--best", flags->best, "the checkpoint of the least validation loss, not the newest");
    verb->add_option("--device", flags->device, "instead of the run's own");
    verb->add_option("--plugin", flags->plugin, "PJRT plugin to use instead of the one that is found");
    verb->add_flag("--json", flags->json, "one JSON object on stdout");
    verb->footer("Example: podium sample runs/first --prompt \"The mesh\" --tokens 200 --temperature 0.8");
    verb->callback([flags, &run] {
        run = [flags] {
            const Device device(flags->device.empty() ? "cpu" : flags->device);
            if (!flags->plugin.empty()) set_plugin_path(device.type, flags->plugin);
            const auto stored = train::open_stored(flags->folder, flags->device, flags->best);
            if (train::reads_images(stored.config.model.kind))
                fail(Code::INVALID_ARGUMENT, "{} holds a model of images, which makes no text; try podium eval",
                     flags->folder);
            const auto text = train::generate(models::Gpt(stored.config.model), stored.parameters, flags->options,
                                              stored.tokenizer.get());
            if (flags->json) {
                const nlohmann::ordered_json object{
                    {"format", 1}, {"step", stored.step}, {"prompt", flags->options.prompt}, {"text", text}};
                fmt::print("{}\n", object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
            } else {
                const auto whole = flags->options.prompt + text + "\n";
                std::fwrite(whole.data(), 1, whole.size(), stdout);
            }
            return 0;
        };
    });
}

}  // namespace podium

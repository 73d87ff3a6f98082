#include "podium/cli/sample_command.h"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "podium/cli/stored_flags.h"
#include "podium/exec/backends.h"
#include "podium/train/sample.h"

namespace podium {
namespace {

struct SampleFlags {
    StoredFlags stored;
    std::vector<std::string> prompts{""};
    train::SampleOptions options;
    bool json = false;
};

/// The texts, and the step of the run that they are of; nothing for a checkpoint of others.
using Sampled = std::pair<std::optional<std::int64_t>, std::vector<std::string>>;

Sampled of_run(const SampleFlags& flags) {
    const auto stored = flags.stored.open();
    if (train::reads_images(stored.config.model.kind))
        fail(Code::INVALID_ARGUMENT, "{} holds a model of images, which makes no text; try podium eval",
             flags.stored.folder);
    return {stored.step, train::continued(stored.config.model, stored.parameters, flags.prompts, flags.options,
                                          stored.tokenizer.get())};
}

void print(const SampleFlags& flags, std::optional<std::int64_t> step, const std::string& prompt,
           const std::string& text) {
    if (flags.json) {
        nlohmann::ordered_json object{{"format", 1}};
        if (step) object["step"] = *step;
        object["prompt"] = prompt;
        object["text"] = text;
        fmt::print("{}\n", object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    } else {
        const auto whole = prompt + text + "\n";
        std::fwrite(whole.data(), 1, whole.size(), stdout);
    }
}

}  // namespace

void add_sample(CLI::App& app, std::function<int()>& run) {
    const auto flags = std::make_shared<SampleFlags>();
    auto& options = flags->options;
    auto* const verb = app.add_subcommand("sample", "let a trained model, or one of Hugging Face, go on with texts");
    verb->add_option("run", flags->stored.folder, "folder of the run, or of a Hugging Face checkpoint")->required();
    verb->add_option("--prompt", flags->prompts, "text to go on with; several make a batch")->take_all();
    verb->add_option("--tokens", options.tokens, "how many to make: bytes, unless the run has a tokenizer")
        ->capture_default_str();
    verb->add_option("--temperature", options.temperature, "0 always takes the likeliest")->capture_default_str();
    verb->add_option("--top-k", options.top_k, "draw from that many of the likeliest; 0 is all")->capture_default_str();
    verb->add_option("--top-p", options.top_p, "draw from as few of the likeliest as are that probable together")
        ->capture_default_str();
    verb->add_option("--beams", options.beams, "of a decoder: keep so many texts, and take the likeliest")
        ->capture_default_str();
    verb->add_option("--seed", options.seed, "fixes the text")->capture_default_str();
    flags->stored.add_to(*verb);
    verb->add_flag("--json", flags->json, "one JSON object on stdout");
    verb->footer("Example: podium sample runs/first --prompt \"The mesh\" --tokens 200 --temperature 0.8");
    verb->callback([flags, &run] {
        run = [flags] {
            const DeviceScope scope(flags->stored.chosen_device());
            const auto& folder = flags->stored.folder;
            const auto [step, texts] =
                train::is_pretrained(folder)
                    ? Sampled(std::nullopt, train::continued(folder, flags->prompts, flags->options))
                    : of_run(*flags);
            for (std::size_t i = 0; i < texts.size(); ++i) print(*flags, step, flags->prompts[i], texts[i]);
            return 0;
        };
    });
}

}  // namespace podium

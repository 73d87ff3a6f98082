#include "podium/cli/export_command.h"

#include <fmt/format.h>

#include <memory>

#include "podium/base/file.h"
#include "podium/exec/backends.h"
#include "podium/models/hugging_face.h"
#include "podium/train/stored_run.h"

namespace podium {

void add_export(CLI::App& app, std::function<int()>& run) {
    struct Flags {
        std::string folder, out, device, plugin;
        bool best = false;
    };
    const auto flags = std::make_shared<Flags>();
    auto* const verb = app.add_subcommand("export", "write a run's decoder as a Hugging Face checkpoint");
    verb->add_option("run", flags->folder, "folder of the run")->required();
    verb->add_option("--out", flags->out, "folder to write; weights that are there are replaced")->required();
    verb->add_flag("--best", flags->best, "the checkpoint of the least validation loss, not the newest");
    verb->add_option("--device", flags->device, "instead of the run's own");
    verb->add_option("--plugin", flags->plugin, "PJRT plugin to use instead of the one that is found");
    verb->footer("Example: podium export runs/tuned --out tuned");
    verb->callback([flags, &run] {
        run = [flags] {
            const Device device(flags->device.empty() ? "cpu" : flags->device);
            if (!flags->plugin.empty()) set_plugin_path(device.type, flags->plugin);
            const auto stored = train::open_stored(flags->folder, flags->device, flags->best);
            const auto& model = stored.config.model;
            if (model.kind != train::ModelKind::DECODER)
                fail(Code::INVALID_ARGUMENT,
                     "{} holds no decoder; Hugging Face's checkpoints are of those "
                     "(model.kind: decoder, or model.pretrained)",
                     flags->folder);
            models::write_decoder(flags->out, train::decoder_of(model), stored.parameters);
            if (stored.tokenizer)
                write_tokenizer(std::filesystem::path(flags->out) / "tokenizer.json", *stored.tokenizer);
            fmt::print("{}: step {}\n", flags->out, stored.step);
            return 0;
        };
    });
}

}  // namespace podium

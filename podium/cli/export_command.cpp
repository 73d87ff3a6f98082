#include "podium/cli/export_command.h"

#include <fmt/format.h>

#include <memory>

#include "podium/base/file.h"
#include "podium/cli/stored_flags.h"
#include "podium/models/hugging_face.h"

namespace podium {

void add_export(CLI::App& app, std::function<int()>& run) {
    struct Flags {
        StoredFlags stored;
        std::string out;
    };
    const auto flags = std::make_shared<Flags>();
    auto* const verb = app.add_subcommand("export", "write a run's decoder as a Hugging Face checkpoint");
    verb->add_option("run", flags->stored.folder, "folder of the run")->required();
    verb->add_option("--out", flags->out, "folder to write; weights that are there are replaced")->required();
    flags->stored.add_to(*verb);
    verb->footer("Example: podium export runs/tuned --out tuned");
    verb->callback([flags, &run] {
        run = [flags] {
            const auto stored = flags->stored.open();
            const auto [model, parameters] = train::merged(stored.config.model, stored.parameters);
            if (model.kind != train::ModelKind::DECODER)
                fail(Code::INVALID_ARGUMENT,
                     "{} holds no decoder; Hugging Face's checkpoints are of those "
                     "(model.kind: decoder, or model.pretrained)",
                     flags->stored.folder);
            models::write_decoder(flags->out, train::decoder_of(model), parameters);
            if (stored.tokenizer)
                write_tokenizer(std::filesystem::path(flags->out) / "tokenizer.json", *stored.tokenizer);
            fmt::print("{}: step {}\n", flags->out, stored.step);
            return 0;
        };
    });
}

}  // namespace podium

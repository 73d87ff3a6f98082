#include "podium/cli/train_command.h"

#include <fmt/format.h>

#include <memory>

#include "podium/exec/backends.h"
#include "podium/exec/kernel_choice.h"
#include "podium/train/session.h"

namespace podium {

void add_train(CLI::App& app, std::function<int()>& run) {
    struct Flags {
        train::Session session;
        std::string plugin, kernels = "measured";
        bool json = false;
    };
    const auto flags = std::make_shared<Flags>();
    auto& session = flags->session;
    auto* const verb = app.add_subcommand("train", "train a model, or go on with a run");
    verb->add_option("config", session.config, "YAML file; its fields: podium reference");
    verb->add_option("--preset", session.preset, "small, medium, large or auto, instead of a file");
    verb->add_option("--data", session.changes.data, "files, folders, globs 'docs/**/*.md': text, or .npz of images");
    verb->add_option("--device", session.changes.device, "cpu, cuda, tpu, interp");
    verb->add_option("--mesh", session.changes.mesh,
                     "data=4,model=2: axes of the devices by what they split: data, fsdp, model, expert, seq");
    verb->add_option("--steps", session.changes.steps, "steps in all");
    verb->add_option("--seed", session.changes.seed, "fixes everything random");
    verb->add_option(
            "--check", session.changes.check,
            "nan,infinity,index,condition: stop at the first operation that fails, and name its source line; slow")
        ->delimiter(',')
        ->check(CLI::IsMember({"nan", "infinity", "index", "condition"}));
    verb->add_option("--set", session.changes.overrides,
                     "any field, each with its own --set: --set optimizer.learning_rate=3e-4")
        ->allow_extra_args(false);
    verb->add_option("--out", session.out, "folder of the new run; else runs/CONFIG-TIME");
    verb->add_option("--resume", session.resume, "run to go on with, from its newest good checkpoint");
    verb->add_option("--plugin", flags->plugin, "PJRT plugin to use instead of the one that is found");
    verb->add_option("--kernels", flags->kernels,
                     "on the CPU: podium (its loops, and what oneDNN computes where that is), xla, or those "
                     "that podium doctor measured to be faster")
        ->capture_default_str();
    verb->add_flag("--tensorboard", session.changes.tensorboard, "write event files into RUN/tensorboard");
    verb->add_flag("--json", flags->json, "one JSON object a line on stdout");
    verb->footer(
        "Examples:\n"
        "  podium train examples/gpt.yaml --data 'docs/**/*.md' --mesh data=8 --steps 500 --out runs/first\n"
        "  podium train --resume runs/first --steps 1000\n"
        "  podium train --preset small --data notes --set model.layers=2 --set train.batch=8\n"
        "SIGTERM and SIGINT save and exit with 75; a second SIGINT exits at once.");
    verb->callback([flags, &run] {
        run = [flags] {
            auto& session = flags->session;
            if (!flags->plugin.empty())
                set_plugin_path(Device(session.changes.device.value_or("cpu")).type, flags->plugin);
            if (flags->kernels != "measured") choose_kernels(kernel_choice_named(flags->kernels));
            if (flags->json)
                session.json = [](std::string_view line) {
                    fmt::print("{}\n", line);
                    std::fflush(stdout);
                };
            train::run(session);
            return 0;
        };
    });
}

}  // namespace podium

#include "podium/train/stored_run.h"

#include "podium/config/config.h"
#include "podium/runs/run_files.h"

namespace podium::train {

StoredRun open_stored(const std::filesystem::path& run, const std::string& device, bool best) {
    expect_run(run);
    StoredRun stored{.config = config::read_file<TrainConfig>(config_of(run))};
    stored.config.mesh.clear();
    if (!device.empty()) stored.config.device = device;
    const auto from = best ? best_of(run) : run;
    if (best && checkpoint::list(from).empty())
        fail(Code::CHECKPOINT_CORRUPT, "{} has no best checkpoint: none was kept, or nothing was held out",
             run.string());
    if (checkpoint::list(from).empty())
        fail(Code::CHECKPOINT_CORRUPT, "{} has no checkpoint yet; train it first: podium train --resume {}",
             run.string(), run.string());
    const auto loaded = checkpoint::load_newest(from);
    for (const auto& skipped : loaded.skipped) fmt::print(stderr, "warning: passed over {}\n", skipped.reason);
    stored.step = loaded.snapshot.step;
    stored.tokenizer = read_tokenizer_for(stored.config, tokenizer_of(run));
    stored.programs = std::make_unique<Programs>(stored.config);
    stored.parameters = parameters_of(loaded, *stored.programs);
    return stored;
}

}  // namespace podium::train

#include "podium/train/session.h"

#include <fmt/chrono.h>

#include <utility>

#include "podium/config/config.h"
#include "podium/train/memory_plan.h"
#include "podium/train/progress.h"
#include "podium/train/recovering_run.h"

namespace podium::train {
namespace {

namespace fs = std::filesystem;

fs::path fresh_folder(const fs::path& config) {
    return fs::path("runs") /
           fmt::format("{}-{:%Y%m%d-%H%M%S}", config.stem().string(), fmt::gmtime(std::time(nullptr)));
}

/// Returns what shows people how much of the text is encoded.
auto encoding_progress() {
    return [shown = std::uint64_t{101}](std::uint64_t done, std::uint64_t all) mutable {
        const auto percent = all == 0 ? 100 : 100 * done / all;
        if (percent == std::exchange(shown, percent)) return;
        fmt::print(stderr, "\rtext to tokens: {} % of {}{}", percent, bytes_text(static_cast<double>(all)),
                   percent == 100 ? "\n" : "");
    };
}

std::unique_ptr<data::Corpus> corpus_of(const TrainConfig& config, std::shared_ptr<const Tokenizer> tokenizer) {
    if (reads_images(config.model.kind)) return std::make_unique<data::ImageCorpus>(image_options(config));
    auto options = text_options(config, std::move(tokenizer));
    if (terminal_columns(stderr) > 0) options.encoding.progress = encoding_progress();
    return std::make_unique<data::TextCorpus>(std::move(options));
}

void start(const Session& session) {
    if (session.config.has_value() == session.preset.has_value())
        fail(Code::INVALID_ARGUMENT, "give a config file or --preset NAME, or --resume RUN");
    const auto out = session.out.value_or(fresh_folder(session.config.value_or(session.preset.value_or(""))));
    RunFolder::expect_new(out);
    const auto start = session.preset
                           ? TpuConfigManager::preset(*session.preset, session.changes.device.value_or("cpu"))
                           : config::read_file<TrainConfig>(*session.config);
    const auto given = with_pretrained(with_image_sizes(changed(start, session.changes)));
    const auto tokenizer = read_tokenizer_for(given, given.data.tokenizer);
    const auto wanted = with_document_end(given, tokenizer.get());
    const auto config = with_settled_batch(wanted);
    if (wanted.train.batch.automatic) fmt::print(stderr, "batch: {}\n", config.train.batch.samples);
    if (session.preset) TpuConfigManager::expect_fits(config);
    const auto corpus = corpus_of(config, tokenizer);
    auto programs = std::make_unique<Programs>(config);
    programs->expect_memory();
    const auto folder = RunFolder::create(out);
    if (tokenizer) write_tokenizer(tokenizer_of(out), *tokenizer);
    store_config(folder, config);
    fmt::print(stderr, "run: {}\n", out.string());
    RecoveringRun(folder, config, *corpus, std::move(programs), std::nullopt, session.json).run();
}

void resume(const Session& session) {
    if (session.out && fs::weakly_canonical(*session.out) != fs::weakly_canonical(*session.resume))
        fail(Code::INVALID_ARGUMENT, "--resume {} goes on in its own folder; leave out --out {}",
             session.resume->string(), session.out->string());
    const auto folder = RunFolder::open(*session.resume);
    const auto stored = config::read_file<TrainConfig>(folder.config());
    const auto wanted = session.config ? config::read_file<TrainConfig>(*session.config) : stored;
    const auto config = resumed(stored, with_image_sizes(changed(wanted, session.changes)));
    const auto corpus = corpus_of(config, read_tokenizer_for(config, tokenizer_of(folder.path())));
    auto programs = std::make_unique<Programs>(config);
    programs->expect_memory();
    auto checkpoint = newest_state(folder.path(), *programs);
    truncate_after(folder.metrics(), checkpoint ? checkpoint->loaded.snapshot.step : 0);
    store_config(folder, config);
    RecoveringRun(folder, config, *corpus, std::move(programs), std::move(checkpoint), session.json).run();
}

}  // namespace

void run(const Session& session) { session.resume ? resume(session) : start(session); }

}  // namespace podium::train

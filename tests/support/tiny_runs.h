#pragma once

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "podium/base/file.h"
#include "podium/events/event_file.h"
#include "podium/train/session.h"
#include "tests/support/temporary_folder.h"

namespace podium::train {

/// What a config adds where compiling takes longer than the steps.
inline constexpr const char* FAST_TO_COMPILE = "xla: {optimization_level: 0}\n";

/// A folder with a corpus and a config of a tiny model, and runs in it.
class TinyRuns {
public:
    explicit TinyRuns(const std::string& more = {}) {
        make_directories(folder_ / "text");
        std::mt19937 random(7);
        const std::vector<std::string> words{"the ", "mesh ", "splits ", "a batch ", "over ", "devices. ", "step "};
        for (const char* name : {"a.txt", "b.txt", "c.txt"}) {
            std::string text;
            while (text.size() < 3000) text += words[random() % words.size()];
            write_atomically(folder_ / ("text/" + std::string(name)), text);
        }
        write_atomically(folder_ / "tiny.yaml",
                         "model: {layers: 1, width: 16, heads: 2, length: 16, mlp_ratio: 2}\n"
                         "optimizer: {learning_rate: 1e-2, schedule: cosine, total_steps: 100}\n"
                         "train: {steps: 12, batch: 8, eval_every: 0, checkpoint_every: 4}\n" +
                             more);
    }

    std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }
    /// Returns the session of a new run.
    Session fresh(const std::string& name, ConfigChanges changes = {}) const {
        changes.data = {(folder_ / "text").string()};
        return {.config = folder_ / "tiny.yaml", .out = folder_ / name, .changes = std::move(changes)};
    }
    /// Returns the session that goes on with a run.
    Session again(const std::string& name, ConfigChanges changes = {}) const {
        return {.resume = folder_ / name, .changes = std::move(changes)};
    }

private:
    test::TemporaryFolder folder_;
};

/// Returns the losses of the run's step lines; each step once, in order.
inline std::vector<double> losses_of(const std::filesystem::path& run) {
    std::vector<double> losses;
    for (const auto& event : read_events(run / "metrics.jsonl")) {
        if (event.name != "step") continue;
        if (event.step() != static_cast<std::int64_t>(losses.size()) + 1) return {};
        losses.push_back(event.number("loss").value_or(NAN));
    }
    return losses;
}

}  // namespace podium::train

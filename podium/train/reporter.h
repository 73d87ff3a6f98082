#pragma once

#include <functional>
#include <optional>

#include "podium/base/tree.h"
#include "podium/events/event_file.h"
#include "podium/events/tensorboard.h"
#include "podium/runtime/backend.h"
#include "podium/runtime/host_array.h"
#include "podium/train/progress.h"
#include "podium/train/run_folder.h"
#include "podium/train/train_config.h"

namespace podium::train {

/// Writes each event to metrics.jsonl, to `json` and, where the config wants it, to an event file for TensorBoard in
/// the run's folder "tensorboard"; and shows it to people.
class Reporter {
public:
    Reporter(const RunFolder& run, const TrainConfig& config, EventWriter::Sink json, Progress& progress,
             std::function<MemoryStats()> memory);

    void report(const RunEvent& event);
    /// Writes the parameters' histograms for TensorBoard, and the learned positions as a picture.
    void show_parameters(std::int64_t step, const BasicTree<HostArray>& parameters);
    /// Returns what the run uses now, and what there is.
    MemoryStats memory() const { return memory_(); }

private:
    EventWriter writer_;
    std::optional<TensorBoardWriter> tensorboard_;
    Progress& progress_;
    std::function<MemoryStats()> memory_;
};

}  // namespace podium::train

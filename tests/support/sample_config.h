#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "podium/config/config.h"

/// A config with every kind of field.
namespace podium::config::sample {

enum class Schedule { CONSTANT, COSINE };
constexpr auto enum_names(Schedule) {
    using Row = std::pair<Schedule, std::string_view>;
    return std::array{Row{Schedule::CONSTANT, "constant"}, Row{Schedule::COSINE, "cosine"}};
}

struct Optimizer {
    double learning_rate = 3e-4;
    Schedule schedule = Schedule::COSINE;
    std::optional<double> clip;
    bool operator==(const Optimizer&) const = default;
};
template <class V>
void visit_fields(V& v, Optimizer& o) {
    v("learning_rate", o.learning_rate, "peak of the schedule");
    v("schedule", o.schedule, "shape after the warm-up");
    v("clip", o.clip, "largest global norm of a gradient");
}

struct Model {
    std::int64_t layers = 4;
    double dropout = 0.1;
    DataType compute = DataType::BFLOAT16;
    bool operator==(const Model&) const = default;
};
template <class V>
void visit_fields(V& v, Model& m) {
    v("layers", m.layers, "number of transformer blocks");
    v("dropout", m.dropout, "fraction of activations dropped");
    v("compute", m.compute, "data type of activations");
}

struct Training {
    std::string name = "first";
    int format = 2;
    Model model;
    Optimizer optimizer;
    bool shuffle = true;
    int batch = 16;
    std::uint64_t seed = 0;
    std::vector<std::string> files;
    std::vector<double> weights{0.5, 0.5};
    std::map<std::string, std::int64_t> limits;
    std::vector<std::pair<std::string, std::int64_t>> mesh{{"data", 1}};
    std::optional<std::string> note;
    bool operator==(const Training&) const = default;
};
template <class V>
void visit_fields(V& v, Training& r) {
    v("name", r.name, "what the run is called");
    v("format", r.format, "version of this file");
    v("model", r.model, "the network");
    v("optimizer", r.optimizer, "how it learns");
    v("shuffle", r.shuffle, "shuffle the windows");
    v("batch", r.batch, "sequences a step");
    v("seed", r.seed, "fixes everything");
    v("files", r.files, "text to train on");
    v("weights", r.weights, "share of each file");
    v("limits", r.limits, "bounds by name");
    v("mesh", r.mesh, "axes and their sizes");
    v("note", r.note, "words for people");
}

}  // namespace podium::config::sample

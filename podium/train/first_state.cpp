#include "podium/train/first_state.h"

#include "podium/exec/backends.h"
#include "podium/generation/pretrained.h"

namespace podium::train {
namespace {

Tree pretrained_parameters(const TrainConfig& config, const Programs& programs) {
    const auto& model = config.model;
    const DeviceScope scope(Device(programs.mesh.type(), programs.mesh.devices().front()));
    auto loaded = models::read_decoder(model.pretrained, model.precision);
    auto options = loaded.model.options();
    options.remat = model.remat;
    if (options != decoder_of(model).options())
        fail(Code::INVALID_CONFIG, "model.decoder says another model than {}/config.json does; leave it out",
             model.pretrained);
    Tree parameters = generation::evaluated_parameters(std::move(loaded.parameters));
    if (programs.mesh.size() == 1) return parameters;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        Tensor& leaf = parameters.leaves()[i];
        leaf = programs.place(join_path("parameters", parameters.path(i)), leaf.to_host());
    }
    return parameters;
}

}  // namespace

State first_state(const TrainConfig& config, const Programs& programs) {
    State state = programs.init(key(config.train.seed));
    if (config.model.pretrained.empty()) return state;
    const Tree read = pretrained_parameters(config, programs);
    for (std::size_t i = 0; i < read.size(); ++i) state.parameters[read.path(i)] = read.leaves()[i];
    for (std::size_t i = 0; i < state.extra.size(); ++i)
        if (const auto& path = state.extra.path(i); is_under(path, "average"))
            state.extra.leaves()[i] = state.parameters[path.substr(std::string_view("average.").size())];
    return state;
}

}  // namespace podium::train

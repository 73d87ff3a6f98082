#include "tests/support/interpreted.h"

#include "podium/ir/creation.h"
#include "podium/runtime/interp/interp.h"
#include "podium/runtime/interp/interp_backend.h"

namespace podium {

HostArray Tensor::to_host(Location place) const {
    if (node_->level > 0)
        fail_at(Code::TRACED_VALUE, place, fmt::format("to_host: {} has no value inside a trace", to_string(shape())));
    return test::interpreted({*this})[0];
}

Tensor tensor(const HostArray& array) {
    static const auto BACKEND = make_interp_backend();
    static const auto PLACEMENT = std::make_shared<const Placement>(Mesh(Device(DeviceType::INTERP)));
    Tensor made = record({.op = rows::evaluated, .shape = array.shape(), .operands = {}});
    made->buffer = BACKEND->upload(array, PLACEMENT);
    return made;
}

namespace test {

std::vector<HostArray> interpreted(const Tensors& tensors) {
    Graph graph;
    graph.results = tensors;
    return interpret(graph, {});
}

}  // namespace test
}  // namespace podium

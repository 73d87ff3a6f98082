#pragma once

#include <string>
#include <vector>

#include "podium/ir/graph.h"

namespace podium {

/// True for what `podium run` reads as an ONNX model.
bool is_onnx_file(const std::string& program);

/// Returns the model's outputs by name, computed on the device by the plugin (the one that is found where it is empty)
/// of "NAME=FILE.npy", or "POSITION=FILE.npy", for each input.
BasicTree<HostArray> run_onnx(const std::string& program, const std::vector<std::string>& inputs, Device device,
                              const std::string& plugin);

}  // namespace podium

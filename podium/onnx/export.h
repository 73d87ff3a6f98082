#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "podium/ir/graph.h"

namespace podium::onnx {

/// A function of podium's, from parameters and inputs by name to outputs by name.
using TreeFunction = std::function<Tree(const Tree& parameters, const Tree& inputs)>;

/// Returns an ONNX model of what `f` computes of inputs with those shapes, as the bytes of a file: parameters are its
/// initializers under their names. `inputs` need no values. Throws UNIMPLEMENTED, naming the operation and the user's
/// line, for what ONNX's standard operations do not have.
std::string model_bytes(const TreeFunction& f, const Tree& parameters, const Tree& inputs);

/// Writes that model to a file, all of it or nothing.
void save(const std::filesystem::path& file, const TreeFunction& f, const Tree& parameters, const Tree& inputs);

}  // namespace podium::onnx

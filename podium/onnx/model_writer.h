#pragma once

#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "podium/base/wire.h"
#include "podium/ir/ops.h"

namespace podium::onnx {

/// Collects the nodes and initializers of a model, and names the values between them.
class ModelWriter {
public:
    /// The settings of a node, one after another.
    class Attributes {
    public:
        Attributes& integer(std::string_view name, std::int64_t value);
        Attributes& integers(std::string_view name, const Dims& values);
        Attributes& text(std::string_view name, std::string_view value);
        const std::vector<WireWriter>& messages() const { return messages_; }

    private:
        std::vector<WireWriter> messages_;
    };

    /// Keeps a name from being given to a value of the writer's own; before any such value.
    void reserve(const std::string& name) { reserved_.insert(name); }
    /// Adds a node with one output; returns the output's name.
    std::string node(std::string_view type, const std::vector<std::string>& inputs, const Attributes& attributes = {});
    /// Adds an initializer: what whoever reads the model may train.
    void initializer(const std::string& name, const HostArray& array);
    /// Adds a constant; returns its name.
    std::string tensor(const HostArray& array);
    std::string integers(const Dims& values);
    /// Adds an input or output of the model.
    void input(const std::string& name, const Shape& shape);
    void output(const std::string& name, const std::string& value, const Shape& shape);

    /// Returns the model as the bytes of a file.
    std::string bytes() const;

private:
    std::string fresh_name();

    WireWriter graph_;
    std::set<std::string> reserved_;
    std::size_t next_name_ = 0;
};

/// Adds what gives the node's value, of operands with those names; returns the value's name. Throws UNIMPLEMENTED.
std::string write_node(ModelWriter& writer, const Node& node, const std::vector<std::string>& operands);
/// True where `write_node` has a row for it.
bool can_write(const Node& node);

}  // namespace podium::onnx

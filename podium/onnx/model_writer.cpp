#include "podium/onnx/model_writer.h"

#include "podium/onnx/definition.h"

namespace podium::onnx {
namespace {

// Numbers of onnx.proto; the versions are those whose operations the rows of export write.
constexpr std::int64_t IR_VERSION = 10, OPSET = 21;
constexpr int INTEGER_ATTRIBUTE = 2, TEXT_ATTRIBUTE = 3, TENSOR_ATTRIBUTE = 4, INTEGERS_ATTRIBUTE = 7;

WireWriter value_info(const std::string& name, const Shape& shape) {
    WireWriter dims, tensor_type;
    for (const auto size : shape.dims) dims.message(1, WireWriter().integer(1, size));
    tensor_type.integer(1, number_of(shape.type)).message(2, dims);
    return WireWriter().bytes(1, name).message(2, WireWriter().message(1, tensor_type));
}

/// Returns the elements as a file has them: those below a byte share one, the low bits first.
std::string stored_bytes(const HostArray& array) {
    const std::string_view bytes(reinterpret_cast<const char*>(array.data()), array.size_bytes());
    const auto bits = size_bits(array.type());
    if (bits >= 8 || array.type() == DataType::BOOL) return std::string(bytes);
    const auto each = 8 / bits;
    std::string packed((bytes.size() + each - 1) / each, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto low = static_cast<unsigned>(static_cast<unsigned char>(bytes[i])) & ((1U << bits) - 1);
        packed[i / each] = static_cast<char>(static_cast<unsigned char>(packed[i / each]) | low << (i % each * bits));
    }
    return packed;
}

WireWriter tensor_message(const HostArray& array) {
    WireWriter tensor;
    for (const auto size : array.shape().dims) tensor.integer(1, size);
    return tensor.integer(2, number_of(array.type())).bytes(9, stored_bytes(array));
}

}  // namespace

ModelWriter::Attributes& ModelWriter::Attributes::integer(std::string_view name, std::int64_t value) {
    messages_.push_back(WireWriter().bytes(1, name).integer(3, value).integer(20, INTEGER_ATTRIBUTE));
    return *this;
}

ModelWriter::Attributes& ModelWriter::Attributes::integers(std::string_view name, const Dims& values) {
    WireWriter attribute;
    attribute.bytes(1, name);
    for (const auto value : values) attribute.integer(8, value);
    messages_.push_back(attribute.integer(20, INTEGERS_ATTRIBUTE));
    return *this;
}

ModelWriter::Attributes& ModelWriter::Attributes::text(std::string_view name, std::string_view value) {
    messages_.push_back(WireWriter().bytes(1, name).bytes(4, value).integer(20, TEXT_ATTRIBUTE));
    return *this;
}

std::string ModelWriter::fresh_name() {
    std::string name;
    do name = "v" + std::to_string(next_name_++);
    while (reserved_.contains(name));
    return name;
}

std::string ModelWriter::node(std::string_view type, const std::vector<std::string>& inputs,
                              const Attributes& attributes) {
    auto name = fresh_name();
    WireWriter node;
    for (const auto& input : inputs) node.bytes(1, input);
    node.bytes(2, name).bytes(3, name).bytes(4, type);
    for (const auto& attribute : attributes.messages()) node.message(5, attribute);
    graph_.message(1, node);
    return name;
}

void ModelWriter::initializer(const std::string& name, const HostArray& array) {
    graph_.message(5, tensor_message(array).bytes(8, name));
}

std::string ModelWriter::tensor(const HostArray& array) {
    auto name = fresh_name();
    const auto value = WireWriter().bytes(1, "value").message(5, tensor_message(array)).integer(20, TENSOR_ATTRIBUTE);
    graph_.message(1, WireWriter().bytes(2, name).bytes(3, name).bytes(4, "Constant").message(5, value));
    return name;
}

std::string ModelWriter::integers(const Dims& values) {
    return tensor(HostArray::of({static_cast<std::int64_t>(values.size())}, values));
}

void ModelWriter::input(const std::string& name, const Shape& shape) { graph_.message(11, value_info(name, shape)); }

void ModelWriter::output(const std::string& name, const std::string& value, const Shape& shape) {
    graph_.message(1, WireWriter().bytes(1, value).bytes(2, name).bytes(3, name).bytes(4, "Identity"));
    graph_.message(12, value_info(name, shape));
}

std::string ModelWriter::bytes() const {
    WireWriter graph = graph_;
    graph.bytes(2, "podium");
    return WireWriter()
        .integer(1, IR_VERSION)
        .bytes(2, "podium")
        .message(7, graph)
        .message(8, WireWriter().integer(2, OPSET))
        .text();
}

}  // namespace podium::onnx

#include "podium/onnx/definition.h"

#include <bit>
#include <cstring>

#include "podium/onnx/tensor_reader.h"

namespace podium::onnx {
namespace {

constexpr int GRAPH_DEPTH_LIMIT = 32;

GraphDefinition read_graph(const WireField& message, Source& source, int depth);

void read_reals(const WireField& field, const Source& source, std::vector<float>& reals) {
    if (field.bytes.data() == nullptr) {
        reals.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(field.number)));
        return;
    }
    if (field.bytes.size() % sizeof(float) != 0) source.refuse(field.at, "a list of floats ends in the middle of one");
    const auto before = reals.size();
    reals.resize(before + field.bytes.size() / sizeof(float));
    if (!field.bytes.empty()) std::memcpy(reals.data() + before, field.bytes.data(), field.bytes.size());
}

Attribute read_attribute(const WireField& message, Source& source, int depth) {
    Attribute attribute;
    read_fields(
        message.bytes,
        [&](const WireField& field) {
            switch (field.field) {
                case 1: attribute.name = field.bytes; break;
                case 2: attribute.real = std::bit_cast<float>(static_cast<std::uint32_t>(field.number)); break;
                case 3: attribute.integer = static_cast<std::int64_t>(field.number); break;
                case 4: attribute.text = field.bytes; break;
                case 5:
                    // A tensor of texts is no error where nothing asks for it.
                    try {
                        attribute.tensor = read_tensor(field, source).array;
                    } catch (const Error& error) {
                        attribute.text = error.message();
                    }
                    break;
                case 6:
                    attribute.graph = std::make_shared<const GraphDefinition>(read_graph(field, source, depth + 1));
                    break;
                case 7: read_reals(field, source, attribute.reals); break;
                case 8: read_numbers(field, [&](std::int64_t number) { attribute.integers.push_back(number); }); break;
                case 9: attribute.texts.emplace_back(field.bytes); break;
                case 20: attribute.type = static_cast<int>(field.number); break;
                case 21: attribute.reference = field.bytes; break;
                case 22: attribute.tensor = read_sparse_tensor(field, source).array; break;
                default: break;
            }
        },
        message.at);
    return attribute;
}

NodeDefinition read_node(const WireField& message, Source& source, int depth) {
    NodeDefinition node{.at = message.at};
    read_fields(
        message.bytes,
        [&](const WireField& field) {
            switch (field.field) {
                case 1: node.inputs.emplace_back(field.bytes); break;
                case 2: node.outputs.emplace_back(field.bytes); break;
                case 3: node.name = field.bytes; break;
                case 4: node.type = field.bytes; break;
                case 5: {
                    auto attribute = read_attribute(field, source, depth);
                    const auto name = attribute.name;
                    node.attributes[name] = std::move(attribute);
                    break;
                }
                case 7: node.domain = field.bytes == "ai.onnx" ? std::string_view() : field.bytes; break;
                case 8: node.overload = field.bytes; break;
                default: break;
            }
        },
        message.at);
    return node;
}

void read_dims(const WireField& message, Dims& dims) {
    read_fields(message.bytes, [&](const WireField& dim) {
        if (dim.field != 1) return;
        std::int64_t size = -1;
        read_fields(dim.bytes, [&](const WireField& value) {
            if (value.field == 1) size = static_cast<std::int64_t>(value.number);
        });
        dims.push_back(size);
    });
}

void read_tensor_type(const WireField& message, ValueDefinition& value) {
    value.kind = ValueDefinition::Kind::OTHER;
    read_fields(
        message.bytes,
        [&](const WireField& field) {
            if (field.field == 1) {
                const auto type = data_type_numbered(static_cast<std::int64_t>(field.number));
                value.kind = type ? ValueDefinition::Kind::TENSOR : ValueDefinition::Kind::TEXT;
                value.type = type.value_or(DataType::FLOAT32);
            }
            if (field.field == 2) read_dims(field, value.dims);
        },
        message.at);
}

ValueDefinition read_value(const WireField& message) {
    ValueDefinition value;
    read_fields(
        message.bytes,
        [&](const WireField& field) {
            if (field.field == 1) value.name = field.bytes;
            if (field.field != 2) return;
            read_fields(
                field.bytes,
                [&](const WireField& type) {
                    if (type.field == 1) read_tensor_type(type, value);
                    if (type.field == 4) value.kind = ValueDefinition::Kind::SEQUENCE;
                    if (type.field == 9) value.kind = ValueDefinition::Kind::OPTIONAL;
                },
                field.at);
        },
        message.at);
    return value;
}

GraphDefinition read_graph(const WireField& message, Source& source, int depth) {
    if (depth > GRAPH_DEPTH_LIMIT) source.refuse(message.at, "graphs nest too deep");
    GraphDefinition graph;
    read_fields(
        message.bytes,
        [&](const WireField& field) {
            switch (field.field) {
                case 1: graph.nodes.push_back(read_node(field, source, depth)); break;
                case 2: graph.name = field.bytes; break;
                case 5: {
                    auto tensor = read_tensor(field, source);
                    graph.initializers.emplace_back(std::move(tensor.name), std::move(tensor.array));
                    break;
                }
                case 11: graph.inputs.push_back(read_value(field)); break;
                case 12: graph.outputs.push_back(read_value(field)); break;
                case 15: {
                    auto tensor = read_sparse_tensor(field, source);
                    graph.initializers.emplace_back(std::move(tensor.name), std::move(tensor.array));
                    break;
                }
                default: break;
            }
        },
        message.at);
    return graph;
}

void read_opset(const WireField& message, OpsetVersions& opsets) {
    std::string domain;
    std::int64_t version = 1;
    read_fields(
        message.bytes,
        [&](const WireField& field) {
            if (field.field == 1 && field.bytes != "ai.onnx") domain = field.bytes;
            if (field.field == 2) version = static_cast<std::int64_t>(field.number);
        },
        message.at);
    opsets[domain] = version;
}

FunctionDefinition read_function(const WireField& message, Source& source) {
    FunctionDefinition function;
    read_fields(
        message.bytes,
        [&](const WireField& field) {
            switch (field.field) {
                case 1: function.name = field.bytes; break;
                case 4: function.inputs.emplace_back(field.bytes); break;
                case 5: function.outputs.emplace_back(field.bytes); break;
                case 6: function.attributes.emplace_back(field.bytes); break;
                case 7: function.nodes.push_back(read_node(field, source, 0)); break;
                case 9: read_opset(field, function.opsets); break;
                case 10: function.domain = field.bytes == "ai.onnx" ? std::string_view() : field.bytes; break;
                case 11: {
                    auto attribute = read_attribute(field, source, 0);
                    const auto name = attribute.name;
                    function.defaults[name] = std::move(attribute);
                    break;
                }
                case 13: function.overload = field.bytes; break;
                default: break;
            }
        },
        message.at);
    return function;
}

/// Calls `read`; what it throws names the file.
template <class Read>
auto naming_file(const std::filesystem::path& file, Read read) {
    try {
        return read();
    } catch (const Error& error) {
        if (error.message().starts_with(file.string())) throw;
        raise(error.code(), fmt::format("{}: {}", file.string(), error.message()), error.context());
    }
}

}  // namespace

ModelDefinition parse_model(std::string_view bytes, const std::filesystem::path& file,
                            std::shared_ptr<const void> owner) {
    return naming_file(file, [&] {
        Source source(file, std::move(owner));
        ModelDefinition model{.file = file.string()};
        bool has_graph = false;
        read_fields(bytes, [&](const WireField& field) {
            if (field.field == 7) {
                model.graph = read_graph(field, source, 0);
                has_graph = true;
            }
            if (field.field == 8) read_opset(field, model.opsets);
            if (field.field == 25) model.functions.push_back(read_function(field, source));
        });
        if (!has_graph) source.refuse(0, "there is no graph: it is no ONNX model");
        return model;
    });
}

ModelDefinition read_model(const std::filesystem::path& file) {
    const MappedFile map(file);
    return parse_model(map.text(), file, map.owner());
}

HostArray parse_tensor(std::string_view bytes, const std::filesystem::path& file, std::shared_ptr<const void> owner) {
    return naming_file(file, [&] {
        Source source(file, std::move(owner));
        return read_tensor(WireField{.bytes = bytes}, source).array;
    });
}

}  // namespace podium::onnx

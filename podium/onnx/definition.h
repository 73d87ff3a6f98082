#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "podium/runtime/host_array.h"

namespace podium::onnx {

struct GraphDefinition;

/// One setting of a node. Only the member of its type is set.
struct Attribute {
    std::string name, reference;  ///< `reference`: the function's attribute whose value it has
    int type = 0;
    float real = 0.0F;
    std::int64_t integer = 0;
    std::string text;
    std::optional<HostArray> tensor;
    std::shared_ptr<const GraphDefinition> graph;
    std::vector<float> reals;
    Dims integers;
    std::vector<std::string> texts;
};

/// One operation: names of values in and out; an empty name is a value that is left out.
struct NodeDefinition {
    std::string domain, type, name, overload;
    std::vector<std::string> inputs, outputs;
    std::map<std::string, Attribute, std::less<>> attributes;
    std::size_t at = 0;  ///< where it begins in the file
};

/// What is said of a graph's input or output. Sizes that are not known are -1.
struct ValueDefinition {
    enum class Kind { TENSOR, TEXT, SEQUENCE, OPTIONAL, OTHER };
    std::string name;
    Kind kind = Kind::OTHER;
    DataType type = DataType::FLOAT32;
    Dims dims;
};

struct GraphDefinition {
    std::string name;
    std::vector<NodeDefinition> nodes;
    std::vector<std::pair<std::string, HostArray>> initializers;
    std::vector<ValueDefinition> inputs, outputs;
};

/// Versions of the sets of operations, by domain; "" is ONNX's own.
using OpsetVersions = std::map<std::string, std::int64_t, std::less<>>;

/// An operation that the file defines by others.
struct FunctionDefinition {
    std::string domain, name, overload;
    std::vector<std::string> inputs, outputs, attributes;
    std::map<std::string, Attribute, std::less<>> defaults;
    std::vector<NodeDefinition> nodes;
    OpsetVersions opsets;
};

struct ModelDefinition {
    std::string file;
    GraphDefinition graph;
    std::vector<FunctionDefinition> functions;
    OpsetVersions opsets;
};

/// Returns the model in the file; tensors are views of it and of the files beside it that it names. Throws
/// INVALID_DATA, naming the file and the byte, for what is cut short, too large, or points out of its folder. Source:
/// onnx.proto.
ModelDefinition read_model(const std::filesystem::path& file);

/// Returns the model in the bytes, which `owner` keeps alive; `file` says where they come from.
ModelDefinition parse_model(std::string_view bytes, const std::filesystem::path& file,
                            std::shared_ptr<const void> owner);

/// Returns the tensor in the bytes of one message, as files of test data hold it.
HostArray parse_tensor(std::string_view bytes, const std::filesystem::path& file, std::shared_ptr<const void> owner);

/// Returns the element type that ONNX gives this number, or nothing where it is of no numbers.
std::optional<DataType> data_type_numbered(std::int64_t number);
/// Returns the number of the type; throws INVALID_ARGUMENT where ONNX has none.
std::int64_t number_of(DataType type);

}  // namespace podium::onnx

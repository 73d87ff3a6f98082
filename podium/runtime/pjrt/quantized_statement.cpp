#include "podium/runtime/pjrt/quantized_statement.h"

#include <fmt/format.h>

#include <algorithm>

#include "podium/base/error.h"

namespace podium {
namespace {

TensorType tensor_type(std::string_view text) {
    constexpr std::string_view TENSOR = "tensor<";
    TensorType type;
    auto found = find_quantized_type(text);
    if (found.begin == text.npos) return type;
    if (!text.starts_with(TENSOR) || text.substr(found.begin + found.size) != ">")
        fail(Code::UNIMPLEMENTED, "{} is not lowered; only tensors of quantized elements are", text.substr(0, 80));
    type.dims = text.substr(TENSOR.size(), found.begin - TENSOR.size());
    if (type.dims.find_first_of("?*") != type.dims.npos)
        fail(Code::UNIMPLEMENTED, "quantized types of unknown dimensions are not lowered; give each a size");
    type.quantized = std::move(found.type);
    return type;
}

/// Returns the position of the signature's " : ", outside of all brackets; npos where a bracket stays open.
std::size_t signature_of(std::string_view text) {
    auto found = text.npos;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (std::string_view("([{<").find(text[at]) != std::string_view::npos) {
            at = closing_bracket(text, at);
            if (at == text.npos) return text.npos;
        } else if (text.substr(at).starts_with(" loc(") && found != text.npos) {
            break;
        } else if (text.substr(at).starts_with(" : ")) {
            found = at;
        }
    }
    return found;
}

/// Returns the names of values in an operation, "%0", "%1#0", in their order.
std::vector<std::string_view> operands_in(std::string_view text) {
    std::vector<std::string_view> found;
    for (auto at = text.find('%'); at != text.npos; at = text.find('%', at + 1)) {
        auto end = std::min(text.find_first_not_of(MLIR_WORD, at + 1), text.size());
        if (end < text.size() && text[end] == '#')
            end = std::min(text.find_first_not_of("0123456789", end + 1), text.size());
        found.push_back(text.substr(at, end - at));
    }
    return found;
}

/// Returns how many values the text names: "%0 = ", "%1:2 = ".
std::ptrdiff_t definitions_in(std::string_view text) {
    std::ptrdiff_t count = 0;
    for (auto at = text.find(" = "); at != text.npos; at = text.find(" = ", at + 1)) {
        const auto before = text.substr(0, at).find_last_not_of(fmt::format("{}:", MLIR_WORD));
        count += before != text.npos && text[before] == '%' ? 1 : 0;
    }
    return count;
}

void read_signature(QuantizedStatement& statement) {
    const auto text = statement.signature;
    const auto add = [](std::vector<TensorType>& types, std::string_view list) {
        if (list.starts_with('(') && list.ends_with(')')) list = list.substr(1, list.size() - 2);
        for (const auto each : parts_between_commas(list)) types.push_back(tensor_type(each));
    };
    const auto arguments = text.starts_with('(') ? closing_bracket(text, 0) : text.npos;
    if (arguments != text.npos && text.substr(arguments + 1).starts_with(" -> ")) {
        add(statement.operand_types, text.substr(0, arguments + 1));
        add(statement.result_types, text.substr(arguments + 5));
        return;
    }
    add(statement.result_types, text);
    if (statement.result_types.size() == 1)
        statement.operand_types.assign(statement.operands.size(), statement.result_types[0]);
}

}  // namespace

std::optional<QuantizedStatement> quantized_statement(std::string_view line) {
    const auto begin = line.find_first_not_of(" \t");
    const auto equals = line.find(" = ");
    const bool defines = begin != line.npos && line[begin] == '%' && equals != line.npos;
    const auto right = defines ? line.substr(equals + 3) : line;
    const bool loops = right.starts_with("stablehlo.while(");  // which names what it carries
    if (!loops && definitions_in(right) > 0)
        fail(Code::UNIMPLEMENTED, "quantized types are lowered where each statement has a line of its own");
    const auto colon = defines ? signature_of(right) : right.npos;
    if (colon == right.npos) return std::nullopt;
    QuantizedStatement statement{.indent = line.substr(0, begin), .result = line.substr(begin, equals - begin)};
    statement.action = right.substr(0, colon);
    statement.signature = right.substr(colon + 3);
    const auto place = std::min(statement.signature.find(" loc("), statement.signature.size());
    statement.rest = statement.signature.substr(place);
    statement.signature = statement.signature.substr(0, place);
    auto name = statement.action.substr(statement.action.starts_with('"') ? 1 : 0);
    name = name.substr(0, name.find_first_not_of(MLIR_WORD));
    statement.operation = name.substr(name.rfind('.') + 1);  // npos + 1 is 0
    statement.operands = operands_in(statement.action);
    read_signature(statement);
    return statement;
}

}  // namespace podium

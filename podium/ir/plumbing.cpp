#include "podium/ir/plumbing.h"

#include <bit>

#include "podium/ir/batching.h"
#include "podium/ir/creation.h"
#include "podium/ir/expansion.h"
#include "podium/ir/trace.h"

namespace podium {
namespace {

constexpr const char* FOREIGN = "a function that podium knows nothing of: wrap it in custom_vjp or custom_jvp";
constexpr const char* TRANSFER = "moves data between host and device: it has no derivative";
constexpr const char* NO_EXAMPLES = "moves data between host and device, once for all examples";

/// Returns {a = 1 : i64, b = "text"}.
std::string settings_text(const CallSettings& settings) {
    std::string text;
    for (const auto& [name, setting] : settings) {
        text += (text.empty() ? "" : ", ") + name + " = ";
        if (const auto* flag = std::get_if<bool>(&setting)) text += *flag ? "true" : "false";
        if (const auto* integer = std::get_if<std::int64_t>(&setting)) text += fmt::format("{} : i64", *integer);
        if (const auto* real = std::get_if<double>(&setting))  // its bits: exact, and not-a-number too
            text += fmt::format("0x{:016X} : f64", std::bit_cast<std::uint64_t>(*real));
        if (const auto* word = std::get_if<std::string>(&setting)) text += in_quotes(*word);
    }
    return "{" + text + "}";
}

std::string channel_text(const Node& node, int type) {
    return fmt::format("channel_handle = #stablehlo.channel_handle<handle = {}, type = {}>, is_host_transfer = true",
                       node.integer(0), type);
}

Tensors operands_and_token(const Tensors& tensors, const Tensor& token, std::string_view op, const Location& location) {
    if (!is_token(token))
        fail_at(Code::INVALID_ARGUMENT, location,
                fmt::format("{}: {} is no token; make one with after_all", op, to_string(token.shape())));
    Tensors all = tensors;
    all.push_back(token);
    return all;
}

}  // namespace

namespace rows {

constinit const Op after_all{
    .name = "after_all",
    .spec = "StableHLO specification, after_all",
    .stablehlo = "stablehlo.after_all",
    .kind = Kind::STRUCTURAL,
    .types = Types::NONE,
    .evaluate = [](const Evaluation&) -> std::vector<HostArray> { return {HostArray(Shape(DataType::BOOL, {}))}; },
    .vjp = "a token has no value",
    .vmap = "a token has no value"};
constinit const Op tuple{.name = "tuple",
                         .spec = "StableHLO specification, tuple",
                         .stablehlo = "stablehlo.tuple",
                         .kind = Kind::STRUCTURAL,
                         .types = Types::ANY,
                         .evaluate = [](const Evaluation& e) -> std::vector<HostArray> {
                             return {e.operands.begin(), e.operands.end()};
                         },
                         .vjp = [](const VjpArguments& v) -> Tensors {
                             return {v.cotangents.begin(), v.cotangents.end()};
                         },
                         .vmap = [](const VmapArguments& v) -> Tensors {
                             Tensors parts;
                             for (std::size_t i = 0; i < v.operands.size(); ++i) parts.push_back(mapped_operand(v, i));
                             return through_tuple(parts, v.node.location);
                         }};
constinit const Op get_tuple_element{
    .name = "get_tuple_element",
    .spec = "StableHLO specification, get_tuple_element",
    .stablehlo = "stablehlo.get_tuple_element",
    .kind = Kind::RESULT,
    .types = Types::ANY,
    .attributes = [](const Node& n) { return fmt::format("index = {} : i32", n.integer(0)); },
    .vjp = "its tuple has the gradient"};
constinit const Op composite{.name = "composite",
                             .spec = "StableHLO specification, composite",
                             .stablehlo = "stablehlo.composite",
                             .kind = Kind::STRUCTURAL,
                             .types = Types::ANY,
                             .attributes =
                                 [](const Node& n) {
                                     return fmt::format("name = {}, version = 1 : i32, composite_attributes = {{}}",
                                                        in_quotes(n.label));
                                 },
                             .expand = [](const Node& n) { return inline_graph(*n.regions[0], n.operands); },
                             .vjp = vjp_by_expansion};
constinit const Op custom_call{.name = "custom_call",
                               .spec = "StableHLO specification, custom_call, of XLA's typed FFI",
                               .stablehlo = "stablehlo.custom_call",
                               .kind = Kind::STRUCTURAL,
                               .types = Types::ANY,
                               .attributes = [](const Node& n) { return n.label; },
                               .vjp = FOREIGN,
                               .vmap = "a function that podium knows nothing of: call it on all examples"};
constinit const Op infeed{.name = "infeed",
                          .spec = "StableHLO specification, infeed",
                          .stablehlo = "stablehlo.infeed",
                          .kind = Kind::STRUCTURAL,
                          .types = Types::ANY,
                          .attributes = [](const Node&) { return std::string("infeed_config = \"\""); },
                          .vjp = TRANSFER,
                          .vmap = NO_EXAMPLES};
constinit const Op outfeed{.name = "outfeed",
                           .spec = "StableHLO specification, outfeed",
                           .stablehlo = "stablehlo.outfeed",
                           .kind = Kind::STRUCTURAL,
                           .types = Types::ANY,
                           .attributes = [](const Node&) { return std::string("outfeed_config = \"\""); },
                           .vjp = TRANSFER,
                           .vmap = NO_EXAMPLES};
constinit const Op send{.name = "send",
                        .spec = "StableHLO specification, send, to the host",
                        .stablehlo = "stablehlo.send",
                        .kind = Kind::STRUCTURAL,
                        .types = Types::ANY,
                        .attributes = [](const Node& n) { return channel_text(n, 2); },
                        .vjp = TRANSFER,
                        .vmap = NO_EXAMPLES};
constinit const Op recv{.name = "recv",
                        .spec = "StableHLO specification, recv, from the host",
                        .stablehlo = "stablehlo.recv",
                        .kind = Kind::STRUCTURAL,
                        .types = Types::ANY,
                        .attributes = [](const Node& n) { return channel_text(n, 3); },
                        .vjp = TRANSFER,
                        .vmap = NO_EXAMPLES};

}  // namespace rows

std::string in_quotes(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F || c == '"' || c == '\\')
            result += fmt::format("\\{:02X}", byte);
        else
            result += c;
    }
    return result + "\"";
}

bool is_token(const Tensor& tensor) { return tensor.shape() == TOKEN_SHAPE; }

Tensor after_all(const Tensors& tokens, Location location) {
    for (const auto& token : tokens)
        if (!is_token(token))
            fail_at(Code::INVALID_ARGUMENT, location,
                    fmt::format("after_all: {} is no token", to_string(token.shape())));
    return record({.op = rows::after_all, .shape = TOKEN_SHAPE, .operands = tokens, .location = location});
}

Tensors through_tuple(const Tensors& tensors, Location location) {
    std::vector<Shape> shapes;
    for (const auto& tensor : tensors) shapes.emplace_back(tensor.type(), tensor.dims());
    const Tensor all = record({.op = rows::tuple, .operands = tensors, .location = location, .results = shapes});
    Tensors results;
    for (std::size_t i = 0; i < shapes.size(); ++i)
        results.push_back(record({.op = rows::get_tuple_element,
                                  .shape = shapes[i],
                                  .operands = {all},
                                  .attributes = {{static_cast<std::int64_t>(i)}},
                                  .location = location}));
    return results;
}

Tensors composite(std::string name, const TensorFunction& f, const Tensors& operands, Location location) {
    const Closed closed = trace_region(f, operands);
    if (!closed.captures.empty())
        fail_at(Code::INVALID_ARGUMENT, location,
                fmt::format("composite: \"{}\" uses a tensor from outside; make it an operand", name));
    std::vector<Shape> shapes;
    for (const auto& result : closed.graph->results) shapes.push_back(result.shape());
    return record_all({.op = rows::composite,
                       .operands = operands,
                       .location = location,
                       .regions = {closed.graph},
                       .results = std::move(shapes),
                       .label = std::move(name)});
}

Tensors custom_call(std::string_view target, const Tensors& operands, std::vector<Shape> results,
                    const CallSettings& settings, Location location) {
    if (target.empty() || results.empty())
        fail_at(Code::INVALID_ARGUMENT, location, "custom_call: a target and at least one result are needed");
    return record_all({.op = rows::custom_call,
                       .operands = operands,
                       .location = location,
                       .results = std::move(results),
                       .label = call_attributes(target, settings)});
}

std::string call_attributes(std::string_view target, const CallSettings& settings) {
    return fmt::format("call_target_name = {}, api_version = 4 : i32, backend_config = {}", in_quotes(target),
                       settings_text(settings));
}

Tensors infeed(const Tensor& token, std::vector<Shape> shapes, Location location) {
    shapes.push_back(TOKEN_SHAPE);
    return record_all({.op = rows::infeed,
                       .operands = operands_and_token({}, token, "infeed", location),
                       .location = location,
                       .results = std::move(shapes)});
}

Tensor outfeed(const Tensors& tensors, const Tensor& token, Location location) {
    return record({.op = rows::outfeed,
                   .shape = TOKEN_SHAPE,
                   .operands = operands_and_token(tensors, token, "outfeed", location),
                   .location = location});
}

Tensor send(const Tensors& tensors, const Tensor& token, std::int64_t channel, Location location) {
    return record({.op = rows::send,
                   .shape = TOKEN_SHAPE,
                   .operands = operands_and_token(tensors, token, "send", location),
                   .attributes = {{channel}},
                   .location = location});
}

Tensors recv(const Tensor& token, std::vector<Shape> shapes, std::int64_t channel, Location location) {
    shapes.push_back(TOKEN_SHAPE);
    return record_all({.op = rows::recv,
                       .operands = operands_and_token({}, token, "recv", location),
                       .attributes = {{channel}},
                       .location = location,
                       .results = std::move(shapes)});
}

std::span<const Op* const> plumbing_ops() {
    static constexpr std::array ROWS{&rows::after_all, &rows::tuple,       &rows::get_tuple_element,
                                     &rows::composite, &rows::custom_call, &rows::infeed,
                                     &rows::outfeed,   &rows::send,        &rows::recv};
    return ROWS;
}

}  // namespace podium

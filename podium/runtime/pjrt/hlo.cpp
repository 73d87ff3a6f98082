#include "podium/runtime/pjrt/hlo.h"

#include <fmt/format.h>

#include <map>

#include "podium/base/wire.h"
#include "podium/runtime/pjrt/hlo_module.h"
#include "podium/runtime/pjrt/types.h"

namespace podium {
namespace {

/// Adds the shape; of a tuple, its leaves.
void add_shapes(std::string_view proto, std::vector<Shape>& shapes) {
    HloShape shape = read_shape(proto);
    if (!shape.is_tuple()) return shapes.push_back(Shape(data_type_of_xla(shape.type), std::move(shape.dims)));
    for (const auto element : shape.elements) add_shapes(element, shapes);
}

/// Returns "f32[2,3]", "(f32[], s4[2])"; a type podium lacks is its number.
std::string shape_text(std::string_view proto) {
    const HloShape shape = read_shape(proto);
    if (shape.is_tuple()) {
        std::string elements;
        for (const auto element : shape.elements)
            elements.append(elements.empty() ? "" : ", ").append(shape_text(element));
        return fmt::format("({})", elements);
    }
    const auto known = find_xla_type(shape.type);
    return fmt::format("{}[{}]", known ? std::string(name(*known)) : fmt::format("type{}", shape.type),
                       join(shape.dims));
}

}  // namespace

HloInterface hlo_interface(std::string_view program) {
    HloInterface interface;
    // HloModuleProto {4 host_program_shape {1 parameters, 2 result}, 8 input_output_alias {1 entries}}
    read_fields(module_of(program), [&](const WireField& field) {
        if (field.field == 4)
            read_fields(field.bytes, [&](const WireField& part) {
                if (part.field == 1) add_shapes(part.bytes, interface.parameters);
                if (part.field == 2) add_shapes(part.bytes, interface.results);
            });
        if (field.field == 8)
            read_fields(field.bytes, [&](const WireField& entry) {
                std::int64_t parameter = 0;  // AliasEntryProto {2 parameter_number}; absent is 0
                read_fields(entry.bytes, [&](const WireField& part) {
                    if (part.field == 2) parameter = static_cast<std::int64_t>(part.number);
                });
                interface.reused.push_back(parameter);
            });
    });
    return interface;
}

std::string hlo_listing(std::string_view program) {
    const HloModule hlo = read_module(module_of(program));
    std::map<std::int64_t, std::string_view> names;
    for (const auto& computation : hlo.computations) {
        names[computation.id] = computation.name;
        for (const auto& instruction : computation.instructions) names[instruction.id] = instruction.name;
    }
    const auto list = [&](const std::vector<std::int64_t>& ids) {
        std::string text;
        for (const auto id : ids) text += fmt::format("{}%{}", text.empty() ? "" : ", ", names[id]);
        return text;
    };
    std::string text;
    for (const auto& computation : hlo.computations) {
        text += fmt::format("{} {{\n", computation.name);
        for (const auto& it : computation.instructions)
            text += fmt::format("  %{} = {} {}({}){}\n", it.name, shape_text(it.shape), it.opcode, list(it.operands),
                                it.called.empty() ? "" : fmt::format(" calls {}", list(it.called)));
        text += "}\n";
    }
    return text;
}

}  // namespace podium

#include "podium/runtime/pjrt/hlo_module.h"

#include "podium/base/wire.h"

namespace podium {
namespace {

HloInstruction read_instruction(std::string_view proto) {
    HloInstruction instruction;
    read_fields(proto, [&](const WireField& field) {
        const auto number = static_cast<std::int64_t>(field.number);
        switch (field.field) {
            case 1: instruction.name = field.bytes; break;
            case 2: instruction.opcode = field.bytes; break;
            case 3: instruction.shape = field.bytes; break;
            case 8: instruction.literal = field.bytes; break;
            case 9: instruction.parameter = number; break;
            case 13: instruction.tuple_index = number; break;
            case 26: instruction.channel = number; break;
            case 35: instruction.id = number; break;
            case 36: read_numbers(field, [&](std::int64_t id) { instruction.operands.push_back(id); }); break;
            case 38: read_numbers(field, [&](std::int64_t id) { instruction.called.push_back(id); }); break;
            case 43: instruction.backend_config = field.bytes; break;
            case 49:
                if (instruction.replica_group.empty()) instruction.replica_group = field.bytes;
                break;
            case 52:
                if (instruction.source_target.empty()) instruction.source_target = field.bytes;
                break;
            case 87: instruction.device_list = field.bytes; break;
            case 93: instruction.mesh_axes = field.bytes; break;
            default: break;
        }
    });
    return instruction;
}

HloComputation read_computation(std::string_view proto) {
    HloComputation computation;
    read_fields(proto, [&](const WireField& field) {
        if (field.field == 1) computation.name = field.bytes;
        if (field.field == 2) computation.instructions.push_back(read_instruction(field.bytes));
        if (field.field == 5) computation.id = static_cast<std::int64_t>(field.number);
        if (field.field == 6) computation.root = static_cast<std::int64_t>(field.number);
    });
    return computation;
}

void read_order(std::string_view entry, HloModule& hlo) {
    std::int64_t computation = 0;
    std::vector<std::int64_t> ids;
    read_fields(entry, [&](const WireField& field) {
        if (field.field == 1) computation = static_cast<std::int64_t>(field.number);
        if (field.field == 2)
            read_fields(field.bytes, [&](const WireField& part) {
                if (part.field == 1) read_numbers(part, [&](std::int64_t id) { ids.push_back(id); });
            });
    });
    hlo.order[computation] = std::move(ids);
}

}  // namespace

HloShape read_shape(std::string_view proto) {
    HloShape shape;
    read_fields(proto, [&](const WireField& field) {
        if (field.field == 2) shape.type = field.number;
        if (field.field == 3) read_numbers(field, [&](std::int64_t dim) { shape.dims.push_back(dim); });
        if (field.field == 4) shape.elements.push_back(field.bytes);
    });
    return shape;
}

std::string_view module_of(std::string_view program) {
    std::string_view module;
    read_fields(program, [&](const WireField& field) {
        if (field.field == 1) module = field.bytes;
    });
    return module;
}

HloModule read_module(std::string_view module) {
    HloModule result;
    read_fields(module, [&](const WireField& field) {
        if (field.field == 3) result.computations.push_back(read_computation(field.bytes));
        if (field.field == 6) result.entry = static_cast<std::int64_t>(field.number);
        if (field.field == 7)
            read_fields(field.bytes, [&](const WireField& sequence) {
                if (sequence.field == 1) read_order(sequence.bytes, result);
            });
    });
    return result;
}

}  // namespace podium

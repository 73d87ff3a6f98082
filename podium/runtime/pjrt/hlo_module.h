#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "podium/base/shape.h"

namespace podium {

/// ShapeProto {2 element_type, 3 dimensions, 4 tuple_shapes}.
struct HloShape {
    std::uint64_t type = 0;  ///< XLA's PrimitiveType
    Dims dims;
    std::vector<std::string_view> elements;  ///< of a tuple: their protos
    bool is_tuple() const { return type == 13; }
};
HloShape read_shape(std::string_view proto);

/// HloInstructionProto {1 name, 2 opcode, 3 shape, 8 literal, 9 parameter_number, 13 tuple_index, 26 channel_id, 35 id,
/// 36 operand_ids, 38 called_computation_ids, 43 backend_config, 49 replica_groups, 52 source_target_pairs, 87
/// collective_device_list, 93 what takes its place over a mesh's axes}. Source of these numbers: xla/service/hlo.proto.
struct HloInstruction {
    std::string_view name, opcode, shape;
    std::string_view literal, backend_config, device_list, mesh_axes;
    std::string_view replica_group, source_target;  ///< the first of them
    std::int64_t parameter = 0, tuple_index = 0, channel = 0, id = 0;
    std::vector<std::int64_t> operands, called;
};

/// HloComputationProto {1 name, 2 instructions, 5 id, 6 root_id}
struct HloComputation {
    std::string_view name;
    std::int64_t id = 0, root = 0;
    std::vector<HloInstruction> instructions;
};

/// HloModuleProto {3 computations, 6 entry_computation_id, 7 schedule {1 sequences {1 key, 2 value {1
/// instruction_ids}}}}. What it names lies in the bytes that it was read from.
struct HloModule {
    std::vector<HloComputation> computations;
    std::int64_t entry = 0;
    std::map<std::int64_t, std::vector<std::int64_t>> order;  ///< the ids of a computation's instructions
};

/// Returns the module's bytes in a serialized HloModuleProtoWithConfig {1 hlo_module}.
std::string_view module_of(std::string_view program);
/// Returns what a serialized HloModuleProto holds; throws INVALID_DATA where it is cut short.
HloModule read_module(std::string_view module);

}  // namespace podium

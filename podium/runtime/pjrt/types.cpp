#include "podium/runtime/pjrt/types.h"

#include "podium/base/error.h"

namespace podium {
namespace {

struct TypeRow {
    DataType type;
    PJRT_Buffer_Type pjrt;
    std::uint64_t xla;  ///< Source: xla_data.proto, PrimitiveType
};

constexpr TypeRow TYPES[] = {
    {DataType::BOOL, PJRT_Buffer_Type_PRED, 1},
    {DataType::INT2, PJRT_Buffer_Type_S2, 26},
    {DataType::INT4, PJRT_Buffer_Type_S4, 21},
    {DataType::INT8, PJRT_Buffer_Type_S8, 2},
    {DataType::INT16, PJRT_Buffer_Type_S16, 3},
    {DataType::INT32, PJRT_Buffer_Type_S32, 4},
    {DataType::INT64, PJRT_Buffer_Type_S64, 5},
    {DataType::UINT2, PJRT_Buffer_Type_U2, 27},
    {DataType::UINT4, PJRT_Buffer_Type_U4, 22},
    {DataType::UINT8, PJRT_Buffer_Type_U8, 6},
    {DataType::UINT16, PJRT_Buffer_Type_U16, 7},
    {DataType::UINT32, PJRT_Buffer_Type_U32, 8},
    {DataType::UINT64, PJRT_Buffer_Type_U64, 9},
    {DataType::FLOAT4_E2M1FN, PJRT_Buffer_Type_F4E2M1FN, 32},
    {DataType::FLOAT8_E3M4, PJRT_Buffer_Type_F8E3M4, 29},
    {DataType::FLOAT8_E4M3, PJRT_Buffer_Type_F8E4M3, 28},
    {DataType::FLOAT8_E4M3FN, PJRT_Buffer_Type_F8E4M3FN, 20},
    {DataType::FLOAT8_E4M3FNUZ, PJRT_Buffer_Type_F8E4M3FNUZ, 25},
    {DataType::FLOAT8_E4M3B11FNUZ, PJRT_Buffer_Type_F8E4M3B11FNUZ, 23},
    {DataType::FLOAT8_E5M2, PJRT_Buffer_Type_F8E5M2, 19},
    {DataType::FLOAT8_E5M2FNUZ, PJRT_Buffer_Type_F8E5M2FNUZ, 24},
    {DataType::FLOAT8_E8M0FNU, PJRT_Buffer_Type_F8E8M0FNU, 33},
    {DataType::FLOAT16, PJRT_Buffer_Type_F16, 10},
    {DataType::BFLOAT16, PJRT_Buffer_Type_BF16, 16},
    {DataType::FLOAT32, PJRT_Buffer_Type_F32, 11},
    {DataType::FLOAT64, PJRT_Buffer_Type_F64, 12},
    {DataType::COMPLEX64, PJRT_Buffer_Type_C64, 15},
    {DataType::COMPLEX128, PJRT_Buffer_Type_C128, 18},
};
static_assert(std::size(TYPES) == DATA_TYPE_COUNT);

}  // namespace

PJRT_Buffer_Type pjrt_type(DataType type) { return TYPES[static_cast<std::size_t>(type)].pjrt; }

std::optional<DataType> find_xla_type(std::uint64_t primitive_type) {
    for (const auto& row : TYPES)
        if (row.xla == primitive_type) return row.type;
    return std::nullopt;
}

DataType data_type_of_xla(std::uint64_t primitive_type) {
    if (const auto type = find_xla_type(primitive_type)) return *type;
    fail(Code::UNIMPLEMENTED, "pjrt: XLA's primitive type {} has no podium type", primitive_type);
}

}  // namespace podium

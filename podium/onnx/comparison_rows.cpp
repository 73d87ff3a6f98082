#include "podium/numeric/numeric.h"
#include "podium/onnx/arithmetic.h"
#include "podium/onnx/node_rows.h"

namespace podium::onnx {
namespace {

template <const Binary& OPERATION>
Tensors compared(const Call& call) {
    return {OPERATION(call.in(0), call.in(1))};
}

Tensors where_rows(const Call& call) { return {where(call.in(0), call.in(1), call.in(2))}; }

constexpr NodeRow COMPARISON_ROWS[] = {
    {"", "And", 1, compared<logical_and>},
    {"", "Equal", 1, compared<equal>},
    {"", "Greater", 1, compared<greater>},
    {"", "GreaterOrEqual", 1, compared<greater_equal>},
    {"", "Less", 1, compared<less>},
    {"", "LessOrEqual", 1, compared<less_equal>},
    {"", "Not", 1, [](const Call& call) -> Tensors { return {logical_not(call.in(0))}; }},
    {"", "Or", 1, compared<logical_or>},
    {"", "Where", 1, where_rows},
    {"", "Xor", 1, compared<logical_xor>},
};

}  // namespace

std::span<const NodeRow> comparison_rows() { return COMPARISON_ROWS; }

}  // namespace podium::onnx

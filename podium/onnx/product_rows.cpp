#include "podium/numeric/numeric.h"
#include "podium/onnx/arithmetic.h"
#include "podium/onnx/node_rows.h"

namespace podium::onnx {
namespace {

Tensors gemm(const Call& call) {
    Tensor a = call.in(0), b = call.in(1);
    if (a.rank() != 2 || b.rank() != 2) call.refuse("it takes matrices");
    if (call.flag("transA")) a = transpose(a);
    if (call.flag("transB")) b = transpose(b);
    const double alpha = call.real("alpha", 1.0), beta = call.real("beta", 1.0);
    Tensor result = matmul(a, b);
    if (alpha != 1.0) result = convert(result * alpha, a.type());
    if (!call.has(2)) return {result};
    return {result + (beta == 1.0 ? call.in(2) : call.in(2) * beta)};
}

/// Returns the integers less their zero point, wide enough for products.
Tensor less_zero_point(const Tensor& x, const Tensor& zero_point, bool by_row) {
    Tensor wide = convert(x, DataType::INT32);
    if (!zero_point.defined()) return wide;
    const Tensor zero = convert(zero_point, DataType::INT32);
    return wide - (by_row && zero.rank() == 1 ? expand_dims(zero, -1) : zero);
}

Tensors matmul_integer(const Call& call) {
    return {matmul(less_zero_point(call.in(0), call.optional(2), true),
                   less_zero_point(call.in(1), call.optional(3), false))};
}

Tensors einsum_rows(const Call& call) { return {einsum(call.text("equation", ""), call.inputs())}; }

constexpr NodeRow PRODUCT_ROWS[] = {
    {"", "Det", 1, [](const Call& call) -> Tensors { return {linalg::det(call.in(0))}; }},
    {"", "Einsum", 1, einsum_rows},
    {"", "Gemm", 1, gemm},
    {"", "MatMul", 1, [](const Call& call) -> Tensors { return {matmul(call.in(0), call.in(1))}; }},
    {"", "MatMulInteger", 1, matmul_integer},
};

}  // namespace

std::span<const NodeRow> product_rows() { return PRODUCT_ROWS; }

}  // namespace podium::onnx

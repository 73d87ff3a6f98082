#include "podium/numeric/sparse.h"

#include "podium/transform/transform.h"

namespace podium::sparse {
namespace {

[[noreturn]] void fail_shapes(const Location& where, const Dims& matrix, const Shape& dense) {
    fail_at(Code::SHAPE_MISMATCH, where,
            fmt::format("sparse matmul: the matrix [{}] does not go with {}", join(matrix), to_string(dense)));
}

/// Throws unless `dense` is [columns, …] or [columns] and of the values' type.
void expect_product(const Dims& matrix, const Tensor& values, const Operand& dense) {
    const Shape& shape = dense.tensor().shape();
    if (shape.rank() < 1 || shape.rank() > 2 || shape.dims[0] != matrix.at(1))
        fail_shapes(dense.location(), matrix, shape);
    if (values.type() != shape.type)
        fail_at(Code::DTYPE_MISMATCH, dense.location(),
                fmt::format("sparse matmul: values of {} do not go with {}", name(values.type()), to_string(shape)));
}

void expect_matrix(const Operand& x, std::int64_t count) {
    if (x.tensor().rank() != 2 || count < 0)
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("sparse: takes a matrix and a count that is not negative, got {} and {}",
                            to_string(x.tensor().shape()), count));
}

/// Where the true elements of a vector are: i32[count], in order; and whether each of those is one.
struct Places {
    Tensor indices, valid;
};
Places places_of(const Tensor& chosen, std::int64_t count) {
    const Tensor number = cumulative_sum(convert(chosen, DataType::INT32), 0);
    const Tensor target = select(chosen, number - 1, static_cast<std::int32_t>(count));  // others are left out
    const Tensor all =
        number.dim(0) > 0 ? slice_axis(number, 0, number.dim(0) - 1, number.dim(0)) : zeros({1}, DataType::INT32);
    return {segment_reduce(add, arange(chosen.dim(0)), target, count), less(arange(count), all)};
}

/// Returns where each row begins among ascending rows.
Tensor starts_of(const Tensor& rows, std::int64_t row_count) { return searchsorted(rows, arange(row_count + 1)); }

/// Returns the row of each of `count` entries; that behind the last for those that no row has.
Tensor rows_of(const Tensor& row_starts, std::int64_t count) {
    return searchsorted(row_starts, arange(count), true) - 1;
}

}  // namespace

Coo coo_from_dense(const Operand& matrix, std::int64_t count) {
    const LocationScope scope(matrix.location());
    expect_matrix(matrix, count);
    const Tensor& dense = matrix.tensor();
    const Tensor flat = reshape(dense, {-1});
    const auto [indices, valid] = places_of(not_equal(flat, 0), count);
    const auto row_count = static_cast<std::int32_t>(dense.dim(0)),
               column_count = static_cast<std::int32_t>(dense.dim(1));
    return {select(valid, take(flat, indices), zeros({count}, dense.type())),
            select(valid, indices / column_count, row_count), remainder(indices, column_count), dense.dims()};
}

Csr csr_from_dense(const Operand& matrix, std::int64_t count) {
    const Coo coo = coo_from_dense(matrix, count);
    return {coo.values, coo.columns, starts_of(coo.rows, coo.dims[0]), coo.dims};
}

Bcsr bcsr_from_dense(const Operand& matrix, std::int64_t block_rows, std::int64_t block_columns, std::int64_t count) {
    const LocationScope scope(matrix.location());
    expect_matrix(matrix, count);
    const Tensor& dense = matrix.tensor();
    if (block_rows < 1 || block_columns < 1 || dense.dim(0) % block_rows != 0 || dense.dim(1) % block_columns != 0)
        fail_at(Code::SHAPE_MISMATCH, matrix.location(),
                fmt::format("bcsr_from_dense: blocks of [{},{}] do not divide {}", block_rows, block_columns,
                            to_string(dense.shape())));
    const auto down = dense.dim(0) / block_rows, across = dense.dim(1) / block_columns;
    const Tensor grid = transpose(reshape(dense, {down, block_rows, across, block_columns}), {0, 2, 1, 3});
    const Tensor blocks = reshape(grid, {down * across, block_rows, block_columns});
    const auto [indices, valid] = places_of(any(not_equal(blocks, 0), {1, 2}), count);
    const Tensor shown = broadcast_in_dim(valid, {count, block_rows, block_columns}, {0});
    const Tensor rows = select(valid, indices / static_cast<std::int32_t>(across), static_cast<std::int32_t>(down));
    return {select(shown, take(blocks, indices), zeros(shown.dims(), dense.type())),
            remainder(indices, static_cast<std::int32_t>(across)), starts_of(rows, down), dense.dims()};
}

Coo to_coo(const Csr& matrix) {
    return {matrix.values, rows_of(matrix.row_starts, matrix.values.dim(0)), matrix.columns, matrix.dims};
}

Coo transposed(const Coo& matrix) {
    return {matrix.values, matrix.columns, matrix.rows, {matrix.dims.at(1), matrix.dims.at(0)}};
}

Tensor to_dense(const Coo& matrix) {
    return scatter(&add, zeros(matrix.dims, matrix.values.type()), stack({matrix.rows, matrix.columns}, 1),
                   matrix.values, {.inserted_window = {0, 1}, .scatter_to_operand = {0, 1}, .index_vector = 1});
}
Tensor to_dense(const Csr& matrix) { return to_dense(to_coo(matrix)); }
Tensor to_dense(const Bcsr& matrix) { return matmul(matrix, eye(matrix.dims.at(1), matrix.values.type())); }

Tensor matmul(const Coo& matrix, const Operand& dense) {
    const LocationScope scope(dense.location());
    expect_product(matrix.dims, matrix.values, dense);
    Dims spread = dense.tensor().dims();
    spread[0] = matrix.values.dim(0);
    const Tensor scaled = take(dense, matrix.columns) * broadcast_in_dim(matrix.values, spread, {0});
    return segment_reduce(add, scaled, matrix.rows, matrix.dims[0]);
}

Tensor matmul(const Csr& matrix, const Operand& dense) { return matmul(to_coo(matrix), dense); }

Tensor matmul(const Bcsr& matrix, const Operand& dense) {
    const LocationScope scope(dense.location());
    expect_product(matrix.dims, matrix.values, dense);
    const auto count = matrix.values.dim(0), block_rows = matrix.values.dim(1), block_columns = matrix.values.dim(2);
    const Tensor wide = reshape(dense, {matrix.dims[1] / block_columns, block_columns, -1});
    const Tensor products = podium::matmul(matrix.values, take(wide, matrix.columns));
    const auto down = matrix.dims[0] / block_rows;
    const Tensor rows = segment_reduce(add, products, rows_of(matrix.row_starts, count), down);
    Dims dims = dense.tensor().dims();
    dims[0] = matrix.dims[0];
    return reshape(rows, dims);
}

Tensor matmul(const Operand& dense, const Coo& matrix) {
    const LocationScope scope(dense.location());
    return transpose(matmul(transposed(matrix), transpose(dense)));
}

Rows row_gradient(const std::function<Tensor(const Tensor&)>& loss, const Tensor& table, const Tensor& indices) {
    const Tensor gradient = grad(loss)(take(table, indices));
    return {convert(reshape(indices, {-1}), DataType::INT32), reshape(gradient, {-1, table.dim(1)})};
}

Rows merged(const Rows& rows, std::int64_t count, std::int64_t table_rows) {
    const Unique found = unique(rows.indices, count, table_rows);
    return {found.values, segment_reduce(add, rows.values, found.inverse, count)};
}

Tensor add_rows(const Tensor& table, const Rows& rows) {
    return scatter(&add, table, expand_dims(rows.indices, -1), rows.values,
                   {.update_window = {1}, .inserted_window = {0}, .scatter_to_operand = {0}, .index_vector = 1});
}

}  // namespace podium::sparse

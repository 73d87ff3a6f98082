#pragma once

#include <functional>

#include "podium/ir/ops.h"

/// Matrices of which most elements are zero. How many entries a matrix stores is part of its shapes, so that programs
/// keep theirs; entries that are not needed have value 0 and a row behind the last. Gradients flow by the values and by
/// what they are multiplied with. The layouts are those of scipy.sparse and jax.experimental.sparse.
namespace podium::sparse {

/// Entries by their coordinates, in any order; those at one place are added up.
struct Coo {
    Tensor values;         ///< [count]
    Tensor rows, columns;  ///< i32[count]
    Dims dims;             ///< of the matrix: rows, columns
};

/// Entries row by row.
struct Csr {
    Tensor values;      ///< [count]
    Tensor columns;     ///< i32[count]
    Tensor row_starts;  ///< i32[rows + 1]: where each row's entries begin, and where the last one's end
    Dims dims;
};

/// Blocks row by row, like the entries of a Csr.
struct Bcsr {
    Tensor values;      ///< [count, block rows, block columns]
    Tensor columns;     ///< i32[count]: of blocks
    Tensor row_starts;  ///< i32[rows of blocks + 1]
    Dims dims;
};

/// Returns the elements of a matrix that are not zero, in row-major order: the first `count` of them (count_nonzero
/// says how many there are). Throws SHAPE_MISMATCH for what is no matrix.
Coo coo_from_dense(const Operand& matrix, std::int64_t count);
Csr csr_from_dense(const Operand& matrix, std::int64_t count);
/// Returns the blocks of [block_rows, block_columns] that are not all zero; throws SHAPE_MISMATCH where blocks do not
/// divide the matrix.
Bcsr bcsr_from_dense(const Operand& matrix, std::int64_t block_rows, std::int64_t block_columns, std::int64_t count);

Tensor to_dense(const Coo& matrix);
Tensor to_dense(const Csr& matrix);
Tensor to_dense(const Bcsr& matrix);
Coo to_coo(const Csr& matrix);
Coo transposed(const Coo& matrix);

/// Returns matrix @ dense. dense: [columns, width], or [columns]; of the values' type. Throws SHAPE_MISMATCH and
/// DTYPE_MISMATCH.
Tensor matmul(const Coo& matrix, const Operand& dense);
Tensor matmul(const Csr& matrix, const Operand& dense);
Tensor matmul(const Bcsr& matrix, const Operand& dense);
/// Returns dense @ matrix. dense: [width, rows], or [rows].
Tensor matmul(const Operand& dense, const Coo& matrix);

/// Some rows of a table: what an embedding's gradient consists of.
struct Rows {
    Tensor indices;  ///< i32[count]; those behind the table's last row stand for nothing
    Tensor values;   ///< [count, width]
};
/// Returns the gradient of `loss(rows)` by a table [count, width] of which it sees the rows at `indices` (integers, any
/// shape; rows: indices.shape + [width]): one row for each index, instead of a gradient of the table's size. loss: a
/// function of one tensor that returns a scalar.
Rows row_gradient(const std::function<Tensor(const Tensor&)>& loss, const Tensor& table, const Tensor& indices);
/// Returns the rows with each index once, at most `count` of them, ascending; rows of one index are added.
Rows merged(const Rows& rows, std::int64_t count, std::int64_t table_rows);
/// Returns the table with the rows added to it.
Tensor add_rows(const Tensor& table, const Rows& rows);

}  // namespace podium::sparse

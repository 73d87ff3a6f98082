#pragma once

#include "podium/ir/op.h"

namespace podium::linalg {

/// Returns the elements x[…, i, …, i + offset, …] of dimensions `axis1` and `axis2` as the last dimension. Source:
/// numpy.linalg.diagonal.
Tensor diagonal(const Operand& x, std::int64_t offset = 0, std::int64_t axis1 = -2, std::int64_t axis2 = -1);
/// Returns the sum of the diagonal: [...] of x: [..., m, n].
Tensor trace(const Operand& x, std::int64_t offset = 0, std::int64_t axis1 = -2, std::int64_t axis2 = -1);
/// Returns the matrix with a vector on diagonal `offset`, or that diagonal of a matrix. Source: numpy.diag.
Tensor diag(const Operand& x, std::int64_t offset = 0);
/// Returns x[i] y[j] of all elements of both: [x.size, y.size]. Source: numpy.outer.
Tensor outer(const Operand& x, const Operand& y);
/// Returns the sums of products over the last dimension of both: x.shape[:-1] + y.shape[:-1]. Source: numpy.inner.
Tensor inner(const Operand& x, const Operand& y);
/// Returns the sum of conj(x) y over all elements. Source: numpy.vdot.
Tensor vdot(const Operand& x, const Operand& y);
/// Returns the sums of products over dimensions `x_axes` of x and `y_axes` of y, in that order: the other dimensions of
/// x, then those of y. Source: numpy.tensordot.
Tensor tensordot(const Operand& x, const Operand& y, const Dims& x_axes, const Dims& y_axes);
/// The same over the last `count` dimensions of x and the first of y.
Tensor tensordot(const Operand& x, const Operand& y, std::int64_t count = 2);
/// Returns the Kronecker product: blocks of y, each multiplied by an element of x. Source: numpy.kron.
Tensor kron(const Operand& x, const Operand& y);

}  // namespace podium::linalg

#pragma once

#include "bindings.h"

namespace podium::python {

/// Returns the type that both promote to: the array API's table; of integers and floats the float, of reals and
/// complex numbers the complex one of enough precision. Throws DTYPE_MISMATCH where nothing holds both.
DataType promoted(DataType a, DataType b);
/// Returns the operands of one type; Python's numbers take the tensors'. A leading condition stays as it is. Throws
/// TypeError for what is neither a tensor nor a number.
Tensors promoted(std::span<const nb::handle> operands, const Op& row);

}  // namespace podium::python

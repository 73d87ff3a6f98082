#pragma once

#include <filesystem>

#include "podium/runtime/host_array.h"

namespace podium {

/// Returns the array in a .npy file, row-major whatever the file's order; row-major files are mapped, not copied.
/// The descr '<V2', NumPy's name for a 2-byte type it does not know, is bf16: ml_dtypes has no other type of that size.
/// Throws INVALID_DATA naming the path for what is no such file, is truncated, big-endian, or of another element type.
/// Source: numpy.lib.format, versions 1.0, 2.0 and 3.0.
HostArray read_npy(const std::filesystem::path& path);

/// True for types of one byte that NumPy has no name for: i4, f8E4M3FN, …
bool is_nameless(DataType type);

/// Writes a .npy file (version 1.0), all or nothing; bf16 as numpy.save writes an ml_dtypes.bfloat16 array. Types of
/// one byte that NumPy has no name for (i4, f8E4M3FN, …) are written as '|V1', as ml_dtypes does, and not read back.
void write_npy(const std::filesystem::path& path, const HostArray& array);

}  // namespace podium

#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "podium/base/file.h"
#include "podium/base/tree.h"
#include "podium/runtime/host_array.h"

namespace podium {

/// Text that a safetensors file carries beside its tensors.
using SafetensorsMetadata = std::map<std::string, std::string>;

/// Writes `tensors` in the tree's order, without gaps; throws INVALID_ARGUMENT for names that are not UTF-8 or
/// reserved. Source: https://huggingface.co/docs/safetensors, "Format".
void write_safetensors(FileWriter& file, const BasicTree<HostArray>& tensors, const SafetensorsMetadata& metadata = {});
/// The same to a path, all or nothing.
void write_safetensors(const std::filesystem::path& path, const BasicTree<HostArray>& tensors,
                       const SafetensorsMetadata& metadata = {});

/// Returns the file's tensors in the order of their bytes, mapped (copied only where the file does not align them).
/// The header is not trusted: length, JSON, types, shapes and offsets are checked, and neither gaps nor overlaps pass;
/// what does not hold throws INVALID_DATA, naming path and tensor.
BasicTree<HostArray> read_safetensors(const std::filesystem::path& path);

}  // namespace podium

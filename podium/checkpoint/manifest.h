#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "podium/checkpoint/snapshot.h"

namespace podium::checkpoint {

inline constexpr int FORMAT = 1;

/// Returns XXH3-128 of `bytes` as 32 hexadecimal digits, as `xxhsum -H2` prints it. It finds damage, not attack.
std::string hash_of(std::span<const std::byte> bytes);

/// One tensor as the manifest describes it.
struct TensorRecord {
    std::string file;  ///< plain name of a .safetensors file beside the manifest
    Shape shape;
    std::string hash;  ///< of the tensor's bytes
};

/// What manifest.json says: the snapshot without its tensors' bytes. The file carries the hash of its own text,
/// taken with zeros in the hash's place.
struct Manifest {
    Snapshot snapshot;  ///< tensors are empty
    std::map<std::string, TensorRecord> tensors;
};

/// Returns the text of manifest.json; throws INVALID_ARGUMENT where a string is not UTF-8.
std::string to_text(const Manifest& manifest);
/// Returns what `text`, which is not trusted, says; throws INVALID_DATA: no JSON, damaged, newer than this program, …
Manifest parse_manifest(std::string_view text);

}  // namespace podium::checkpoint

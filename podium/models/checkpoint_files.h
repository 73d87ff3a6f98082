#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "podium/base/tree.h"
#include "podium/models/parameters.h"

namespace podium::models {

/// The tensors of a folder's model.safetensors, or of the shards that its model.safetensors.index.json names, mapped.
class CheckpointFiles {
public:
    /// Throws INVALID_DATA, naming the file, for files that do not hold together; NOT_FOUND where there are none.
    explicit CheckpointFiles(std::filesystem::path folder);

    const std::filesystem::path& folder() const { return folder_; }
    /// Returns the tensor of that name, or null.
    const HostArray* find(const std::string& name) const;
    const std::map<std::string, HostArray>& tensors() const { return tensors_; }

private:
    std::filesystem::path folder_;
    std::map<std::string, HostArray> tensors_;
};

/// How a file's name of a parameter follows from ours: `*` is the layer's number, `#` counts what ours stacks.
struct NameRow {
    std::string ours, theirs;
    bool transposed = false;  ///< matrices are [outputs, inputs] in the file
};

/// How a kind of checkpoint names its tensors.
struct Naming {
    std::vector<NameRow> rows;                   ///< the first that fits counts
    std::string_view prefix = {};                ///< of most names; a file may leave it out
    std::vector<std::string_view> ignored = {};  ///< patterns of names that are no parameters
};

/// Returns the parameters of those shapes as tensors of `type` that are not computed yet: what is mapped goes to the
/// default device once, and turns there. Throws INVALID_DATA for what is missing, of another shape, or without a place.
Tree read_parameters(const CheckpointFiles& files, const std::vector<ParameterSpec>& specs, const Naming& naming,
                     DataType type);

/// Returns the parameters under their names in files and in the shapes that they have there, recorded.
Tree tensors_in_files(const Tree& parameters, const Naming& naming);

/// Writes parameters under their names in files: one, or shards of about `shard_bytes` with an index; and config.json,
/// the given text with the parameters' type. What of an older checkpoint is not written again is removed.
void write_checkpoint(const std::filesystem::path& folder, const Tree& parameters, const Naming& naming,
                      const std::string& config, std::size_t shard_bytes);

}  // namespace podium::models

#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "podium/base/file.h"
#include "podium/base/wire.h"
#include "podium/runtime/host_array.h"

namespace podium::onnx {

/// A file's bytes, and what tensors refer to beside it.
class Source {
public:
    Source(std::filesystem::path file, std::shared_ptr<const void> owner)
        : file_(std::move(file)), owner_(std::move(owner)) {}

    const std::filesystem::path& file() const { return file_; }
    const std::shared_ptr<const void>& owner() const { return owner_; }
    /// Throws INVALID_DATA, naming file and byte.
    [[noreturn]] void refuse(std::size_t at, std::string_view message) const;

    /// Where a tensor's bytes lie outside of the model.
    struct External {
        std::string tensor, location;
        std::uint64_t offset = 0, size = 0;
        std::size_t at = 0;  ///< where the model says so
    };
    /// Returns those bytes, and what keeps them alive; the file is in the model's folder or under it, and no two
    /// tensors share a part of their bytes.
    std::pair<std::string_view, std::shared_ptr<const void>> external(const External& wanted);

private:
    const MappedFile& mapped(const External& wanted);

    std::filesystem::path file_;
    std::shared_ptr<const void> owner_;
    std::unordered_map<std::string, MappedFile> files_;
    std::unordered_map<std::string, std::vector<External>> taken_;
};

/// A tensor, and its name.
struct NamedArray {
    std::string name;
    HostArray array;
};
/// Returns the tensor of a TensorProto; throws INVALID_DATA for one of texts.
NamedArray read_tensor(const WireField& message, Source& source);
/// Returns the dense tensor of a SparseTensorProto, by the name of its values.
NamedArray read_sparse_tensor(const WireField& message, Source& source);

}  // namespace podium::onnx

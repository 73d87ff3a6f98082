#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "podium/base/shape.h"
#include "podium/runtime/host_array.h"
#include "podium/runtime/mesh.h"
#include "podium/runtime/schedule.h"

namespace podium {

struct Graph;
class Backend;

/// What a buffer holds and where it lies. Buffers that a program makes at each run share it.
struct BufferSpec {
    Shape shape;
    PlacementPtr placement;
};
using BufferSpecPtr = std::shared_ptr<const BufferSpec>;

/// The evaluated bytes: the shards of one tensor over the devices of its placement.
class Buffer : public std::enable_shared_from_this<Buffer> {
public:
    explicit Buffer(BufferSpecPtr spec) : spec_(std::move(spec)) {}
    Buffer(Shape shape, PlacementPtr placement)
        : Buffer(std::make_shared<const BufferSpec>(BufferSpec{std::move(shape), std::move(placement)})) {}
    virtual ~Buffer() = default;
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;

    const Shape& shape() const { return spec_->shape; }
    const PlacementPtr& placement() const { return spec_->placement; }
    const BufferSpec& spec() const { return *spec_; }
    /// Returns the whole tensor, row-major; waits for it, and throws the error of the execution that made it.
    virtual HostArray to_host() const = 0;
    /// Waits until the bytes are there; throws the error of the execution that made them.
    virtual void wait() const = 0;
    /// Returns the whole tensor's bytes where they lie, row-major, which outlive the buffer and must not be written;
    /// waits for them. Nothing where they are not in the host's memory or lie otherwise.
    virtual std::optional<HostArray> view() const { return {}; }

private:
    BufferSpecPtr spec_;
};
using BufferPtr = std::shared_ptr<Buffer>;

/// How XLA compiles; every member's default is the plugin's own, or the safe one where that is known to be wrong.
struct XlaOptions {
    using Value = std::variant<bool, std::int64_t, double, std::string>;
    int optimization_level = -1;         ///< 0 … 3; -1 leaves the plugin's default
    double memory_fitting_effort = 0.0;  ///< -1 … 1
    double exec_time_effort = 0.0;       ///< -1 … 1
    bool fusion = true;
    bool layout_assignment = true;
    bool safe_defaults = true;           ///< adds the flags that avoid the plugin's known wrong results
    std::map<std::string, Value> flags;  ///< any named flag, `xla_cpu_enable_fast_min_max`, …
    bool operator==(const XlaOptions&) const = default;
};

/// What a compiled program needs, in bytes a device; 0 where the plugin does not say.
struct CompiledMemory {
    std::int64_t argument_bytes = 0, output_bytes = 0, alias_bytes = 0, temporary_bytes = 0, code_bytes = 0;
};

/// A compiled program, loaded on the devices of its mesh. May be executed from several threads.
class Executable {
public:
    virtual ~Executable() = default;
    /// Starts the program and returns its results at once. Arguments the program may reuse are consumed, except those
    /// whose positions are in `keep`.
    virtual std::vector<BufferPtr> execute(std::span<Buffer* const> arguments, std::span<const std::int64_t> keep) = 0;
    virtual CompiledMemory memory() const { return {}; }
    /// Returns the program after the compiler's passes, for reading; empty where the backend has none.
    virtual std::string optimized_text() const { return {}; }
    /// Returns the order of the compiled instructions and the memory of what they make; empty where the backend has
    /// none.
    virtual Schedule schedule() const { return {}; }
    /// Returns bytes from which `Backend::load` makes the program again; empty where the backend cannot.
    virtual std::string serialized() const { return {}; }
};

struct DeviceInfo {
    Device device;
    std::string kind;  ///< the vendor's name, "cpu", "TPU v5 lite"
    std::string description;
};

/// Bytes of one device; -1 where unknown.
struct MemoryStats {
    std::int64_t in_use_bytes = -1, peak_bytes = -1, limit_bytes = -1, largest_free_block_bytes = -1;
};

/// What runs programs on one kind of device. Thread-safe.
class Backend {
public:
    virtual ~Backend() = default;
    /// "pjrt", "interp".
    virtual std::string_view name() const = 0;
    /// Identifies plugin, version and the processor that programs are made for, for keys of caches.
    virtual std::string fingerprint() const = 0;
    virtual std::vector<DeviceInfo> devices() const = 0;
    /// Compiles `graph` for the devices of `mesh`; throws CompileFailed or OutOfMemory.
    virtual std::shared_ptr<Executable> compile(const Graph& graph, const Mesh& mesh, const XlaOptions& options) = 0;
    /// Returns what an equal graph's executable was `serialized` to, for the same devices; null where the backend
    /// cannot. Throws what the plugin says of bytes that it does not know.
    virtual std::shared_ptr<Executable> load(const Graph&, const Mesh&, std::string_view /*serialized*/) {
        return nullptr;
    }
    /// Starts copying `array` to its shards; keeps its owner alive until that is done.
    virtual BufferPtr upload(const HostArray& array, PlacementPtr placement) = 0;
    /// Returns a buffer of the array's own bytes, which nobody may write while it lives; null where it would be a copy.
    virtual BufferPtr adopt(const HostArray& /*array*/, const PlacementPtr& /*placement*/) { return nullptr; }
    virtual MemoryStats memory_stats(int device) const = 0;
    /// Returns the number of buffers that exist now.
    virtual std::int64_t live_buffers() const = 0;
};

}  // namespace podium

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "podium/runtime/backend.h"
#include "podium/runtime/pjrt/plugin.h"

namespace podium::plan {

/// Devices that need not be here, as a plugin describes them.
class PjrtTopology {
public:
    /// `name`: the plugin's own, libtpu's "v5e:4x4"; `chip_config`: libtpu's name of how chips are used, empty for its
    /// default. Throws what the plugin says of a name that it does not know.
    PjrtTopology(const PjrtPlugin& plugin, const std::string& name, const std::string& chip_config = {});
    ~PjrtTopology();
    PjrtTopology(const PjrtTopology&) = delete;
    PjrtTopology& operator=(const PjrtTopology&) = delete;

    /// Returns the plugin's numbers of the devices.
    std::vector<int> device_ids() const;
    /// Returns the memory that a program may take on one of them; -1 where the plugin does not say.
    std::int64_t memory_limit_bytes() const;

private:
    friend class AheadExecutable;
    const PjrtPlugin& plugin_;
    PJRT_TopologyDescription* handle_ = nullptr;
};

/// A program compiled for devices that are not here: it can be looked at, and not run.
class AheadExecutable final : public Executable {
public:
    /// Compiles StableHLO `text` for the topology's devices, partitioned by Shardy over all of them. Throws
    /// UNIMPLEMENTED for operations that TPUs lack, OutOfMemory, or CompileFailed with the compiler's words.
    AheadExecutable(const PjrtTopology& topology, std::string_view text, const XlaOptions& options);
    ~AheadExecutable() override;

    /// Throws FAILED_PRECONDITION.
    std::vector<BufferPtr> execute(std::span<Buffer* const> arguments, std::span<const std::int64_t> keep) override;
    CompiledMemory memory() const override;
    std::string optimized_text() const override;
    Schedule schedule() const override;
    /// Returns the program after the compiler's passes: a serialized HloModuleProtoWithConfig.
    const std::string& optimized_program() const { return optimized_; }

private:
    const PjrtPlugin& plugin_;
    PJRT_Executable* handle_ = nullptr;
    std::string optimized_;
};

}  // namespace podium::plan

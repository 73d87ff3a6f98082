#pragma once

#include <memory>

#include "podium/runtime/pjrt/executable.h"

namespace podium {

/// Runs programs through a PJRT plugin.
class PjrtBackend final : public Backend {
public:
    /// `device_count`: how many devices the CPU plugin makes; others have those they have.
    PjrtBackend(const PjrtPlugin& plugin, DeviceType type, int device_count)
        : client_(std::make_shared<PjrtClient>(plugin, type, device_count)) {}

    std::string_view name() const override { return "pjrt"; }
    std::string fingerprint() const override;
    std::vector<DeviceInfo> devices() const override;
    std::shared_ptr<Executable> compile(const Graph& graph, const Mesh& mesh, const XlaOptions& options) override;
    std::shared_ptr<Executable> load(const Graph& graph, const Mesh& mesh, std::string_view serialized) override;
    /// Compiles StableHLO text.
    std::shared_ptr<PjrtExecutable> compile_text(const PjrtProgram& program, const XlaOptions& options = {}) {
        return std::make_shared<PjrtExecutable>(client_, program, options);
    }
    BufferPtr upload(const HostArray& array, PlacementPtr placement) override {
        return upload_to(client_, array, std::move(placement));
    }
    BufferPtr adopt(const HostArray& array, const PlacementPtr& placement) override {
        return adopt_by(client_, array, placement);
    }
    MemoryStats memory_stats(int device) const override { return client_->memory_stats(device); }
    std::int64_t live_buffers() const override { return client_->live_buffers(); }

    const PjrtPlugin& plugin() const { return client_->plugin(); }

private:
    PjrtClientPtr client_;
};

}  // namespace podium

#include "podium/runtime/interp/interp_backend.h"

#include <algorithm>
#include <mutex>

#include "podium/runtime/interp/interp.h"

namespace podium {
namespace {

/// What the buffers of one backend occupy.
class Ledger {
public:
    void change(std::int64_t buffers, std::int64_t bytes) {
        const std::lock_guard lock(mutex_);
        buffers_ += buffers;
        in_use_bytes_ += bytes;
        peak_bytes_ = std::max(peak_bytes_, in_use_bytes_);
    }
    std::int64_t buffers() const {
        const std::lock_guard lock(mutex_);
        return buffers_;
    }
    MemoryStats memory() const {
        const std::lock_guard lock(mutex_);
        return {.in_use_bytes = in_use_bytes_, .peak_bytes = peak_bytes_, .limit_bytes = -1};
    }

private:
    mutable std::mutex mutex_;
    std::int64_t buffers_ = 0, in_use_bytes_ = 0, peak_bytes_ = 0;
};
using LedgerPtr = std::shared_ptr<Ledger>;

class InterpBuffer : public Buffer {
public:
    InterpBuffer(HostArray array, PlacementPtr placement, LedgerPtr ledger)
        : Buffer(array.shape(), std::move(placement)), array_(std::move(array)), ledger_(std::move(ledger)) {
        ledger_->change(1, held_bytes());
    }
    ~InterpBuffer() override { ledger_->change(-1, -held_bytes()); }

    HostArray to_host() const override {
        const std::lock_guard lock(mutex_);
        if (donated_)
            fail(Code::DONATED, "buffer {} was donated to a later call; keep a copy, or do not donate it",
                 to_string(shape()));
        return array_;
    }
    void wait() const override { to_host(); }
    void donate() {
        const std::lock_guard lock(mutex_);
        ledger_->change(0, -held_bytes());
        donated_ = true;
        array_ = {};
    }

private:
    std::int64_t held_bytes() const { return donated_ ? 0 : static_cast<std::int64_t>(array_.size_bytes()); }

    mutable std::mutex mutex_;
    HostArray array_;
    bool donated_ = false;
    LedgerPtr ledger_;
};

class InterpExecutable : public Executable {
public:
    InterpExecutable(const Graph& graph, const Mesh& mesh, LedgerPtr ledger)
        : interpreter_(graph), ledger_(std::move(ledger)) {
        for (std::size_t i = 0; i < graph.results.size(); ++i)
            placements_.push_back(std::make_shared<const Placement>(
                mesh, i < graph.result_axes.size() ? graph.result_axes[i] : std::vector<std::string>{}));
        for (const auto parameter : graph.reuse)
            if (parameter >= 0) reused_.push_back(parameter);
    }

    std::vector<BufferPtr> execute(std::span<Buffer* const> arguments, std::span<const std::int64_t> keep) override {
        std::vector<HostArray> inputs;
        for (const auto* argument : arguments) inputs.push_back(argument->to_host());
        const auto outputs = interpreter_.run(inputs);
        std::vector<BufferPtr> results;
        for (std::size_t i = 0; i < outputs.size(); ++i)
            results.push_back(std::make_shared<InterpBuffer>(outputs[i], placements_[i], ledger_));
        for (const auto parameter : reused_)
            if (std::find(keep.begin(), keep.end(), parameter) == keep.end())
                if (auto* const own = dynamic_cast<InterpBuffer*>(arguments[static_cast<std::size_t>(parameter)]))
                    own->donate();
        return results;
    }

private:
    Interpreter interpreter_;
    LedgerPtr ledger_;
    std::vector<PlacementPtr> placements_;
    std::vector<std::int64_t> reused_;  ///< parameters whose memory results may take
};

class InterpBackend : public Backend {
public:
    explicit InterpBackend(int devices) : devices_(devices) {}

    std::string_view name() const override { return "interp"; }
    std::string fingerprint() const override { return "interp 1"; }
    std::vector<DeviceInfo> devices() const override {
        std::vector<DeviceInfo> infos;
        infos.reserve(static_cast<std::size_t>(devices_));
        for (int i = 0; i < devices_; ++i)
            infos.push_back({Device(DeviceType::INTERP, i), "interp", "reference interpreter"});
        return infos;
    }
    std::shared_ptr<Executable> compile(const Graph& graph, const Mesh& mesh, const XlaOptions&) override {
        return std::make_shared<InterpExecutable>(graph, mesh, ledger_);
    }
    BufferPtr upload(const HostArray& array, PlacementPtr placement) override {
        HostArray copy(array.shape());
        std::copy_n(array.data(), array.size_bytes(), copy.mutable_data());
        return std::make_shared<InterpBuffer>(std::move(copy), std::move(placement), ledger_);
    }
    MemoryStats memory_stats(int) const override { return ledger_->memory(); }
    std::int64_t live_buffers() const override { return ledger_->buffers(); }

private:
    int devices_;
    LedgerPtr ledger_ = std::make_shared<Ledger>();
};

}  // namespace

std::shared_ptr<Backend> make_interp_backend(int devices) {
    if (devices < 1) fail(Code::INVALID_ARGUMENT, "interp: {} devices were asked for, at least 1 is needed", devices);
    return std::make_shared<InterpBackend>(devices);
}

}  // namespace podium

#include "podium/exec/device_fault.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <optional>

#include "podium/ir/graph.h"
#include "podium/ir/number.h"

namespace podium {
namespace {

using HookPtr = std::shared_ptr<const DeviceFaultHook>;

HookPtr hook_from_environment() {
    const char* const text = std::getenv("PODIUM_DEVICE_FAULT");
    return text == nullptr ? nullptr : std::make_shared<const DeviceFaultHook>(parse_device_fault(text));
}

/// The process's hook, and the lock that guards the pointer (not the call).
struct Seam {
    std::mutex mutex;
    HookPtr hook = hook_from_environment();
};
Seam& seam() {
    static Seam the_seam;
    return the_seam;
}

HookPtr present_hook() {
    const std::lock_guard lock(seam().mutex);
    return seam().hook;
}

/// Returns whether results are to be NaN; throws the injected error.
bool fault_at(DeviceOperation operation, const std::string& program) {
    const auto hook = present_hook();
    const auto fault = hook == nullptr ? DeviceFault() : (*hook)(operation, program);
    if (fault.code != Code::OK)
        fail(fault.code, "{} {}: injected fault", operation == DeviceOperation::COMPILE ? "compile" : "execute",
             program);
    return fault.nan;
}

HostArray nan_array(const Shape& shape) {
    HostArray array{Shape(shape.type, shape.dims)};
    for (std::int64_t i = 0; i < array.count(); ++i) store(array, i, std::numeric_limits<double>::quiet_NaN());
    return array;
}

class FaultyExecutable final : public Executable {
public:
    FaultyExecutable(std::shared_ptr<Backend> backend, std::shared_ptr<Executable> inner, std::string name)
        : backend_(std::move(backend)), inner_(std::move(inner)), name_(std::move(name)) {}
    std::vector<BufferPtr> execute(std::span<Buffer* const> arguments, std::span<const std::int64_t> keep) override {
        const bool nan = fault_at(DeviceOperation::EXECUTE, name_);
        auto results = inner_->execute(arguments, keep);
        if (!nan) return results;
        for (auto& result : results)
            if (is_float(result->shape().type))
                result = backend_->upload(nan_array(result->shape()), result->placement());
        return results;
    }
    CompiledMemory memory() const override { return inner_->memory(); }
    std::string optimized_text() const override { return inner_->optimized_text(); }
    Schedule schedule() const override { return inner_->schedule(); }

private:
    std::shared_ptr<Backend> backend_;
    std::shared_ptr<Executable> inner_;
    std::string name_;
};

class FaultyBackend final : public Backend {
public:
    explicit FaultyBackend(std::shared_ptr<Backend> inner) : inner_(std::move(inner)) {}
    std::string_view name() const override { return inner_->name(); }
    std::string fingerprint() const override { return inner_->fingerprint() + " with faults"; }
    std::vector<DeviceInfo> devices() const override { return inner_->devices(); }
    std::shared_ptr<Executable> compile(const Graph& graph, const Mesh& mesh, const XlaOptions& options) override {
        fault_at(DeviceOperation::COMPILE, graph.name);
        return std::make_shared<FaultyExecutable>(inner_, inner_->compile(graph, mesh, options), graph.name);
    }
    BufferPtr upload(const HostArray& array, PlacementPtr placement) override {
        return inner_->upload(array, std::move(placement));
    }
    BufferPtr adopt(const HostArray& array, const PlacementPtr& placement) override {
        return inner_->adopt(array, placement);
    }
    MemoryStats memory_stats(int device) const override { return inner_->memory_stats(device); }
    std::int64_t live_buffers() const override { return inner_->live_buffers(); }

private:
    std::shared_ptr<Backend> inner_;
};

/// Returns what "OUT_OF_MEMORY" or "NAN" stands for; nothing for what is neither a code nor NaN.
std::optional<DeviceFault> fault_named(std::string_view text) {
    if (text == "NAN") return DeviceFault{.nan = true};
    for (int i = 1; i <= static_cast<int>(Code::PREEMPTED); ++i)
        if (name(static_cast<Code>(i)) == text) return DeviceFault{.code = static_cast<Code>(i)};
    return std::nullopt;
}

}  // namespace

void set_device_fault_hook(DeviceFaultHook hook) {
    auto shared = hook ? std::make_shared<const DeviceFaultHook>(std::move(hook)) : nullptr;
    const std::lock_guard lock(seam().mutex);
    seam().hook = std::move(shared);
}

DeviceFaultHook parse_device_fault(std::string_view text) {
    std::vector<std::string_view> parts;
    for (std::string_view rest = text; !rest.empty();) {
        const auto colon = std::min(rest.find(':'), rest.size());
        parts.push_back(rest.substr(0, colon));
        rest.remove_prefix(std::min(colon + 1, rest.size()));
    }
    if (parts.size() == 4) {
        const auto fault = fault_named(parts[0]);
        const bool compile = parts[1] == "COMPILE", onward = parts[3].ends_with('+');
        if (onward) parts[3].remove_suffix(1);
        int nth = 0;
        const auto [end, error] = std::from_chars(parts[3].data(), parts[3].data() + parts[3].size(), nth);
        if (fault && (compile || parts[1] == "EXECUTE") && error == std::errc() &&
            end == parts[3].data() + parts[3].size() && nth > 0) {
            const auto point = compile ? DeviceOperation::COMPILE : DeviceOperation::EXECUTE;
            auto seen = std::make_shared<std::atomic<int>>(0);
            return [=, program = std::string(parts[2])](DeviceOperation at, std::string_view name) {
                if (at != point || name != program) return DeviceFault();
                const int count = ++*seen;
                return count == nth || (onward && count > nth) ? *fault : DeviceFault();
            };
        }
    }
    fail(Code::INVALID_ARGUMENT,
         "PODIUM_DEVICE_FAULT: \"{}\" is not CODE:COMPILE:PROGRAM:N or CODE:EXECUTE:PROGRAM:N, N being 3 or 3+, and "
         "CODE an error's or NAN",
         text);
}

std::shared_ptr<Backend> with_device_faults(std::shared_ptr<Backend> backend) {
    if (present_hook() == nullptr) return backend;
    return std::make_shared<FaultyBackend>(std::move(backend));
}

}  // namespace podium

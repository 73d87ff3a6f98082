#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "podium/runtime/pjrt/buffer.h"
#include "podium/runtime/pjrt/client.h"

namespace podium {

/// A program in StableHLO text with what is known of it. What is not said is read from the compiled program, which is
/// possible on one device only.
struct PjrtProgram {
    std::string_view text;
    Mesh mesh;
    std::string name = "main";  ///< errors name it
    std::optional<std::vector<BufferSpec>> parameters = {}, results = {};
    std::optional<std::vector<std::int64_t>> reuse = {};  ///< for each result, the parameter it may take over, or -1
    bool replicas = false;        ///< each device runs the program as it is, instead of its part of it
    bool constant_inputs = true;  ///< false if no operation's inputs are all constants; text from outside: unknown
};

/// A program loaded on its mesh's devices.
class PjrtExecutable final : public Executable {
public:
    /// Compiles; throws CompileFailed with the plugin's words, or OutOfMemory.
    PjrtExecutable(const PjrtClientPtr& client, const PjrtProgram& program, const XlaOptions& options);
    /// Loads what `serialized()` gave for the same program, plugin and devices; `program.text` is not read.
    PjrtExecutable(const PjrtClientPtr& client, const PjrtProgram& program, std::string_view serialized);
    ~PjrtExecutable() override;

    std::vector<BufferPtr> execute(std::span<Buffer* const> arguments, std::span<const std::int64_t> keep) override;
    CompiledMemory memory() const override;
    std::string optimized_text() const override;
    Schedule schedule() const override;
    std::string serialized() const override;
    /// Returns the program after the compiler's passes as the plugin has it: a serialized HloModuleProtoWithConfig.
    std::string optimized_program() const;

    const std::vector<PjrtSpecPtr>& parameters() const { return parameters_; }
    const std::vector<PjrtSpecPtr>& results() const { return results_; }

private:
    PjrtExecutable(PjrtClientPtr client, const PjrtProgram& program, PJRT_LoadedExecutable* loaded);
    /// Returns one spec each, equal ones shared by way of `distinct`: a result that is fed back is known by its
    /// address.
    std::vector<PjrtSpecPtr> share(const std::vector<BufferSpec>& specs, std::vector<PjrtSpecPtr>& distinct) const;
    std::size_t result_count() const;
    PJRT_Buffer* const* gather_handles(std::span<Buffer* const> arguments) const;
    [[noreturn]] void fail_argument(std::size_t position, const Buffer& argument) const;
    void mark_donated(std::span<Buffer* const> arguments, std::span<const std::int64_t> keep) const;

    PjrtClientPtr client_;
    Mesh mesh_;
    std::string name_;
    PJRT_LoadedExecutable* loaded_ = nullptr;
    PJRT_Executable* handle_ = nullptr;
    std::vector<PjrtSpecPtr> parameters_, results_;
    std::vector<std::int64_t> reused_;  ///< parameters that a result may take over
};

}  // namespace podium

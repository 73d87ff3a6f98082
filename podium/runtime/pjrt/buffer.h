#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>

#include "podium/runtime/backend.h"
#include "podium/runtime/pjrt/client.h"

namespace podium {

/// What all results of one position share: shape and placement, and what is worked out from them once.
struct PjrtSpec : BufferSpec {
    PjrtSpec(PjrtClientPtr client, std::string maker, Shape shape, PlacementPtr placement);

    PjrtClientPtr client;
    std::string maker;  ///< the program whose result it is, or "upload": errors name it
    std::int64_t shard_bytes;
};
using PjrtSpecPtr = std::shared_ptr<const PjrtSpec>;

/// One plugin buffer for each device of the placement's mesh.
class PjrtBuffer final : public Buffer {
public:
    /// Takes over the first `spec.placement->mesh.size()` handles, which lie `stride` apart.
    PjrtBuffer(PjrtSpecPtr spec, PJRT_Buffer* const* handles, std::size_t stride);
    ~PjrtBuffer() override;

    HostArray to_host() const override;
    void wait() const override;
    std::optional<HostArray> view() const override;
    /// Returns what one device of the mesh has.
    HostArray shard_to_host(std::size_t position) const;
    /// Returns the bytes that it has there, as the plugin counts them.
    std::size_t shard_size_bytes(std::size_t position) const;

    const PjrtSpec& spec() const { return static_cast<const PjrtSpec&>(Buffer::spec()); }
    /// Returns the plugin's buffer on device number `position` of the mesh.
    PJRT_Buffer* shard(std::size_t position) const { return count_ == 1 ? one_ : many_[position]; }
    std::size_t shard_count() const { return count_; }
    /// Notes that a program has consumed the bytes: reads throw DONATED from now on.
    void mark_donated() noexcept;
    /// Throws DONATED if a program is known to have consumed the bytes.
    void expect_not_donated() const {
        if (donated_) fail_donated();
    }

private:
    void expect_readable() const;
    [[noreturn]] void fail_donated() const;
    void release_bytes() noexcept;

    std::uint32_t count_;
    std::atomic<bool> donated_ = false;
    PJRT_Buffer* one_ = nullptr;            ///< of a mesh with one device
    std::unique_ptr<PJRT_Buffer*[]> many_;  ///< of a larger one
};

/// Starts copying `array` to its shards; the array's owner lives until the plugin is done with it.
BufferPtr upload_to(const PjrtClientPtr& client, const HostArray& array, PlacementPtr placement);
/// Returns a buffer of the array's own bytes, or null where the plugin would copy them: other devices than one CPU, and
/// bytes that are not aligned as the plugin wants them.
BufferPtr adopt_by(const PjrtClientPtr& client, const HostArray& array, const PlacementPtr& placement);

}  // namespace podium

#include "podium/runtime/pjrt/buffer.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "podium/base/error.h"
#include "podium/runtime/pjrt/types.h"

namespace podium {
namespace {

/// Returns the distance in elements between the first elements of the whole and of the shard that starts at `start`.
std::int64_t offset_of(std::span<const std::int64_t> start, std::span<const std::int64_t> strides) {
    return std::inner_product(start.begin(), start.end(), strides.begin(), std::int64_t{0});
}

/// True if the shard is one run of bytes of the whole: every dimension after the first that differs from 1 is whole.
bool is_contiguous(const Shape& whole, const Shape& shard) {
    std::size_t i = 0;
    while (i < shard.dims.size() && shard.dims[i] == 1) ++i;
    return i >= shard.dims.size() ||
           std::equal(shard.dims.begin() + static_cast<std::ptrdiff_t>(i) + 1, shard.dims.end(),
                      whole.dims.begin() + static_cast<std::ptrdiff_t>(i) + 1);
}

/// The dimensions of a buffer from the one whose neighbours lie closest to the one whose lie furthest.
using MinorToMajor = Dims;

MinorToMajor row_major(std::size_t rank) {
    MinorToMajor order(rank);
    std::iota(order.rbegin(), order.rend(), 0);
    return order;
}

/// Returns the order in which the device holds the buffer: the compiler may choose another one than ours.
MinorToMajor device_order(const PjrtApi& api, PJRT_Buffer* buffer, std::size_t rank) {
    if (rank < 2) return row_major(rank);
    const auto layout = api.call<&PJRT_Api::PJRT_Buffer_GetMemoryLayout>({.buffer = buffer}).layout;
    if (layout.type != PJRT_Buffer_MemoryLayout_Type_Tiled)
        fail(Code::UNIMPLEMENTED, "read: the plugin describes the buffer's layout by strides, not by an order");
    if (layout.tiled.minor_to_major_size != rank) return row_major(rank);  // a packed result: see stablehlo()
    return {layout.tiled.minor_to_major, layout.tiled.minor_to_major + layout.tiled.minor_to_major_size};
}

/// Copies a shard, dense in `order`, to its place in the row-major whole.
void scatter(const Shape& whole, const Shape& shard, std::int64_t offset, const MinorToMajor& order,
             const std::byte* from, std::byte* to) {
    const auto strides = row_major_strides(whole.dims);
    const auto element = size_bytes(whole.type);
    const auto minor = static_cast<std::size_t>(order[0]);
    const bool rows = minor + 1 == shard.dims.size();  // neighbours stay neighbours
    const auto run = static_cast<std::size_t>(rows ? shard.dims[minor] : 1) * element;
    Dims index(shard.dims.size());
    for (const std::byte* const end = from + shard.size_bytes(); from != end; from += run) {
        std::memcpy(to + static_cast<std::size_t>(offset + offset_of(index, strides)) * element, from, run);
        for (std::size_t i = rows ? 1 : 0; i < order.size(); ++i) {
            const auto dim = static_cast<std::size_t>(order[i]);
            if (++index[dim] < shard.dims[dim]) break;
            index[dim] = 0;
        }
    }
}

/// Starts copying one plugin buffer to `to`, dense in `order`; returns the event to wait for. `order` is the device's:
/// the CPU plugin gives that one whatever it is asked for, others give what they are asked for.
PJRT_Event* start_read(const PjrtApi& api, PJRT_Buffer* buffer, const Shape& shape, const MinorToMajor& order,
                       std::byte* to) {
    const bool packed = size_bits(shape.type) < 8;
    PJRT_Buffer_MemoryLayout layout{.struct_size = PJRT_Buffer_MemoryLayout_STRUCT_SIZE,
                                    .type = PJRT_Buffer_MemoryLayout_Type_Tiled};
    layout.tiled = {.struct_size = PJRT_Buffer_MemoryLayout_Tiled_STRUCT_SIZE,
                    .minor_to_major = order.data(),
                    .minor_to_major_size = order.size()};
    return api
        .call<&PJRT_Api::PJRT_Buffer_ToHostBuffer>(
            {.src = buffer, .host_layout = packed ? nullptr : &layout, .dst = to, .dst_size = shape.size_bytes()})
        .event;
}

/// What the plugin's callback frees once it is done with the host's bytes.
struct HostHold {
    PjrtApi api;
    std::shared_ptr<const void> owner;
};

void release_host(PJRT_Error* error, void* argument) noexcept {
    const std::unique_ptr<HostHold> hold(static_cast<HostHold*>(argument));
    hold->api.destroy(error);  // a failed transfer shows at the buffer's read
}

/// Keeps what the host sees of a buffer alive: the plugin neither frees nor reuses it meanwhile.
class ExternalReference {
public:
    ExternalReference(std::shared_ptr<const Buffer> buffer, PjrtApi api, PJRT_Buffer* handle)
        : buffer_(std::move(buffer)), api_(api), handle_(handle) {
        api_.call<&PJRT_Api::PJRT_Buffer_IncreaseExternalReferenceCount>({.buffer = handle_});
    }
    ~ExternalReference() {
        api_.call_quietly<&PJRT_Api::PJRT_Buffer_DecreaseExternalReferenceCount>({.buffer = handle_});
    }
    ExternalReference(const ExternalReference&) = delete;
    ExternalReference& operator=(const ExternalReference&) = delete;

private:
    std::shared_ptr<const Buffer> buffer_;
    PjrtApi api_;
    PJRT_Buffer* handle_;
};

/// What the CPU plugin wants of memory that it uses without a copy.
constexpr std::uintptr_t ADOPTED_ALIGNMENT = 64;

/// Fills what is above the bits of narrow integers: plugins leave it empty, podium's are kept sign-extended.
void extend_signs(HostArray& array) {
    const auto extend = [&]<class T>() {
        for (T& element : array.mutable_span<T>()) element = T(std::int64_t{element.value});
    };
    if (array.type() == DataType::INT2) extend.operator()<Int2>();
    if (array.type() == DataType::INT4) extend.operator()<Int4>();
}

}  // namespace

PjrtSpec::PjrtSpec(PjrtClientPtr of_client, std::string made_by, Shape shape, PlacementPtr placement)
    : BufferSpec{std::move(shape), std::move(placement)},
      client(std::move(of_client)),
      maker(std::move(made_by)),
      shard_bytes(static_cast<std::int64_t>(this->placement->shard_shape(this->shape).size_bytes())) {}

PjrtBuffer::PjrtBuffer(PjrtSpecPtr with, PJRT_Buffer* const* handles, std::size_t stride) : Buffer(std::move(with)) {
    const auto& devices = placement()->mesh.devices();
    count_ = static_cast<std::uint32_t>(devices.size());
    if (count_ == 1) {
        one_ = handles[0];
    } else {
        many_ = std::make_unique<PJRT_Buffer*[]>(count_);
        for (std::size_t i = 0; i < count_; ++i) many_[i] = handles[i * stride];
    }
    auto& client = *spec().client;
    for (const int device : devices) client.bytes(device).add(spec().shard_bytes);
    client.live_buffers().fetch_add(1, std::memory_order_relaxed);
}

PjrtBuffer::~PjrtBuffer() {
    auto& client = *spec().client;
    for (std::size_t i = 0; i < count_; ++i)
        client.api().call_quietly<&PJRT_Api::PJRT_Buffer_Destroy>({.buffer = shard(i)});
    if (!donated_) release_bytes();
    client.live_buffers().fetch_sub(1, std::memory_order_relaxed);
}

void PjrtBuffer::mark_donated() noexcept {
    if (!donated_.exchange(true)) release_bytes();
}

void PjrtBuffer::release_bytes() noexcept {
    for (const int device : placement()->mesh.devices()) spec().client->bytes(device).subtract(spec().shard_bytes);
}

void PjrtBuffer::fail_donated() const {
    fail(Code::DONATED, "buffer {} (from {}) was donated to a later call; keep a copy, or do not donate it",
         to_string(shape()), spec().maker);
}

void PjrtBuffer::expect_readable() const {
    expect_not_donated();
    if (spec().client->api().call<&PJRT_Api::PJRT_Buffer_IsDeleted>({.buffer = shard(0)}).is_deleted) fail_donated();
}

void PjrtBuffer::wait() const {
    expect_readable();
    const auto& api = spec().client->api();
    for (std::size_t i = 0; i < count_; ++i)
        api.await(api.call<&PJRT_Api::PJRT_Buffer_ReadyEvent>({.buffer = shard(i)}).event, spec().maker);
}

HostArray PjrtBuffer::to_host() const {
    expect_readable();
    const auto& api = spec().client->api();
    const auto& whole = shape();
    const auto piece = placement()->shard_shape(whole);
    const auto strides = row_major_strides(whole.dims);
    const auto rank = whole.dims.size();
    const bool contiguous = is_contiguous(whole, piece);
    auto result = HostArray::uninitialized(whole);

    struct Read {
        std::int64_t offset;  ///< of the shard's first element in the whole
        MinorToMajor order;
        HostArray dense;  ///< the shard, where it is not one run of the result
        PJRT_Event* event = nullptr;
        bool direct() const { return dense.data() == nullptr; }
    };
    std::vector<Read> reads;
    std::exception_ptr failed;
    for (std::size_t i = 0; i < count_ && !failed; ++i) {
        const auto offset = offset_of(placement()->shard_start(whole, static_cast<std::int64_t>(i)), strides);
        if (std::any_of(reads.begin(), reads.end(), [&](const Read& read) { return read.offset == offset; })) continue;
        try {
            auto& read = reads.emplace_back(Read{offset, device_order(api, shard(i), rank), {}});
            if (!contiguous || read.order != row_major(rank)) read.dense = HostArray::uninitialized(piece);
            auto* const to = read.direct()
                                 ? result.mutable_data() + static_cast<std::size_t>(offset) * size_bytes(whole.type)
                                 : read.dense.mutable_data();
            read.event = start_read(api, shard(i), piece, read.order, to);
        } catch (const Error&) {
            failed = std::current_exception();
        }
    }
    for (auto& read : reads) {  // every copy into our memory ends before we leave, also where one fails
        if (!read.event) continue;
        try {
            api.await(read.event, spec().maker);
            if (!read.direct())
                scatter(whole, piece, read.offset, read.order, read.dense.data(), result.mutable_data());
        } catch (const Error&) {
            failed = std::current_exception();
        }
    }
    if (failed) std::rethrow_exception(failed);
    extend_signs(result);
    return result;
}

HostArray PjrtBuffer::shard_to_host(std::size_t position) const {
    expect_readable();
    const auto& api = spec().client->api();
    const auto piece = placement()->shard_shape(shape());
    const auto order = device_order(api, shard(position), piece.dims.size());
    auto dense = HostArray::uninitialized(piece);
    api.await(start_read(api, shard(position), piece, order, dense.mutable_data()), spec().maker);
    extend_signs(dense);
    if (order == row_major(piece.dims.size())) return dense;
    auto result = HostArray::uninitialized(piece);
    scatter(piece, piece, 0, order, dense.data(), result.mutable_data());
    return result;
}

std::size_t PjrtBuffer::shard_size_bytes(std::size_t position) const {
    expect_readable();
    const auto& api = spec().client->api();
    return api.call<&PJRT_Api::PJRT_Buffer_OnDeviceSizeInBytes>({.buffer = shard(position)}).on_device_size_in_bytes;
}

std::optional<HostArray> PjrtBuffer::view() const {
    const auto& api = spec().client->api();
    if (count_ != 1 || placement()->mesh.type() != DeviceType::CPU || size_bits(shape().type) < 8 ||
        !api.has<&PJRT_Api::PJRT_Buffer_OpaqueDeviceMemoryDataPointer>())
        return {};
    wait();
    if (device_order(api, one_, shape().dims.size()) != row_major(shape().dims.size())) return {};
    auto reference = std::make_shared<const ExternalReference>(shared_from_this(), api, one_);
    const void* bytes =
        api.call<&PJRT_Api::PJRT_Buffer_OpaqueDeviceMemoryDataPointer>({.buffer = one_}).device_memory_ptr;
    return HostArray(shape(), static_cast<const std::byte*>(bytes), std::move(reference));
}

namespace {

BufferPtr send_to(const PjrtClientPtr& client, const HostArray& array, PlacementPtr placement,
                  PJRT_HostBufferSemantics semantics) {
    const auto& api = client->api();
    const auto spec = std::make_shared<const PjrtSpec>(client, "upload", array.shape(), std::move(placement));
    const auto& mesh = spec->placement->mesh;
    const auto piece = spec->placement->shard_shape(array.shape());
    const auto strides = row_major_strides(array.shape().dims);
    const auto element = static_cast<std::int64_t>(size_bytes(array.type()));
    Dims byte_strides(strides), dims = piece.dims;
    for (auto& stride : byte_strides) stride *= element;
    if (size_bits(array.type()) < 8 && dims.empty()) {
        dims = {1};
        byte_strides = {element};
    }
    // The CPU plugin packs what is narrower than a byte by strides that it takes to be there: a scalar goes as a
    // vector.
    const bool dense = is_contiguous(array.shape(), piece) && size_bits(array.type()) >= 8;

    std::vector<PJRT_Buffer*> handles;
    try {
        for (std::int64_t i = 0; i < mesh.size(); ++i) {
            const auto start = spec->placement->shard_start(array.shape(), i);
            const auto made = api.call<&PJRT_Api::PJRT_Client_BufferFromHostBuffer>(
                {.client = client->handle(),
                 .data = array.data() + offset_of(start, strides) * element,
                 .type = pjrt_type(array.type()),
                 .dims = dims.data(),
                 .num_dims = dims.size(),
                 .byte_strides = dense ? nullptr : byte_strides.data(),
                 .num_byte_strides = dense ? 0 : byte_strides.size(),
                 .host_buffer_semantics = semantics,
                 .device = client->device(mesh.devices()[static_cast<std::size_t>(i)])});
            handles.push_back(made.buffer);
            auto hold = std::make_unique<HostHold>(HostHold{api, array.owner()});
            api.call<&PJRT_Api::PJRT_Event_OnReady>(
                {.event = made.done_with_host_buffer, .callback = release_host, .user_arg = hold.get()});
            (void)hold.release();  // the callback's now
            api.call_quietly<&PJRT_Api::PJRT_Event_Destroy>({.event = made.done_with_host_buffer});
        }
    } catch (const Error&) {
        for (auto* handle : handles) api.call_quietly<&PJRT_Api::PJRT_Buffer_Destroy>({.buffer = handle});
        throw;
    }
    return std::make_shared<PjrtBuffer>(spec, handles.data(), 1);
}

}  // namespace

BufferPtr upload_to(const PjrtClientPtr& client, const HostArray& array, PlacementPtr placement) {
    return send_to(client, array, std::move(placement), PJRT_HostBufferSemantics_kImmutableUntilTransferCompletes);
}

BufferPtr adopt_by(const PjrtClientPtr& client, const HostArray& array, const PlacementPtr& placement) {
    if (client->type() != DeviceType::CPU || placement->mesh.size() != 1 || size_bits(array.type()) < 8 ||
        array.count() == 0 || reinterpret_cast<std::uintptr_t>(array.data()) % ADOPTED_ALIGNMENT != 0)
        return nullptr;
    return send_to(client, array, placement, PJRT_HostBufferSemantics_kImmutableZeroCopy);
}

}  // namespace podium

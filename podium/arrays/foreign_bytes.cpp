#include "podium/arrays/foreign_bytes.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace podium {

std::optional<std::size_t> checked_size_bytes(DataType type, const Dims& dims) {
    // Zeros are left out of the product: the other dimensions must be sane too.
    std::int64_t product = static_cast<std::int64_t>(size_bytes(type));
    bool empty = false;
    for (const auto dim : dims) {
        if (dim < 0) return std::nullopt;
        if (dim == 0)
            empty = true;
        else if (__builtin_mul_overflow(product, dim, &product))
            return std::nullopt;
    }
    return empty ? 0 : static_cast<std::size_t>(product);
}

HostArray array_over(Shape shape, const std::byte* data, std::shared_ptr<const void> owner) {
    const std::span bytes(data, shape.size_bytes());
    if (shape.type == DataType::BOOL && std::ranges::any_of(bytes, [](std::byte byte) { return byte > std::byte{1}; }))
        fail(Code::INVALID_DATA, "an element of {} is neither 0 nor 1", to_string(shape));
    if (reinterpret_cast<std::uintptr_t>(data) % size_bytes(shape.type) == 0)
        return {std::move(shape), data, std::move(owner)};
    HostArray copy(std::move(shape));
    if (!bytes.empty()) std::memcpy(copy.mutable_data(), data, bytes.size());
    return copy;
}

}  // namespace podium

#include "podium/arrays/dlpack.h"

#include <dlpack/dlpack.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace podium {
namespace {

struct TypeRow {
    DataType type;
    std::uint8_t code;
    std::uint8_t bits;
};
/// What is narrower than a byte is not here: DLPack packs it.
constexpr std::array TYPES{
    TypeRow{DataType::BOOL, kDLBool, 8},
    TypeRow{DataType::INT8, kDLInt, 8},
    TypeRow{DataType::INT16, kDLInt, 16},
    TypeRow{DataType::INT32, kDLInt, 32},
    TypeRow{DataType::INT64, kDLInt, 64},
    TypeRow{DataType::UINT8, kDLUInt, 8},
    TypeRow{DataType::UINT16, kDLUInt, 16},
    TypeRow{DataType::UINT32, kDLUInt, 32},
    TypeRow{DataType::UINT64, kDLUInt, 64},
    TypeRow{DataType::FLOAT8_E3M4, kDLFloat8_e3m4, 8},
    TypeRow{DataType::FLOAT8_E4M3, kDLFloat8_e4m3, 8},
    TypeRow{DataType::FLOAT8_E4M3FN, kDLFloat8_e4m3fn, 8},
    TypeRow{DataType::FLOAT8_E4M3FNUZ, kDLFloat8_e4m3fnuz, 8},
    TypeRow{DataType::FLOAT8_E4M3B11FNUZ, kDLFloat8_e4m3b11fnuz, 8},
    TypeRow{DataType::FLOAT8_E5M2, kDLFloat8_e5m2, 8},
    TypeRow{DataType::FLOAT8_E5M2FNUZ, kDLFloat8_e5m2fnuz, 8},
    TypeRow{DataType::FLOAT8_E8M0FNU, kDLFloat8_e8m0fnu, 8},
    TypeRow{DataType::FLOAT16, kDLFloat, 16},
    TypeRow{DataType::BFLOAT16, kDLBfloat, 16},
    TypeRow{DataType::FLOAT32, kDLFloat, 32},
    TypeRow{DataType::FLOAT64, kDLFloat, 64},
    TypeRow{DataType::COMPLEX64, kDLComplex, 64},
    TypeRow{DataType::COMPLEX128, kDLComplex, 128},
};

DataType type_from(const DLDataType& given) {
    for (const auto& row : TYPES)
        if (row.code == given.code && row.bits == given.bits && given.lanes == 1) return row.type;
    fail(Code::DTYPE_MISMATCH,
         "dlpack: elements of type code {} with {} bits and {} lanes have no data type here; convert them before",
         given.code, given.bits, given.lanes);
}

DLDataType type_to(DataType type) {
    for (const auto& row : TYPES)
        if (row.type == type) return {row.code, row.bits, 1};
    fail(Code::DTYPE_MISMATCH, "dlpack: {} has no DLPack type that is not packed; convert it before", name(type));
}

Dims dims_from(const DLTensor& tensor) {
    constexpr std::int32_t MOST = 64;
    if (tensor.ndim < 0 || tensor.ndim > MOST || (tensor.ndim > 0 && tensor.shape == nullptr))
        fail(Code::INVALID_DATA, "dlpack: {} dimensions{}; there must be 0 to {} with their sizes", tensor.ndim,
             tensor.shape == nullptr ? " without sizes" : "", MOST);
    Dims dims(tensor.shape, tensor.shape + tensor.ndim);
    for (const auto size : dims)
        if (size < 0) fail(Code::INVALID_DATA, "dlpack: sizes {} have one below 0", list(dims));
    return dims;
}

/// True if the elements lie row-major; strides of dimensions with one element say nothing.
bool is_row_major(const DLTensor& tensor, const Dims& dims) {
    if (tensor.strides == nullptr) return true;
    const Dims wanted = row_major_strides(dims);
    for (std::size_t i = 0; i < dims.size(); ++i)
        if (dims[i] > 1 && tensor.strides[i] != wanted[i]) return false;
    return true;
}

/// Returns a row-major copy of strided elements.
HostArray gathered(const DLTensor& tensor, const Shape& shape, const std::byte* first) {
    HostArray copy(shape);
    const auto element = size_bytes(shape.type);
    Dims index(shape.dims.size());
    std::byte* to = copy.mutable_data();
    for (std::int64_t left = shape.count(); left > 0; --left, to += element) {
        std::int64_t offset = 0;
        for (std::size_t i = 0; i < index.size(); ++i) offset += index[i] * tensor.strides[i];
        std::memcpy(to, first + offset * static_cast<std::int64_t>(element), element);
        for (std::size_t i = index.size(); i-- > 0;) {
            if (++index[i] < shape.dims[i]) break;
            index[i] = 0;
        }
    }
    return copy;
}

HostArray array_from(const DLTensor& tensor, const std::shared_ptr<const void>& owner) {
    const auto kind = tensor.device.device_type;
    if (kind != kDLCPU && kind != kDLCUDAHost && kind != kDLROCMHost)
        fail(Code::UNIMPLEMENTED,
             "dlpack: the tensor is on device type {}, and podium takes those in the host's memory (1, 3, 11); copy it "
             "to the CPU before",
             static_cast<int>(kind));
    const Shape shape(type_from(tensor.dtype), dims_from(tensor));
    if (shape.count() == 0) return HostArray(shape);
    if (tensor.data == nullptr) fail(Code::INVALID_DATA, "dlpack: {} has no bytes", to_string(shape));
    const auto* first = static_cast<const std::byte*>(tensor.data) + tensor.byte_offset;
    return is_row_major(tensor, shape.dims) ? HostArray(shape, first, owner) : gathered(tensor, shape, first);
}

/// What a tensor that we give away keeps until its deleter is called.
template <class Managed>
struct Given {
    HostArray array;
    Dims dims, strides;
    Managed managed{};
};

template <class Managed>
Managed* give(const HostArray& array) {
    auto given = std::make_unique<Given<Managed>>();
    given->array = array;
    given->dims = array.shape().dims;
    given->strides = row_major_strides(given->dims);
    given->managed.dl_tensor = {.data = const_cast<std::byte*>(array.data()),
                                .device = {kDLCPU, 0},
                                .ndim = static_cast<std::int32_t>(given->dims.size()),
                                .dtype = type_to(array.type()),
                                .shape = given->dims.data(),
                                .strides = given->strides.data(),
                                .byte_offset = 0};
    given->managed.manager_ctx = given.get();
    given->managed.deleter = [](Managed* done) { delete static_cast<Given<Managed>*>(done->manager_ctx); };
    return &given.release()->managed;
}

}  // namespace

HostArray from_dlpack(const DLManagedTensor& tensor, const std::shared_ptr<const void>& owner) {
    return array_from(tensor.dl_tensor, owner);
}

HostArray from_dlpack(const DLManagedTensorVersioned& tensor, const std::shared_ptr<const void>& owner) {
    if (tensor.version.major != DLPACK_MAJOR_VERSION)  // nothing but the version is known to lie where it does
        fail(Code::UNIMPLEMENTED, "dlpack: version {}.{} came, and podium knows {}.x; ask the library for that",
             tensor.version.major, tensor.version.minor, DLPACK_MAJOR_VERSION);
    return array_from(tensor.dl_tensor, owner);
}

HostArray from_dlpack(DLManagedTensorVersioned* tensor) {
    const std::shared_ptr<const void> owner(static_cast<const void*>(tensor),
                                            [tensor](const void*) { discard(tensor); });
    return from_dlpack(*tensor, owner);
}

DLManagedTensorVersioned* to_dlpack(const HostArray& array, bool read_only) {
    auto* tensor = give<DLManagedTensorVersioned>(array);
    tensor->version = {DLPACK_MAJOR_VERSION, DLPACK_MINOR_VERSION};
    tensor->flags = read_only ? DLPACK_FLAG_BITMASK_READ_ONLY : 0;
    return tensor;
}

DLManagedTensor* to_old_dlpack(const HostArray& array) { return give<DLManagedTensor>(array); }

void discard(DLManagedTensorVersioned* tensor) {
    if (tensor->deleter != nullptr) tensor->deleter(tensor);
}
void discard(DLManagedTensor* tensor) {
    if (tensor->deleter != nullptr) tensor->deleter(tensor);
}

}  // namespace podium

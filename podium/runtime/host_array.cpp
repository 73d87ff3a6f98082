#include "podium/runtime/host_array.h"

#include <cstring>

namespace podium {

HostArray::HostArray(Shape shape) : shape_(std::move(shape)) {
    auto bytes = std::make_shared<std::byte[]>(shape_.size_bytes());
    data_ = bytes.get();
    owner_ = std::move(bytes);
}

HostArray HostArray::uninitialized(Shape shape) {
    HostArray array;
    array.shape_ = std::move(shape);
    auto bytes = std::make_shared_for_overwrite<std::byte[]>(array.shape_.size_bytes());
    array.data_ = bytes.get();
    array.owner_ = std::move(bytes);
    return array;
}

double HostArray::as_double(std::int64_t i) const {
    return with_element_type(type(), [&]<class T>() -> double {
        const T value = reinterpret_cast<const T*>(data_)[i];
        if constexpr (requires { value.bits; })
            return static_cast<double>(static_cast<float>(value));
        else if constexpr (requires { value.value; })
            return static_cast<double>(value.value);
        else if constexpr (requires { value.imag(); })
            fail(Code::DTYPE_MISMATCH, "host array: an element of {} is no real number", to_string(shape_));
        else
            return static_cast<double>(value);
    });
}

Complex128 HostArray::as_complex(std::int64_t i) const {
    if (type() == DataType::COMPLEX64) return Complex128(span<Complex64>()[static_cast<std::size_t>(i)]);
    if (type() == DataType::COMPLEX128) return span<Complex128>()[static_cast<std::size_t>(i)];
    return as_double(i);
}

HostArray HostArray::reshaped(Dims dims) const {
    HostArray view = *this;
    view.shape_ = Shape(type(), std::move(dims));
    if (view.count() != count())
        fail(Code::SHAPE_MISMATCH, "reshaped: {} has {} elements, {} has {}", to_string(shape_), count(),
             to_string(view.shape_), view.count());
    return view;
}

bool HostArray::operator==(const HostArray& other) const {
    return shape_ == other.shape_ && (size_bytes() == 0 || std::memcmp(data_, other.data_, size_bytes()) == 0);
}

void HostArray::expect_type(DataType type) const {
    if (type != shape_.type)
        fail(Code::DTYPE_MISMATCH, "host array: asked for elements of {}, the array is {}", name(type),
             to_string(shape_));
}

void HostArray::expect_count(std::size_t count) const {
    if (static_cast<std::int64_t>(count) != this->count())
        fail(Code::SHAPE_MISMATCH, "host array: {} needs {} values, got {}", to_string(shape_), this->count(), count);
}

}  // namespace podium

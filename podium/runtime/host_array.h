#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "podium/base/error.h"
#include "podium/base/shape.h"

namespace podium {

/// Typed, contiguous, row-major host memory. Copies share the bytes; `mutable_data` is for whoever just made it.
class HostArray {
public:
    /// No elements: f32[0].
    HostArray() = default;
    /// Zeros of that shape.
    explicit HostArray(Shape shape);
    /// Returns an array whose elements are still to be written.
    static HostArray uninitialized(Shape shape);
    /// A view of bytes that `owner` keeps alive (a mapped file, a NumPy array).
    HostArray(Shape shape, const std::byte* data, std::shared_ptr<const void> owner)
        : shape_(std::move(shape)), data_(data), owner_(std::move(owner)) {}

    /// A copy of `values`, which must have as many elements as `dims` says.
    template <class T>
    static HostArray of(Dims dims, std::span<const T> values) {
        HostArray array(Shape(data_type_of<T>, std::move(dims)));
        array.expect_count(values.size());
        std::copy(values.begin(), values.end(), array.mutable_span<T>().begin());
        return array;
    }
    template <class T>
    static HostArray of(Dims dims, const std::vector<T>& values) {
        return of(std::move(dims), std::span<const T>(values));
    }
    template <class T>
    static HostArray scalar(T value) {
        return of<T>({}, std::span<const T>(&value, 1));
    }

    const Shape& shape() const { return shape_; }
    DataType type() const { return shape_.type; }
    std::int64_t count() const { return shape_.count(); }
    std::size_t size_bytes() const { return shape_.size_bytes(); }
    const std::byte* data() const { return data_; }
    std::byte* mutable_data() { return const_cast<std::byte*>(data_); }
    const std::shared_ptr<const void>& owner() const { return owner_; }

    /// Returns the elements; throws DTYPE_MISMATCH unless T is the array's type.
    template <class T>
    std::span<const T> span() const {
        expect_type(data_type_of<T>);
        return {reinterpret_cast<const T*>(data_), static_cast<std::size_t>(count())};
    }
    template <class T>
    std::span<T> mutable_span() {
        expect_type(data_type_of<T>);
        return {reinterpret_cast<T*>(mutable_data()), static_cast<std::size_t>(count())};
    }

    /// Returns element `i` (row-major) as a double; throws DTYPE_MISMATCH for complex numbers.
    double as_double(std::int64_t i) const;
    /// Returns element `i` (row-major), whatever the type.
    Complex128 as_complex(std::int64_t i) const;
    /// Returns the same bytes under another shape of the same size in bytes.
    HostArray reshaped(Dims dims) const;
    /// True if shape and bytes are equal.
    bool operator==(const HostArray& other) const;

private:
    void expect_type(DataType type) const;
    void expect_count(std::size_t count) const;

    Shape shape_{DataType::FLOAT32, {0}};
    const std::byte* data_ = nullptr;
    std::shared_ptr<const void> owner_;
};

}  // namespace podium

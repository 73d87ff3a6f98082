#pragma once

#include <string>

#include "podium/base/tree.h"
#include "podium/runtime/host_array.h"

namespace podium::test {

/// Returns an array of that shape whose elements differ by position and by `seed`; all exact in every type, bools 0
/// or 1.
inline HostArray sample_array(const Shape& shape, int seed = 0) {
    HostArray array(shape);
    with_element_type(shape.type, [&]<class T>() {
        int i = seed;
        for (T& element : array.mutable_span<T>())
            if constexpr (std::is_same_v<T, bool>)
                element = i++ % 3 == 0;
            else if constexpr (requires { element.bits; })
                element = T(static_cast<float>(i++ % 100));
            else if constexpr (requires { element.value; })
                element = T(std::int64_t{i++ % 100});
            else if constexpr (requires { element.imag(); })
                element = T(static_cast<decltype(element.real())>(i++ % 100), -1);
            else
                element = static_cast<T>(i++ % 100);
    });
    return array;
}

/// True for the types that both safetensors and npy have a name for.
inline bool has_file_name(DataType type) {
    return type == DataType::BOOL || type == DataType::COMPLEX64 || (size_bits(type) >= 8 && is_integer(type)) ||
           (is_float(type) && size_bits(type) > 8);
}

/// Returns one tensor of each data type that files know, "all.f32" and so on, a scalar, and two empty ones, in an order
/// that is not sorted.
inline BasicTree<HostArray> sample_tree(int seed = 0) {
    TreeBuilder<HostArray> tree;
    tree.add("z.empty", sample_array({DataType::FLOAT32, {0, 4}}));
    tree.add("a.empty", sample_array({DataType::UINT8, {0}}));
    for (std::size_t i = DATA_TYPE_COUNT; i-- > 0;) {
        const auto type = static_cast<DataType>(i);
        if (!has_file_name(type)) continue;
        tree.add("all." + std::string(name(type)), sample_array({type, {2, 3, 5}}, seed));
    }
    tree.add("scalar", HostArray::scalar(static_cast<double>(seed)));
    return tree.build();
}

/// True if names, their order, shapes and bytes are equal.
inline bool equal(const BasicTree<HostArray>& left, const BasicTree<HostArray>& right) {
    return *left.paths() == *right.paths() && left.leaves() == right.leaves();
}

}  // namespace podium::test

#pragma once

#include <nanobind/nanobind.h>
#include <podium/podium.h>

#include <optional>

namespace podium::python {

/// Returns the tensor that a Python object is or podium.asarray makes of it; nothing for what no array is made of.
std::optional<Tensor> tensor_from(nanobind::handle object);
/// Returns the operand that a Python number is: it takes the other operand's type. Nothing for other objects.
std::optional<Operand> number_from(nanobind::handle object, const Location& line);
/// Returns the data type that a number of the enumeration, or podium._dtypes, says; nothing for other objects.
std::optional<DataType> data_type_from(nanobind::handle object);
/// Returns NumPy's data type, a new reference.
nanobind::object numpy_type(DataType type);
Location user_line();

}  // namespace podium::python

namespace nanobind::detail {

/// A tensor, a number, or anything that podium.asarray takes; carries the user's line of Python.
template <>
struct type_caster<podium::Operand> {
    static constexpr auto Name = const_name("Tensor | complex");
    template <class>
    using Cast = podium::Operand;
    template <class>
    static constexpr bool can_cast() {
        return true;
    }
    bool from_python(handle source, uint32_t, cleanup_list*) noexcept {
        try {
            const podium::Location line = podium::python::user_line();
            value_ = podium::python::number_from(source, line);
            if (value_) return true;
            tensor_ = podium::python::tensor_from(source);
            if (tensor_) value_.emplace(*tensor_, line);
            return value_.has_value();
        } catch (const std::exception&) {
            return false;
        }
    }
    explicit operator podium::Operand() { return *value_; }

private:
    std::optional<podium::Tensor> tensor_;
    std::optional<podium::Operand> value_;
};

/// NumPy's data types in Python.
template <>
struct type_caster<podium::DataType> {
    NB_TYPE_CASTER(podium::DataType, const_name("numpy.dtype"))
    bool from_python(handle source, uint32_t, cleanup_list*) noexcept {
        try {
            const auto type = podium::python::data_type_from(source);
            if (type) value = *type;
            return type.has_value();
        } catch (const std::exception&) {
            return false;
        }
    }
    static handle from_cpp(podium::DataType type, rv_policy, cleanup_list*) {
        return podium::python::numpy_type(type).release();
    }
};

/// Keys are u32[2] in Python.
template <>
struct type_caster<podium::Key> {
    using TensorCaster = make_caster<podium::Tensor>;
    NB_TYPE_CASTER(podium::Key, const_name("Tensor"))
    bool from_python(handle source, uint32_t flags, cleanup_list* cleanup) noexcept {
        TensorCaster tensor;
        if (!tensor.from_python(source, flags, cleanup) || !tensor.template can_cast<podium::Tensor&>()) return false;
        value = podium::Key{static_cast<podium::Tensor&>(tensor)};
        return true;
    }
    static handle from_cpp(const podium::Key& key, rv_policy, cleanup_list* cleanup) {
        return TensorCaster::from_cpp(key.data, rv_policy::move, cleanup);
    }
};

/// Named leaves are a dict of str to Tensor in Python, in its order.
template <>
struct type_caster<podium::Tree> {
    using TensorCaster = make_caster<podium::Tensor>;
    NB_TYPE_CASTER(podium::Tree, const_name("dict[str, Tensor]"))
    bool from_python(handle source, uint32_t flags, cleanup_list* cleanup) noexcept {
        if (!PyDict_Check(source.ptr())) return false;
        try {
            podium::TreeBuilder<podium::Tensor> tree;
            for (const auto [name, leaf] : borrow<dict>(source)) {
                TensorCaster tensor;
                if (!isinstance<str>(name) || !tensor.from_python(leaf, flags, cleanup) ||
                    !tensor.template can_cast<podium::Tensor&>())
                    return false;
                tree.add(borrow<str>(name).c_str(), static_cast<podium::Tensor&>(tensor));
            }
            value = tree.build();
            return true;
        } catch (const std::exception&) {
            return false;
        }
    }
    static handle from_cpp(const podium::Tree& tree, rv_policy, cleanup_list* cleanup) {
        dict leaves;
        for (std::size_t i = 0; i < tree.size(); ++i)
            leaves[tree.path(i).c_str()] = steal(TensorCaster::from_cpp(tree.leaves()[i], rv_policy::copy, cleanup));
        return leaves.release();
    }
};

}  // namespace nanobind::detail

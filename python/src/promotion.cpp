#include "promotion.h"

namespace podium::python {
namespace {

constexpr DataType DEFAULT_INTEGER = DataType::INT64, DEFAULT_FLOAT = DataType::FLOAT32,
                   DEFAULT_COMPLEX = DataType::COMPLEX64;

enum class Weak { NONE, BOOL, INTEGER, FLOAT, COMPLEX };

Weak weak(nb::handle object) {
    if (PyBool_Check(object.ptr())) return Weak::BOOL;
    if (PyLong_Check(object.ptr())) return Weak::INTEGER;
    if (PyFloat_CheckExact(object.ptr())) return Weak::FLOAT;
    if (PyComplex_CheckExact(object.ptr())) return Weak::COMPLEX;
    return Weak::NONE;
}

/// Returns the type of a Python number beside a tensor of `type`, or alone.
DataType with_weak(std::optional<DataType> type, Weak kind) {
    const bool number = type && *type != DataType::BOOL;
    switch (kind) {
        case Weak::NONE: return *type;
        case Weak::BOOL: return type.value_or(DataType::BOOL);
        case Weak::INTEGER: return number ? *type : DEFAULT_INTEGER;
        case Weak::FLOAT: return number && is_inexact(*type) ? *type : DEFAULT_FLOAT;
        case Weak::COMPLEX:
            if (number && is_complex(*type)) return *type;
            return type == DataType::FLOAT64 ? DataType::COMPLEX128 : DEFAULT_COMPLEX;
    }
    return *type;
}

/// Returns Python's number as a constant of the type.
Tensor scalar(nb::handle number, DataType type, const Location& line) {
    if (is_complex(type)) {
        const Py_complex value = PyComplex_AsCComplex(number.ptr());
        if (type == DataType::COMPLEX128) return constant(HostArray::scalar(Complex128(value.real, value.imag)), line);
        return constant(HostArray::scalar(Complex64(static_cast<float>(value.real), static_cast<float>(value.imag))),
                        line);
    }
    if (type == DataType::UINT64 && PyLong_Check(number.ptr())) {
        const auto value = PyLong_AsUnsignedLongLong(number.ptr());
        if (PyErr_Occurred() != nullptr) throw nb::python_error();
        return constant(HostArray::scalar(std::uint64_t{value}), line);
    }
    const auto operand = number_from(number, line);
    if (!operand) throw nb::type_error("a number does not fit 64 bits");
    return scalar_of(type, *operand);
}

DataType wider(DataType a, DataType b) { return size_bits(a) >= size_bits(b) ? a : b; }

[[noreturn]] void fail_mixed(DataType a, DataType b) {
    fail(Code::DTYPE_MISMATCH, "nothing holds both {} and {}; convert one of them with astype", name(a), name(b));
}

DataType integers(DataType a, DataType b) {
    if (is_unsigned(a) == is_unsigned(b)) return wider(a, b);
    const DataType with_sign = is_unsigned(a) ? b : a, without = is_unsigned(a) ? a : b;
    if (size_bits(with_sign) > size_bits(without)) return with_sign;
    for (const auto type : {DataType::INT4, DataType::INT8, DataType::INT16, DataType::INT32, DataType::INT64})
        if (size_bits(type) > size_bits(without)) return type;
    fail_mixed(a, b);
}

DataType floats(DataType a, DataType b) {
    if (size_bits(a) != size_bits(b)) return wider(a, b);
    if (size_bits(a) == 16) return DataType::FLOAT32;  // f16 and bf16
    fail_mixed(a, b);
}

}  // namespace

std::optional<Operand> number_from(nb::handle object, const Location& line) {
    switch (weak(object)) {
        case Weak::BOOL: return Operand(object.is(nb::handle(Py_True)), line);
        case Weak::INTEGER: {
            const long long value = PyLong_AsLongLong(object.ptr());
            if (value == -1 && PyErr_Occurred() != nullptr) {
                PyErr_Clear();
                return {};
            }
            return Operand(std::int64_t{value}, line);
        }
        case Weak::FLOAT: return Operand(PyFloat_AS_DOUBLE(object.ptr()), line);
        default: return {};
    }
}

DataType promoted(DataType a, DataType b) {
    if (a == b || b == DataType::BOOL) return a;
    if (a == DataType::BOOL) return b;
    if (is_complex(a) || is_complex(b)) {
        const DataType part = promoted(part_type(a), part_type(b));
        return *complex_type(is_float(part) && size_bits(part) > 32 ? part : DataType::FLOAT32);
    }
    if (is_float(a) && is_float(b)) return floats(a, b);
    if (is_float(a)) return a;
    if (is_float(b)) return b;
    return integers(a, b);
}

Tensors promoted(std::span<const nb::handle> operands, const Op& row) {
    const std::size_t first = row.condition ? 1 : 0;
    std::vector<std::optional<Tensor>> tensors(operands.size());
    std::optional<DataType> type;
    std::vector<Weak> kinds;
    for (std::size_t i = 0; i < operands.size(); ++i) {
        kinds.push_back(weak(operands[i]));
        if (kinds[i] != Weak::NONE) continue;
        tensors[i] = tensor_from(operands[i]);
        if (!tensors[i])
            throw nb::type_error((std::string(row.name) + ": an operand is a " + Py_TYPE(operands[i].ptr())->tp_name +
                                  "; give tensors, arrays or numbers")
                                     .c_str());
        if (i >= first) type = type ? promoted(*type, tensors[i]->type()) : tensors[i]->type();
    }
    for (std::size_t i = first; i < operands.size(); ++i) type = with_weak(type, kinds[i]);
    if (type && !takes(row.types, *type) && !is_inexact(*type) && takes(row.types, DEFAULT_FLOAT)) type = DEFAULT_FLOAT;
    const Location line = user_line();
    Tensors result;
    for (std::size_t i = 0; i < operands.size(); ++i) {
        const DataType wanted = i < first ? DataType::BOOL : *type;
        if (!tensors[i])
            result.push_back(scalar(operands[i], wanted, line));
        else
            result.push_back(tensors[i]->type() == wanted ? *tensors[i] : convert(Operand(*tensors[i], line), wanted));
    }
    return result;
}

}  // namespace podium::python

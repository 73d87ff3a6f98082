#pragma once

#include "podium/ir/op.h"

namespace podium::proof {

/// Against what the units in the last place of an allowance are measured.
enum class Scale {
    ELEMENT,   ///< the expected element itself
    ONE,       ///< the element, or 1 where it is less: of functions that are sums of terms of that size
    GREATEST,  ///< the greatest element of the result: of sums over many elements
};

/// How far from the reference a row's results may be, in units in the last place (ULP) of their type. Rows without one
/// are exact.
struct Allowance {
    const Op* op = nullptr;
    double wide = 0;     ///< f64
    double single = 0;   ///< f32
    double narrow = 0;   ///< what has at most 16 bits
    double complex = 0;  ///< c64 and c128, of the greater part
    Scale scale = Scale::ELEMENT;
    std::string_view why = {};
};
/// Returns a row's allowance; its `op` is null where there is none.
Allowance allowance_of(const Op& op);

/// True for rows that sum or clamp: which sign a zero has depends on the order, and on which of equal bounds is taken.
bool forgets_signs_of_zeros(const Op& op);

/// What is let pass when results are compared.
struct Tolerance {
    Allowance allowance;
    bool zeros_are_equal = false;
};
Tolerance tolerance_of(const Op& op);

}  // namespace podium::proof

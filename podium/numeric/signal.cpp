#include "podium/numeric/signal.h"

namespace podium {
namespace {

/// Returns the products of the shorter vector `y` with each stretch of `x`, summed.
Tensor slid(const Tensor& x, const Tensor& y, Overlap overlap) {
    const auto size = y.dim(0);
    ConvolutionOptions options{.dimensions = ConvolutionDimensions::channels_first(1)};
    switch (overlap) {
        case Overlap::FULL: options.low = options.high = {size - 1}; break;
        case Overlap::SAME: options.low = {size / 2}, options.high = {size - size / 2 - 1}; break;
        case Overlap::VALID: break;
    }
    const Tensor found = convolution(reshape(x, {1, 1, -1}), reshape(y, {1, 1, -1}), options);
    return reshape(found, {-1});
}

void expect_vectors(std::string_view op, const Operand& x, const Operand& y) {
    for (const Tensor* vector : {&x.tensor(), &y.tensor()})
        if (vector->rank() != 1 || vector->dim(0) == 0)
            fail_at(Code::SHAPE_MISMATCH, x.location(),
                    fmt::format("{}: takes vectors that are not empty, got {} and {}", op,
                                to_string(x.tensor().shape()), to_string(y.tensor().shape())));
}

}  // namespace

Tensor convolve(const Operand& x, const Operand& y, Overlap overlap) {
    const LocationScope scope(x.location());
    expect_vectors("convolve", x, y);
    const bool longer = x.tensor().dim(0) >= y.tensor().dim(0);
    const Tensor& shorter = longer ? y.tensor() : x.tensor();
    return slid(longer ? x.tensor() : y.tensor(), reverse(shorter, {0}), overlap);
}

Tensor correlate(const Operand& x, const Operand& y, Overlap overlap) {
    const LocationScope scope(x.location());
    expect_vectors("correlate", x, y);
    if (x.tensor().dim(0) >= y.tensor().dim(0)) return slid(x.tensor(), conj(y), overlap);
    return reverse(slid(conj(y), x.tensor(), overlap), {0});
}

}  // namespace podium

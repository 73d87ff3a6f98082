#pragma once

#include <optional>

#include "podium/ir/ops.h"

namespace podium {

/// Which direction divides by the number of elements: the inverse one, both by its square root, or the forward one.
enum class FourierNorm { BACKWARD, ORTHO, FORWARD };

/// Of a transform along one axis. `length` is the transformed signal's: what is longer is cut, what is shorter padded
/// with zeros.
struct FourierOptions {
    std::optional<std::int64_t> length = {};
    std::int64_t axis = -1;
    FourierNorm norm = FourierNorm::BACKWARD;
};
/// Of a transform along several axes, one after another. `lengths` has one number an axis; no axes given means as many
/// of the last ones as there are lengths, or all.
struct FourierManyOptions {
    Dims lengths = {}, axes = {};
    FourierNorm norm = FourierNorm::BACKWARD;
};

/// Returns the discrete Fourier transform and its inverse: complex. x: complex, or f32 and f64, which are taken as
/// complex. All functions of this file throw SHAPE_MISMATCH where an axis is not there. Source: numpy.fft.
Tensor fft(const Operand& x, const FourierOptions& options = {});
Tensor ifft(const Operand& x, const FourierOptions& options = {});
/// Returns the first n / 2 + 1 elements of the transform of real numbers: the others are their conjugates.
Tensor rfft(const Operand& x, const FourierOptions& options = {});
/// Returns the real numbers that rfft takes to `x`; 2 (m − 1) of them for m elements where no length is given.
Tensor irfft(const Operand& x, const FourierOptions& options = {});
/// Returns the real transform of what is its own conjugate backwards, given by its first half; and the inverse.
Tensor hfft(const Operand& x, const FourierOptions& options = {});
Tensor ihfft(const Operand& x, const FourierOptions& options = {});

/// The same along several axes; rfftn halves the last of them.
Tensor fftn(const Operand& x, const FourierManyOptions& options = {});
Tensor ifftn(const Operand& x, const FourierManyOptions& options = {});
Tensor rfftn(const Operand& x, const FourierManyOptions& options = {});
Tensor irfftn(const Operand& x, const FourierManyOptions& options = {});
/// The same along the last two axes, unless others are given.
Tensor fft2(const Operand& x, FourierManyOptions options = {});
Tensor ifft2(const Operand& x, FourierManyOptions options = {});
Tensor rfft2(const Operand& x, FourierManyOptions options = {});
Tensor irfft2(const Operand& x, FourierManyOptions options = {});

/// Returns the frequencies of fft's and rfft's `count` elements, in cycles a unit of `spacing`, the time between two
/// elements of the signal: 0, 1, …, −2, −1 over count · spacing.
Tensor fftfreq(std::int64_t count, double spacing = 1.0, DataType type = DataType::FLOAT32,
               Location location = std::source_location::current());
Tensor rfftfreq(std::int64_t count, double spacing = 1.0, DataType type = DataType::FLOAT32,
                Location location = std::source_location::current());
/// Returns `x` with frequency 0 moved to the middle of `axes` (none given: all), and moved back.
Tensor fftshift(const Operand& x, const Dims& axes = {});
Tensor ifftshift(const Operand& x, const Dims& axes = {});

}  // namespace podium

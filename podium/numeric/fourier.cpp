#include "podium/numeric/fourier.h"

#include <cmath>

#include "podium/numeric/arrangement.h"

namespace podium {
namespace {

constexpr std::size_t AXES_AT_ONCE = 3;  // that the row takes

/// Returns `x` with `size` elements along `axis`: cut, or padded with zeros.
Tensor resized(const Tensor& x, std::int64_t axis, std::int64_t size) {
    if (x.dim(axis) >= size) return x.dim(axis) == size ? x : slice_axis(x, axis, 0, size);
    Dims high(x.dims().size(), 0);
    high[static_cast<std::size_t>(axis)] = size - x.dim(axis);
    return pad(x, zeros({}, x.type()), Dims(high.size(), 0), high);
}

/// Returns the row's transform along `axes`, at most three, wherever they are.
Tensor transformed(const Tensor& x, FftType type, const Dims& lengths, const Dims& axes) {
    Dims there = complement(axes, x.rank());
    there.insert(there.end(), axes.begin(), axes.end());
    Dims back(there.size());
    for (std::size_t i = 0; i < there.size(); ++i)
        back[static_cast<std::size_t>(there[i])] = static_cast<std::int64_t>(i);
    if (there == back && there == complement({}, x.rank())) return fft(x, type, lengths);
    return transpose(fft(transpose(x, there), type, lengths), back);
}

double scale_of(FourierNorm norm, bool inverse, const Dims& lengths) {
    double count = 1;
    for (const auto length : lengths) count *= static_cast<double>(length);
    if (inverse) return norm == FourierNorm::BACKWARD ? 1 : norm == FourierNorm::ORTHO ? std::sqrt(count) : count;
    return norm == FourierNorm::BACKWARD ? 1 : norm == FourierNorm::ORTHO ? 1 / std::sqrt(count) : 1 / count;
}

/// Returns axes counted from the front; those not given are the last as many as there are lengths, or all.
Dims axes_of(std::string_view op, const Operand& x, const FourierManyOptions& options) {
    const auto rank = x.tensor().rank();
    Dims axes = options.axes;
    if (axes.empty()) {
        const auto count = options.lengths.empty() ? rank : static_cast<std::int64_t>(options.lengths.size());
        for (std::int64_t i = 0; i < count; ++i) axes.push_back(i - count);
    }
    if (axes.empty() || (!options.lengths.empty() && options.lengths.size() != axes.size()))
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("{}: axes [{}] of {} and lengths [{}]; give one axis at least, and as many lengths as axes "
                            "or none",
                            op, join(axes), to_string(x.tensor().shape()), join(options.lengths)));
    for (auto& axis : axes) {
        axis = normalize_axis(op, axis, rank, x.location());
        if (std::count(axes.begin(), axes.end(), axis) > 1)
            fail_at(Code::INVALID_ARGUMENT, x.location(),
                    fmt::format("{}: axis {} is there twice; transform twice instead", op, axis));
    }
    return axes;
}

Tensor transform_many(std::string_view op, const Operand& x, FftType type, const FourierManyOptions& options) {
    const LocationScope scope(x.location());
    const bool inverse = type == FftType::IFFT || type == FftType::IRFFT;
    const Dims axes = axes_of(op, x, options);
    Tensor result = x.tensor();
    if (type == FftType::RFFT ? is_complex(result.type()) : !complex_type(part_type(result.type())))
        fail_at(Code::DTYPE_MISMATCH, x.location(),
                fmt::format("{}: takes {}, got {}", op, type == FftType::RFFT ? "f32 and f64" : "c64, c128, f32, f64",
                            to_string(result.shape())));
    if (type != FftType::RFFT && !is_complex(result.type())) result = complex(result, zeros_like(result));
    Dims lengths = options.lengths;
    if (lengths.empty())
        for (const auto axis : axes)
            lengths.push_back(type == FftType::IRFFT && axis == axes.back() ? 2 * (result.dim(axis) - 1)
                                                                            : result.dim(axis));
    for (std::size_t i = 0; i < axes.size(); ++i) {
        if (lengths[i] < 1)
            fail_at(Code::SHAPE_MISMATCH, x.location(),
                    fmt::format("{}: {} has {} elements along dimension {}; a signal has 1 at least", op,
                                to_string(x.tensor().shape()), lengths[i], axes[i]));
        const bool halved = type == FftType::IRFFT && i + 1 == axes.size();
        result = resized(result, axes[i], halved ? lengths[i] / 2 + 1 : lengths[i]);
    }
    // The halved axis is in the last group; it comes first from real numbers and last to them.
    const auto first = axes.size() - std::min(axes.size(), AXES_AT_ONCE);
    const auto group = [&](std::size_t from, std::size_t to, FftType kind) {
        const auto part = [&](const Dims& all) {
            return Dims(all.begin() + static_cast<std::ptrdiff_t>(from), all.begin() + static_cast<std::ptrdiff_t>(to));
        };
        result = transformed(result, kind, part(lengths), part(axes));
    };
    if (!inverse) group(first, axes.size(), type);
    for (auto end = first; end > 0; end -= std::min(end, AXES_AT_ONCE))
        group(end - std::min(end, AXES_AT_ONCE), end, inverse ? FftType::IFFT : FftType::FFT);
    if (inverse) group(first, axes.size(), type);
    const double scale = scale_of(options.norm, inverse, lengths);
    return scale == 1.0 ? result : result * scale;
}

FourierManyOptions along_one(const FourierOptions& options) {
    return {.lengths = options.length ? Dims{*options.length} : Dims{}, .axes = {options.axis}, .norm = options.norm};
}

/// hfft is an inverse transform that is called forward.
FourierOptions swapped_norm(FourierOptions options) {
    if (options.norm != FourierNorm::ORTHO)
        options.norm = options.norm == FourierNorm::FORWARD ? FourierNorm::BACKWARD : FourierNorm::FORWARD;
    return options;
}

Tensor transform_two(std::string_view op, const Operand& x, FftType type, FourierManyOptions& options) {
    if (options.axes.empty()) options.axes = {-2, -1};
    return transform_many(op, x, type, options);
}

void expect_frequencies(std::string_view op, std::int64_t count, const Location& location) {
    if (count < 1)
        fail_at(Code::INVALID_ARGUMENT, location,
                fmt::format("{}: a signal has 1 element at least, got {}", op, count));
}

Tensor shifted(std::string_view op, const Operand& x, Dims axes, bool back) {
    const LocationScope scope(x.location());
    if (axes.empty()) axes = complement({}, x.tensor().rank());
    Dims shifts;
    for (const auto axis : axes) {
        const auto size = x.tensor().dim(normalize_axis(op, axis, x.tensor().rank(), x.location()));
        shifts.push_back(back ? -(size / 2) : size / 2);
    }
    return roll(x, shifts, axes);
}

}  // namespace

Tensor fft(const Operand& x, const FourierOptions& options) {
    return transform_many("fft", x, FftType::FFT, along_one(options));
}
Tensor ifft(const Operand& x, const FourierOptions& options) {
    return transform_many("ifft", x, FftType::IFFT, along_one(options));
}
Tensor rfft(const Operand& x, const FourierOptions& options) {
    return transform_many("rfft", x, FftType::RFFT, along_one(options));
}
Tensor irfft(const Operand& x, const FourierOptions& options) {
    return transform_many("irfft", x, FftType::IRFFT, along_one(options));
}
Tensor hfft(const Operand& x, const FourierOptions& options) {
    const LocationScope scope(x.location());
    return irfft(conj(x), swapped_norm(options));
}
Tensor ihfft(const Operand& x, const FourierOptions& options) {
    const LocationScope scope(x.location());
    return conj(rfft(x, swapped_norm(options)));
}

Tensor fftn(const Operand& x, const FourierManyOptions& options) {
    return transform_many("fftn", x, FftType::FFT, options);
}
Tensor ifftn(const Operand& x, const FourierManyOptions& options) {
    return transform_many("ifftn", x, FftType::IFFT, options);
}
Tensor rfftn(const Operand& x, const FourierManyOptions& options) {
    return transform_many("rfftn", x, FftType::RFFT, options);
}
Tensor irfftn(const Operand& x, const FourierManyOptions& options) {
    return transform_many("irfftn", x, FftType::IRFFT, options);
}
Tensor fft2(const Operand& x, FourierManyOptions options) { return transform_two("fft2", x, FftType::FFT, options); }
Tensor ifft2(const Operand& x, FourierManyOptions options) { return transform_two("ifft2", x, FftType::IFFT, options); }
Tensor rfft2(const Operand& x, FourierManyOptions options) { return transform_two("rfft2", x, FftType::RFFT, options); }
Tensor irfft2(const Operand& x, FourierManyOptions options) {
    return transform_two("irfft2", x, FftType::IRFFT, options);
}

Tensor fftfreq(std::int64_t count, double spacing, DataType type, Location location) {
    const LocationScope scope(location);
    expect_frequencies("fftfreq", count, location);
    const Tensor index = arange(count);
    const Tensor turned = select(less(index, (count + 1) / 2), index, index - count);
    return convert(turned, type) / (static_cast<double>(count) * spacing);
}

Tensor rfftfreq(std::int64_t count, double spacing, DataType type, Location location) {
    const LocationScope scope(location);
    expect_frequencies("rfftfreq", count, location);
    return arange(count / 2 + 1, type) / (static_cast<double>(count) * spacing);
}

Tensor fftshift(const Operand& x, const Dims& axes) { return shifted("fftshift", x, axes, false); }
Tensor ifftshift(const Operand& x, const Dims& axes) { return shifted("ifftshift", x, axes, true); }

}  // namespace podium

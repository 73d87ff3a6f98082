#include <cmath>

#include "podium/numeric/numeric.h"
#include "podium/onnx/arithmetic.h"
#include "podium/onnx/node_rows.h"

namespace podium::onnx {
namespace {

/// Returns complex numbers, of f64 parts as the reference has them, of [..., 1], their real parts, or of [..., 2].
Tensor complex_of(const Call& call, const Tensor& x) {
    const Tensor wide = convert(x, DataType::FLOAT64);
    const Tensor real_part = squeeze(slice_axis(wide, -1, 0, 1), -1);
    if (x.dim(-1) == 1) return complex(real_part, zeros_like(real_part));
    if (x.dim(-1) != 2) call.refuse("its last dimension is neither 1 nor 2");
    return complex(real_part, squeeze(slice_axis(wide, -1, 1, 2), -1));
}
Tensor parts_of(const Tensor& x) { return stack({real(x), imag(x)}, x.rank()); }

Tensors dft(const Call& call) {
    const Tensor& x = call.in(0);
    const bool by_input = call.opset() >= 20;
    auto axis = by_input ? (call.has(2) ? call.integers(2)[0] : -2) : call.integer("axis", 1);
    axis = axis_of(call, axis, x.rank());
    if (axis == x.rank() - 1) call.refuse("its axis is that of the numbers' parts");
    const bool one_sided = call.flag("onesided"), inverse = call.flag("inverse");
    const auto usual = inverse && one_sided ? 2 * (x.dim(axis) - 1) : x.dim(axis);
    const FourierOptions options{.length = call.has(1) ? call.integers(1)[0] : usual, .axis = axis};
    const Tensor numbers = complex_of(call, x);
    if (inverse && one_sided) return {convert(expand_dims(irfft(numbers, options), -1), x.type())};
    if (inverse) return {convert(parts_of(ifft(numbers, options)), x.type())};
    Tensor result = fft(numbers, options);
    if (one_sided) result = slice_axis(result, axis, 0, result.dim(axis) / 2 + 1);
    return {convert(parts_of(result), x.type())};
}

Tensors stft(const Call& call) {
    const Tensor& x = call.in(0);  // [batch, length, 1 or 2]
    const auto step = call.integers(1)[0];
    const auto size = call.has(3) ? call.integers(3)[0] : call.has(2) ? call.in(2).dim(0) : x.dim(1);
    if (x.rank() != 3 || step <= 0 || size <= 0 || size > x.dim(1)) call.refuse("its frames do not fit the signal");
    const auto frames = 1 + (x.dim(1) - size) / step;
    const Tensor place = iota({frames, size}, 0) * static_cast<std::int32_t>(step) + iota({frames, size}, 1);
    Tensor pieces = complex_of(call, take(x, place, 1));  // [batch, frames, size]
    if (call.has(2)) {
        const Tensor window = convert(call.in(2), part_type(pieces.type()));
        pieces = pieces * complex(window, zeros_like(window));
    }
    Tensor result = fft(pieces, FourierOptions{});
    if (call.flag("onesided", true)) result = slice_axis(result, 2, 0, size / 2 + 1);
    return {convert(parts_of(result), x.type())};
}

/// Triangles over the bins of a spectrum that are equally wide in mel.
Tensors mel_weight_matrix(const Call& call) {
    const auto bins = call.integers(std::size_t{0})[0], length = call.integers(1)[0], rate = call.integers(2)[0];
    const double low = call.reals(3)[0], high = call.reals(4)[0];
    const auto mel = [](double hertz) { return 2595 * std::log10(1 + hertz / 700); };
    const auto rows = length / 2 + 1;
    constexpr std::int64_t LIMIT = 1 << 20;
    if (bins <= 0 || bins > LIMIT || rows <= 0 || rows > LIMIT || rate <= 0) call.refuse("a size is out of range");
    const double width = (mel(high) - mel(low)) / static_cast<double>(bins + 2);
    const auto edge = [&](std::int64_t i) {
        const double hertz = 700 * (std::pow(10.0, (static_cast<double>(i) * width + mel(low)) / 2595) - 1);
        return static_cast<std::int64_t>(
            std::floor(static_cast<double>(length + 1) * hertz / static_cast<double>(rate)));
    };
    HostArray matrix(Shape(DataType::FLOAT64, {rows, bins}));
    const auto values = matrix.mutable_span<double>();
    const auto set = [&](std::int64_t row, std::int64_t bin, double value) {
        if (row >= 0 && row < rows) values[static_cast<std::size_t>(row * bins + bin)] = value;
    };
    for (std::int64_t i = 0; i < bins; ++i) {
        const auto left = edge(i), centre = edge(i + 1), right = edge(i + 2);
        if (left == centre) set(centre, i, 1);
        for (auto j = left; j <= centre && left < centre; ++j)
            set(j, i, static_cast<double>(j - left) / static_cast<double>(centre - left));
        for (auto j = centre; j < right; ++j)
            set(j, i, static_cast<double>(right - j) / static_cast<double>(right - centre));
    }
    const auto type = data_type_numbered(call.integer("output_datatype", 1));
    if (!type) call.refuse("output_datatype is the number of no type of numbers");
    return {convert(constant(matrix), *type)};
}

constexpr NodeRow SIGNAL_ROWS[] = {
    {"", "DFT", 1, dft},
    {"", "MelWeightMatrix", 1, mel_weight_matrix},
    {"", "STFT", 1, stft},
};

}  // namespace

std::span<const NodeRow> signal_rows() { return SIGNAL_ROWS; }

}  // namespace podium::onnx

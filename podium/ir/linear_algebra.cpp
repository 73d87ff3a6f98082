#include "podium/ir/linear_algebra.h"

#include <cmath>
#include <numbers>

#include "podium/ir/batching.h"
#include "podium/ir/contraction.h"
#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/movement.h"
#include "podium/ir/number.h"
#include "podium/ir/reduction.h"
#include "podium/ir/slicing.h"

namespace podium {
namespace {

enum : std::size_t { LEFT_SIDE, LOWER, UNIT_DIAGONAL, TRANSPOSE_A };
enum : std::size_t { FFT_TYPE, FFT_LENGTH };

constexpr std::array<std::string_view, 3> TRANSPOSES{"NO_TRANSPOSE", "TRANSPOSE", "ADJOINT"};
constexpr std::array<std::string_view, 4> FFT_TYPES{"FFT", "IFFT", "RFFT", "IRFFT"};

/// Calls `f(first)` with the flat position of the first element of each matrix of `size` elements.
template <class F>
void for_each_matrix(const HostArray& array, std::int64_t size, F f) {
    if (size == 0) return;
    for (std::int64_t first = 0; first < array.count(); first += size) f(first);
}

Complex128 conjugate_if(bool conjugates, Complex128 z) { return conjugates ? std::conj(z) : z; }

std::vector<HostArray> evaluate_cholesky(const Evaluation& e) {
    const HostArray& a = e.operands[0];
    const bool lower = e.node.integer(0) != 0, real = !is_complex(a.type());
    const auto n = a.shape().dims.back();
    HostArray result(e.node.shape);
    for_each_matrix(a, n * n, [&](std::int64_t first) {
        std::vector<Complex128> l(static_cast<std::size_t>(n * n));
        const auto at = [&](std::int64_t i, std::int64_t j) -> Complex128& {
            return l[static_cast<std::size_t>(i * n + j)];
        };
        for (std::int64_t j = 0; j < n; ++j)
            for (std::int64_t i = j; i < n; ++i) {
                const Complex128 given =
                    lower ? a.as_complex(first + i * n + j) : std::conj(a.as_complex(first + j * n + i));
                Complex128 sum = given;
                for (std::int64_t k = 0; k < j; ++k) sum -= at(i, k) * std::conj(at(j, k));
                at(i, j) = i == j ? Complex128(std::sqrt(sum.real())) : sum / at(j, j);
            }
        bool whole = true;
        for (const auto& value : l) whole = whole && !std::isnan(value.real());
        for (std::int64_t i = 0; i < n; ++i)
            for (std::int64_t j = 0; j < n; ++j) {
                const bool inside = lower ? j <= i : i <= j;
                const Complex128 value = !whole   ? Complex128(std::nan(""))
                                         : inside ? (lower ? at(i, j) : std::conj(at(j, i)))
                                                  : Complex128();
                store(result, first + i * n + j, real ? Number(value.real()) : Number(value));
            }
    });
    return {result};
}

std::vector<HostArray> evaluate_triangular_solve(const Evaluation& e) {
    const HostArray &a = e.operands[0], &b = e.operands[1];
    const auto& flags = e.node.attributes[0];
    const bool left = flags[LEFT_SIDE] != 0, real = !is_complex(a.type());
    const auto n = a.shape().dims.back(), rows = b.shape().dims[b.shape().dims.size() - 2],
               columns = b.shape().dims.back();
    const auto transposed = flags[TRANSPOSE_A] != 0, conjugated = flags[TRANSPOSE_A] == 2;
    HostArray result(e.node.shape);
    std::int64_t matrix = 0;
    for_each_matrix(b, rows * columns, [&](std::int64_t first) {
        const auto begin = matrix++ * n * n;
        // Element (i, j) of op(a), and of op(a)'s transpose from the right: x op(a) = b is op(a)ᵀ xᵀ = bᵀ.
        const auto coefficient = [&](std::int64_t i, std::int64_t j) -> Complex128 {
            if (i == j && flags[UNIT_DIAGONAL] != 0) return 1.0;
            const bool flip = transposed == left;
            const auto [row, column] = flip ? std::pair(j, i) : std::pair(i, j);
            if (flags[LOWER] != 0 ? column > row : column < row) return 0.0;
            return conjugate_if(conjugated, a.as_complex(begin + row * n + column));
        };
        const bool forward = (flags[LOWER] != 0) != (transposed == left);
        const auto lines = left ? columns : rows;
        for (std::int64_t line = 0; line < lines; ++line) {
            const auto place = [&](std::int64_t i) { return first + (left ? i * columns + line : line * columns + i); };
            std::vector<Complex128> x(static_cast<std::size_t>(n));
            for (std::int64_t step = 0; step < n; ++step) {
                const auto i = forward ? step : n - 1 - step;
                Complex128 sum = b.as_complex(place(i));
                for (std::int64_t done = 0; done < step; ++done) {
                    const auto j = forward ? done : n - 1 - done;
                    sum -= coefficient(i, j) * x[static_cast<std::size_t>(j)];
                }
                x[static_cast<std::size_t>(i)] = sum / coefficient(i, i);
                store(result, place(i),
                      real ? Number(x[static_cast<std::size_t>(i)].real()) : Number(x[static_cast<std::size_t>(i)]));
            }
        }
    });
    return {result};
}

TriangularSolveOptions options_of(const Node& node) {
    const auto& flags = node.attributes[0];
    return {flags[LEFT_SIDE] != 0, flags[LOWER] != 0, flags[UNIT_DIAGONAL] != 0,
            static_cast<Transpose>(flags[TRANSPOSE_A])};
}

/// Source: Murray 2016, "Differentiation of the Cholesky decomposition"; jax.lax.linalg.cholesky.
Tensors cholesky_vjp(const VjpArguments& v) {
    const bool lower = v.node.integer(0) != 0;
    const Tensor l = lower ? v.result : adjoint(v.result), g = lower ? v.cotangent : adjoint(v.cotangent);
    // The cotangents here are not conjugated: the middle is conj(L)ᵀ-free.
    const Tensor middle = triangle(matmul(swap_axes(l, -1, -2), g));
    const Tensor eye_half = eye(l.dim(-1), l.type()) * 0.5;
    const Tensor halved = middle - middle * eye_half;
    const Tensor left = triangular_solve(l, halved, {.transpose = Transpose::TRANSPOSE});
    const Tensor both = triangular_solve(conj(l), left, {.left_side = false});
    return {(both + swap_axes(is_complex(l.type()) ? conj(both) : both, -1, -2)) * 0.5};
}

Tensors triangular_solve_vjp(const VjpArguments& v) {
    const TriangularSolveOptions o = options_of(v.node);
    const Tensor &a = v.operands[0], &x = v.result;
    // Without conjugation: op(a) x = b has b̄ = op(a)⁻ᵀ x̄ and op(a)‾ = -b̄ xᵀ.
    TriangularSolveOptions back = o;
    Tensor matrix = a;
    if (o.transpose == Transpose::ADJOINT) matrix = conj(a);
    back.transpose = o.transpose == Transpose::NONE ? Transpose::TRANSPOSE : Transpose::NONE;
    const Tensor by_b = triangular_solve(matrix, v.cotangent, back);
    const Tensor turned_x = swap_axes(x, -1, -2), turned_b = swap_axes(by_b, -1, -2);
    Tensor by_a = negate(o.left_side ? matmul(by_b, turned_x) : matmul(turned_x, by_b));
    if (o.transpose != Transpose::NONE) by_a = negate(o.left_side ? matmul(x, turned_b) : matmul(turned_b, x));
    if (o.transpose == Transpose::ADJOINT) by_a = conj(by_a);
    by_a = triangle(by_a, !o.lower, o.unit_diagonal ? (o.lower ? -1 : 1) : 0);
    return {by_a, by_b};
}

Tensors triangular_solve_vmap(const VmapArguments& v) {
    return {triangular_solve(mapped_operand(v, 0), mapped_operand(v, 1), options_of(v.node))};
}

/// Returns the sum over k of x[k] e^(sign 2πi jk / n), for every j.
void transform_line(std::vector<Complex128>& line, int sign) {
    const std::vector<Complex128> from = line;
    const auto n = static_cast<double>(from.size());
    for (std::size_t j = 0; j < from.size(); ++j) {
        line[j] = 0;
        for (std::size_t k = 0; k < from.size(); ++k) {
            const double turns = static_cast<double>((j * k) % from.size()) / n;
            line[j] += from[k] * std::polar(1.0, sign * 2 * std::numbers::pi * turns);
        }
    }
}

/// Transforms `values` (of shape `dims`) along `axis`, in place.
void transform_axis(std::vector<Complex128>& values, const Dims& dims, std::size_t axis, int sign) {
    const auto stride = static_cast<std::size_t>(row_major_strides(dims)[axis]),
               size = static_cast<std::size_t>(dims[axis]);
    std::vector<Complex128> line(size);
    for (std::size_t first = 0; first < values.size(); ++first) {
        if (first / stride % size != 0) continue;
        for (std::size_t i = 0; i < size; ++i) line[i] = values[first + i * stride];
        transform_line(line, sign);
        for (std::size_t i = 0; i < size; ++i)
            values[first + i * stride] = sign > 0 ? line[i] / static_cast<double>(size) : line[i];
    }
}

std::vector<HostArray> evaluate_fft(const Evaluation& e) {
    const HostArray& x = e.operands[0];
    const auto type = static_cast<FftType>(e.node.integer(FFT_TYPE));
    const Dims& length = e.node.attributes[FFT_LENGTH];
    const bool inverse = type == FftType::IFFT || type == FftType::IRFFT;
    Dims whole = x.shape().dims;  // with all elements of the last dimension
    const auto last = whole.size() - 1, first = whole.size() - length.size();
    whole[last] = length.back();
    HostArray result(e.node.shape);
    if (result.count() == 0) return {result};
    std::vector<Complex128> values(static_cast<std::size_t>(Shape(DataType::FLOAT64, whole).count()));
    const auto kept = x.shape().dims[last];
    if (type == FftType::IRFFT) {
        // Over the other dimensions first; then the last one's other half is the conjugate of the first, backwards.
        std::vector<Complex128> half(static_cast<std::size_t>(x.count()));
        for (std::size_t i = 0; i < half.size(); ++i) half[i] = x.as_complex(static_cast<std::int64_t>(i));
        for (auto axis = first; axis < last; ++axis) transform_axis(half, x.shape().dims, axis, 1);
        const auto n = length.back();
        for (std::size_t line = 0; line < half.size() / static_cast<std::size_t>(kept); ++line)
            for (std::int64_t k = 0; k < n; ++k) {
                const auto mirrored = k < kept ? k : n - k;
                const Complex128 value =
                    half[line * static_cast<std::size_t>(kept) + static_cast<std::size_t>(mirrored)];
                const bool alone = k == 0 || 2 * k == n;  // whose imaginary parts do not count
                values[line * static_cast<std::size_t>(n) + static_cast<std::size_t>(k)] =
                    alone      ? Complex128(value.real())
                    : k < kept ? value
                               : std::conj(value);
            }
        transform_axis(values, whole, last, 1);
    } else {
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = x.as_complex(static_cast<std::int64_t>(i));
        for (auto axis = first; axis <= last; ++axis) transform_axis(values, whole, axis, inverse ? 1 : -1);
    }
    std::int64_t position = 0;
    for_each_index(result.shape().dims, [&](const Dims& index) {
        const Complex128 value = values[static_cast<std::size_t>(flat_index(index, whole))];
        store(result, position++, is_complex(result.type()) ? Number(value) : Number(value.real()));
    });
    return {result};
}

/// FFT and IFFT are symmetric matrices. RFFT's transpose pads what it cut off and takes the real part; IRFFT's counts
/// twice what stands for two. Source: jax.lax.fft's transposes.
Tensors fft_vjp(const VjpArguments& v) {
    const auto type = static_cast<FftType>(v.node.integer(FFT_TYPE));
    const Dims& length = v.node.attributes[FFT_LENGTH];
    if (type == FftType::FFT || type == FftType::IFFT) return {fft(v.cotangent, type, length)};
    const auto n = length.back();
    double count = 1;
    for (const auto size : length) count *= static_cast<double>(size);
    if (type == FftType::RFFT) {
        Dims high(v.cotangent.dims().size(), 0);
        high.back() = n - v.cotangent.dim(-1);
        const Tensor padded = pad(v.cotangent, zeros({}, v.cotangent.type()), Dims(high.size(), 0), high);
        return {real(fft(padded, FftType::FFT, length))};
    }
    const Tensor spectrum = fft(v.cotangent, FftType::RFFT, length);
    const Tensor index = iota({v.operands[0].dim(-1)}, 0);
    const Tensor alone = logical_or(equal(index, 0), equal(index * 2, static_cast<std::int32_t>(n)));
    const DataType part = part_type(v.operands[0].type());
    const Tensor weight = select(alone, full({v.operands[0].dim(-1)}, 1.0 / count, part), 2.0 / count);
    const Tensor weighted = conj(spectrum) * complex(weight, zeros_like(weight));
    return {weighted};
}

void expect_square(std::string_view op, const Tensor& a, const Location& location) {
    if (!is_inexact(a.type()))
        fail_at(Code::DTYPE_MISMATCH, location,
                fmt::format("{}: takes floating-point and complex numbers, got {}", op, to_string(a.shape())));
    if (a.rank() < 2 || a.dim(-1) != a.dim(-2))
        fail_at(Code::SHAPE_MISMATCH, location, fmt::format("{}: {} has no square matrices", op, to_string(a.shape())));
}

}  // namespace

namespace rows {

constinit const Op cholesky{.name = "cholesky",
                            .spec =
                                "StableHLO specification, cholesky; zeros in the other triangle, NaN for what is not "
                                "positive definite",
                            .stablehlo = "stablehlo.cholesky",
                            .kind = Kind::STRUCTURAL,
                            .types = Types::INEXACT,
                            .evaluate = evaluate_cholesky,
                            .attributes = [](const Node& n) { return fmt::format("lower = {}", n.integer(0) != 0); },
                            .vjp = cholesky_vjp,
                            .vmap = map_alike};
constinit const Op triangular_solve{
    .name = "triangular_solve",
    .spec = "StableHLO specification, triangular_solve",
    .stablehlo = "stablehlo.triangular_solve",
    .kind = Kind::STRUCTURAL,
    .types = Types::INEXACT,
    .evaluate = evaluate_triangular_solve,
    .attributes =
        [](const Node& n) {
            const auto& flags = n.attributes[0];
            return fmt::format("left_side = {}, lower = {}, unit_diagonal = {}, transpose_a = #stablehlo<transpose {}>",
                               flags[LEFT_SIDE] != 0, flags[LOWER] != 0, flags[UNIT_DIAGONAL] != 0,
                               TRANSPOSES[static_cast<std::size_t>(flags[TRANSPOSE_A])]);
        },
    .vjp = triangular_solve_vjp,
    .vmap = triangular_solve_vmap};
constinit const Op fft{.name = "fft",
                       .spec = "StableHLO specification, fft",
                       .stablehlo = "stablehlo.fft",
                       .kind = Kind::STRUCTURAL,
                       .types = Types::WIDE,
                       .evaluate = evaluate_fft,
                       .attributes =
                           [](const Node& n) {
                               return fmt::format("fft_type = #stablehlo<fft_type {}>, {}",
                                                  FFT_TYPES[static_cast<std::size_t>(n.integer(FFT_TYPE))],
                                                  array_attribute("fft_length", n.attributes[FFT_LENGTH]));
                           },
                       .vjp = fft_vjp,
                       .vmap = map_alike};

}  // namespace rows

Tensor cholesky(const Operand& a, bool lower) {
    const Tensor& tensor = a.tensor();
    expect_square("cholesky", tensor, a.location());  // (C2), (C3)
    return record({.op = rows::cholesky,
                   .shape = Shape(tensor.type(), tensor.dims()),
                   .operands = {tensor},
                   .attributes = {{lower ? 1 : 0}},
                   .location = a.location()});
}

Tensor triangular_solve(const Operand& a, const Operand& b, const TriangularSolveOptions& options) {
    const Tensor &matrix = a.tensor(), &right = b.tensor();
    expect_square("triangular_solve", matrix, a.location());
    if (right.type() != matrix.type())  // (C1)
        fail_at(Code::DTYPE_MISMATCH, a.location(),
                fmt::format("triangular_solve: data types differ: {} and {}; convert one of them",
                            to_string(matrix.shape()), to_string(right.shape())));
    const bool fits = right.rank() == matrix.rank() && right.dim(options.left_side ? -2 : -1) == matrix.dim(-1) &&
                      std::equal(matrix.dims().begin(), matrix.dims().end() - 2, right.dims().begin());
    if (!fits)  // (C2), (C3)
        fail_at(Code::SHAPE_MISMATCH, a.location(),
                fmt::format("triangular_solve: {} does not go with {} on its {}", to_string(matrix.shape()),
                            to_string(right.shape()), options.left_side ? "right" : "left"));
    return record({.op = rows::triangular_solve,
                   .shape = Shape(right.type(), right.dims()),
                   .operands = {matrix, right},
                   .attributes = {{options.left_side ? 1 : 0, options.lower ? 1 : 0, options.unit_diagonal ? 1 : 0,
                                   static_cast<std::int64_t>(options.transpose)}},
                   .location = a.location()});
}

Tensor fft(const Operand& x, FftType type, const Dims& length) {
    const Tensor& tensor = x.tensor();
    const auto& name = FFT_TYPES[static_cast<std::size_t>(type)];
    const bool real = type == FftType::RFFT;
    if (real ? !complex_type(tensor.type()).has_value() : !is_complex(tensor.type()))  // (C2)
        fail_at(Code::DTYPE_MISMATCH, x.location(),
                fmt::format("fft: {} takes {}, got {}", name, real ? "f32 and f64" : "complex numbers",
                            to_string(tensor.shape())));
    if (length.empty() || length.size() > 3 || static_cast<std::int64_t>(length.size()) > tensor.rank())  // (C1), (C3)
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("fft: the length [{}] is not that of 1 to 3 last dimensions of {}", join(length),
                            to_string(tensor.shape())));
    Dims expected = length, dims = tensor.dims();
    const auto half = length.back() == 0 ? 0 : length.back() / 2 + 1;
    if (type == FftType::IRFFT) expected.back() = half;
    if (!std::equal(expected.begin(), expected.end(),
                    dims.end() - static_cast<std::ptrdiff_t>(expected.size())))  // (C4)
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("fft: {} of length [{}] takes [..., {}], got {}", name, join(length), join(expected),
                            to_string(tensor.shape())));
    DataType result = tensor.type();
    if (real) {
        result = *complex_type(tensor.type());
        dims.back() = half;
    } else if (type == FftType::IRFFT) {
        result = part_type(tensor.type());
        dims.back() = length.back();
    }
    return record({.op = rows::fft,
                   .shape = Shape(result, std::move(dims)),
                   .operands = {tensor},
                   .attributes = {{static_cast<std::int64_t>(type)}, length},
                   .location = x.location()});
}

Tensor triangle(const Operand& x, bool upper, std::int64_t k) {
    const LocationScope scope(x.location());
    const Tensor& tensor = x.tensor();
    if (tensor.rank() < 2)
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("triangle: {} has no matrices", to_string(tensor.shape())));
    const Dims matrix{tensor.dim(-2), tensor.dim(-1)};
    const Tensor below = iota(matrix, 0) + static_cast<std::int32_t>(k), column = iota(matrix, 1);
    return select(upper ? less_equal(below, column) : greater_equal(below, column), x, zeros({}, tensor.type()));
}

Tensor adjoint(const Operand& x) { return swap_axes(conj(x), -1, -2); }

std::span<const Op* const> linear_algebra_ops() {
    static constexpr std::array ROWS{&rows::cholesky, &rows::triangular_solve, &rows::fft};
    return ROWS;
}

}  // namespace podium

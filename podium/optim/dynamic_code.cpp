#include "podium/optim/dynamic_code.h"

namespace podium::optim {
namespace {

constexpr int DECADES = 7;      // of values below 1: the first begins at 1e-7
constexpr double ZERO = 127.0;  // the code of 0 among the signed

/// A tenth of the values' range, with `steps` values at the middles of as many equal parts.
struct Decade {
    double end, steps;

    double value(double step) const { return end * (0.1 + 0.9 * (step + 0.5) / steps); }
};

/// Returns decade `i`: 10^(i - 7) to 10^(i - 6), with 2^i steps, or 2^(i + 1) where there are no signs.
Decade decade(int i, CodeSign sign) {
    double end = 1.0;
    for (int k = i; k < DECADES - 1; ++k) end /= 10.0;
    return {end, static_cast<double>(1 << (sign == CodeSign::SIGNED ? i : i + 1))};
}

/// What a number's decade, found by a threshold, says of it.
struct InDecade {
    Tensor end, steps;
};

/// Returns each element's decade: the last one whose threshold(i) is not above it.
template <class F>
InDecade decades_of(const Tensor& x, CodeSign sign, const F& threshold) {
    const auto filled = [&](double value) { return full(x.dims(), value, x.type()); };
    const Decade first = decade(0, sign);
    InDecade found{filled(first.end), filled(first.steps)};
    for (int i = 1; i < DECADES; ++i) {
        const Tensor reached = x >= threshold(i);
        const Decade next = decade(i, sign);
        found = {select(reached, next.end, found.end), select(reached, next.steps, found.steps)};
    }
    return found;
}

/// Returns a magnitude's place among those of its sign: 0 for 0, then 1, 2, … to `last` for 1.
Tensor place_of(const Tensor& magnitude, CodeSign sign, double last) {
    const auto middle = [&](int i) {
        const Decade before = decade(i - 1, sign);
        return (before.value(before.steps - 1.0) + decade(i, sign).value(0.0)) / 2.0;
    };
    const auto [end, steps] = decades_of(magnitude, sign, middle);
    const Tensor step = clamp(0.0, floor((magnitude / end - 0.1) * (steps / 0.9)), steps - 1.0);
    const Tensor place = steps + step - (sign == CodeSign::SIGNED ? 0.0 : 1.0);
    const Decade greatest = decade(DECADES - 1, sign);
    const double least_one = (greatest.value(greatest.steps - 1.0) + 1.0) / 2.0;
    return select(magnitude >= least_one, last, select(magnitude < decade(0, sign).value(0.0) / 2.0, 0.0, place));
}

/// Returns the magnitude at a place.
Tensor magnitude_at(const Tensor& place, CodeSign sign, double last) {
    const Tensor number = place + (sign == CodeSign::SIGNED ? 0.0 : 1.0);  // steps + step
    const auto [end, steps] = decades_of(number, sign, [&](int i) { return decade(i, sign).steps; });
    const Tensor value = end * (0.1 + 0.9 * ((number - steps + 0.5) / steps));
    return select(place >= last, 1.0, select(place < 1.0, 0.0, value));
}

double last_place(CodeSign sign) { return sign == CodeSign::SIGNED ? 255.0 - ZERO : 255.0; }

/// Returns f32[blocks, CODE_BLOCK]: the elements in row-major order, then zeros.
Tensor in_blocks(const Tensor& x) {
    const Tensor flat = reshape(convert(x, DataType::FLOAT32), {-1});
    const std::int64_t rest = flat.dim(0) % CODE_BLOCK;
    return reshape(rest == 0 ? flat : pad(flat, 0.0, {0}, {CODE_BLOCK - rest}), {-1, CODE_BLOCK});
}

Tensor from_blocks(const Tensor& blocks, const Dims& dims) {
    const Tensor flat = reshape(blocks, {-1});
    const std::int64_t count = Shape(DataType::UINT8, dims).count();
    return reshape(count == flat.dim(0) ? flat : slice(flat, {0}, {count}), dims);
}

}  // namespace

Coded encoded(const Tensor& x, CodeSign sign) {
    const Tensor blocks = in_blocks(x);
    const Tensor scales = max(abs(blocks), {1}, true);
    const Tensor unit = blocks / select(equal(scales, 0.0), 1.0, scales);
    Tensor code = place_of(sign == CodeSign::SIGNED ? abs(unit) : unit, sign, last_place(sign));
    if (sign == CodeSign::SIGNED) code = select(unit < 0.0, ZERO - minimum(code, ZERO), ZERO + code);  // -1 is none
    return {from_blocks(convert(code, DataType::UINT8), x.dims()), squeeze(scales, 1)};
}

Tensor decoded(const Coded& coded, CodeSign sign, DataType type) {
    const Tensor codes = in_blocks(coded.codes);
    Tensor unit;
    if (sign == CodeSign::SIGNED) {
        const Tensor place = codes - ZERO, magnitude = magnitude_at(abs(place), sign, last_place(sign));
        unit = select(place < 0.0, -magnitude, magnitude);
    } else {
        unit = magnitude_at(codes, sign, last_place(sign));
    }
    return convert(from_blocks(unit * expand_dims(coded.scales, 1), coded.codes.dims()), type);
}

}  // namespace podium::optim

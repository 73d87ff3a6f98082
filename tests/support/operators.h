#pragma once

#include <cmath>
#include <stdexcept>

#include "podium/ir/ops.h"

namespace podium::test {

/// x: f64[n, k], gain: f64[k] → x · gain · scale + shift, and the sum or mean of its rows; each row by itself.
inline const CustomOperator& scaled_rows() {
    static const CustomOperator OPERATOR({
        .name = "test.scaled_rows",
        .shapes =
            [](std::span<const Shape> in, const CallSettings&) {
                if (in.size() != 2 || in[0].rank() != 2 || in[1].dims != Dims{in[0].dims[1]})
                    fail(Code::SHAPE_MISMATCH, "rows and one gain a column are needed");
                return std::vector<Shape>{in[0], Shape(in[0].type, {in[0].dims[0]})};
            },
        .run =
            [](const OperatorCall& call) {
                const auto x = call.operands[0].span<double>(), gain = call.operands[1].span<double>();
                const auto y = call.results[0].mutable_span<double>(), rows = call.results[1].mutable_span<double>();
                const double scale = std::get<double>(call.settings.at("scale")),
                             shift = static_cast<double>(std::get<std::int64_t>(call.settings.at("shift")));
                const bool is_mean = std::get<std::string>(call.settings.at("reduce")) == "the \"mean\"\n";
                if (std::get<bool>(call.settings.at("fails"))) throw std::runtime_error("it was told to fail");
                call.for_each(static_cast<std::int64_t>(rows.size()), [&](std::int64_t i) {
                    const auto row = static_cast<std::size_t>(i);
                    rows[row] = 0;
                    for (std::size_t j = 0; j < gain.size(); ++j) {
                        const auto at = row * gain.size() + j;
                        y[at] = x[at] * gain[j] * scale + shift;
                        rows[row] += y[at] / (is_mean ? static_cast<double>(gain.size()) : 1.0);
                    }
                });
            },
        .vjp = [](const OperatorVjp& v) -> Tensors {
            const double scale = std::get<double>(v.settings.at("scale"));
            const Tensor& x = v.operands[0];
            const bool is_mean = std::get<std::string>(v.settings.at("reduce")) == "the \"mean\"\n";
            const Tensor row = v.cotangents[1] / (is_mean ? static_cast<double>(x.dim(1)) : 1.0);
            const Tensor cotangent = v.cotangents[0] + broadcast_in_dim(row, x.dims(), {0});
            return {cotangent * v.operands[1] * scale, sum(cotangent * x * scale, {0})};
        },
        .batched = {0},
    });
    return OPERATOR;
}

/// Calls it with settings of every kind.
inline Tensors call_scaled_rows(const Tensors& operands, bool fails = false) {
    return scaled_rows()(
        operands, {{"scale", 1.0 / 3}, {"shift", std::int64_t{2}}, {"reduce", "the \"mean\"\n"}, {"fails", fails}});
}

}  // namespace podium::test

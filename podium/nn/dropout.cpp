#include "podium/nn/dropout.h"

#include <cmath>

namespace podium::nn {
namespace {

void expect_rate(std::string_view what, const Operand& x, double rate) {
    if (rate < 0.0 || rate >= 1.0)
        fail_at(Code::INVALID_ARGUMENT, x.location(), fmt::format("{}: the rate is in [0, 1), got {}", what, rate));
}

/// Returns dims of `x` that are 1 but at the axes given.
Dims only_at(const Operand& x, const Dims& axes) {
    Dims dims(x.tensor().dims().size(), 1);
    for (const auto axis : axes) dims[static_cast<std::size_t>(axis)] = x.tensor().dim(axis);
    return dims;
}

/// Returns `x` where one number of `dims`, which broadcast to its own, says so.
Tensor kept_together(std::string_view what, const Operand& x, double rate, const std::optional<Key>& key,
                     const Dims& dims) {
    expect_rate(what, x, rate);
    if (!key || rate == 0.0) return x.tensor();
    const Tensor kept = broadcast_to(bernoulli(*key, 1.0 - rate, dims), x.tensor().dims());
    return select(kept, x.tensor() / (1.0 - rate), 0.0);
}

void expect_examples(std::string_view what, const Operand& x) {
    if (x.tensor().rank() == 0)
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("{}: takes [batch,…], got {}", what, to_string(x.tensor().shape())));
}

}  // namespace

Tensor spatial_dropout(const Operand& x, double rate, const std::optional<Key>& key, Channels channels) {
    const LocationScope scope(x.location());
    const auto rank = x.tensor().rank();
    if (rank < 2)
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("spatial_dropout: takes [batch,…,channels], got {}", to_string(x.tensor().shape())));
    const std::int64_t axis = channels == Channels::LAST ? rank - 1 : 1;
    return kept_together("spatial_dropout", x, rate, key, only_at(x, {0, axis}));
}

Tensor drop_connect(const Operand& weight, double rate, const std::optional<Key>& key) {
    const LocationScope scope(weight.location());
    return kept_together("drop_connect", weight, rate, key, weight.tensor().dims());
}

Tensor drop_path(const Operand& x, double rate, const std::optional<Key>& key) {
    const LocationScope scope(x.location());
    expect_examples("drop_path", x);
    return kept_together("drop_path", x, rate, key, only_at(x, {0}));
}

Tensor alpha_dropout(const Operand& x, double rate, const std::optional<Key>& key) {
    constexpr double SATURATED = -1.7580993408473766;  // −scale · alpha of SELU
    const LocationScope scope(x.location());
    expect_rate("alpha_dropout", x, rate);
    if (!key || rate == 0.0) return x.tensor();
    const double keep = 1.0 - rate;
    const double factor = 1.0 / std::sqrt(keep + SATURATED * SATURATED * keep * rate);
    const Tensor kept = bernoulli(*key, keep, x.tensor().dims());
    return factor * select(kept, x.tensor(), SATURATED) - factor * rate * SATURATED;
}

Tensor gaussian_dropout(const Operand& x, double rate, const std::optional<Key>& key) {
    const LocationScope scope(x.location());
    expect_rate("gaussian_dropout", x, rate);
    if (!key || rate == 0.0) return x.tensor();
    const Tensor noise = normal(*key, x.tensor().dims(), x.tensor().type());
    return x.tensor() * (1.0 + std::sqrt(rate / (1.0 - rate)) * noise);
}

Tensor shake_drop(const Operand& x, const std::optional<Key>& key, const ShakeDropOptions& options) {
    const LocationScope scope(x.location());
    expect_examples("shake_drop", x);
    const auto [keep, alpha_low, alpha_high, beta_low, beta_high] = options;
    if (!(keep >= 0.0 && keep <= 1.0))
        fail_at(Code::INVALID_ARGUMENT, x.location(), fmt::format("shake_drop: keep is in [0, 1], got {}", keep));
    if (!key) return x.tensor() * (keep + (1.0 - keep) * (alpha_low + alpha_high) / 2.0);
    const auto [of_branch, of_alpha, of_beta] = split<3>(*key);
    const DataType type = x.tensor().type();
    const Dims dims = only_at(x, {0});
    const Tensor stays = bernoulli(of_branch, keep, {});
    const Tensor forward = select(stays, 1.0, uniform(of_alpha, dims, alpha_low, alpha_high, type));
    const Tensor backward = select(stays, 1.0, uniform(of_beta, dims, beta_low, beta_high, type));
    return backward * x.tensor() + stop_gradient((forward - backward) * x.tensor());
}

}  // namespace podium::nn

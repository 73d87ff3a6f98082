#include "podium/nn/mixing.h"

#include "podium/nn/loss_terms.h"
#include "podium/numeric/distributions.h"
#include "podium/numeric/rejection.h"

namespace podium::nn {
namespace {

void expect_pairs(std::string_view what, const Operand& inputs, const Operand& labels, std::int64_t rank,
                  double alpha) {
    expect_floats(what, inputs);
    expect_floats(what, labels);
    const Shape &x = inputs.tensor().shape(), &y = labels.tensor().shape();
    if (x.rank() == 0 || (rank > 0 && x.rank() != rank) || y.rank() == 0 || x.dims[0] != y.dims[0])
        fail_at(Code::SHAPE_MISMATCH, inputs.location(),
                fmt::format("{}: takes inputs {} and labels [batch,classes], got {} and {}", what,
                            rank > 0 ? "[batch,height,width,channels]" : "[batch,…]", to_string(x), to_string(y)));
    if (!(alpha > 0.0))
        fail_at(Code::INVALID_ARGUMENT, inputs.location(),
                fmt::format("{}: alpha is {}; give more than 0", what, alpha));
}

/// Returns share · x + (1 − share) · others, in x's type.
Tensor blended(const Tensor& x, const Tensor& others, const Tensor& share) {
    const Tensor own = convert(share, x.type());
    return own * x + (1.0 - own) * others;
}

}  // namespace

Mixed mixup(const Operand& inputs, const Operand& labels, double alpha, const Key& key) {
    const LocationScope scope(inputs.location());
    expect_pairs("mixup", inputs, labels, 0, alpha);
    const Tensor &x = inputs.tensor(), &y = labels.tensor();
    const auto [of_share, of_order] = split(key);
    const Tensor share = distributions::beta(of_share, alpha, alpha, Dims{});
    const Tensor order = distributions::permutation(of_order, x.dim(0));
    return {blended(x, take(x, order), share), blended(y, take(y, order), share)};
}

Mixed cutmix(const Operand& inputs, const Operand& labels, double alpha, const Key& key) {
    const LocationScope scope(inputs.location());
    expect_pairs("cutmix", inputs, labels, 4, alpha);
    const Tensor &x = inputs.tensor(), &y = labels.tensor();
    const auto [of_share, of_order, of_row, of_column] = split<4>(key);
    const Tensor side = sqrt(1.0 - distributions::beta(of_share, alpha, alpha, Dims{}));
    const Tensor order = distributions::permutation(of_order, x.dim(0));
    const auto in_box = [&](const Key& place, std::int64_t size) {
        const Tensor middle = distributions::randint(place, {}, 0, size);
        const Tensor half = convert(side * static_cast<double>(size), DataType::INT32) / 2, at = arange(size);
        return (at >= middle - half) & (at < middle + half);
    };
    const Tensor rows = in_box(of_row, x.dim(1)), columns = in_box(of_column, x.dim(2));
    const Tensor box = expand_dims(rows, 1) & expand_dims(columns, 0);
    const Tensor share = 1.0 - mean(convert(box, DataType::FLOAT32));
    const Tensor where = broadcast_to(expand_dims(box, 2), x.dims());
    return {select(where, take(x, order), x), blended(y, take(y, order), share)};
}

}  // namespace podium::nn

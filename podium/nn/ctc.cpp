#include "podium/nn/ctc.h"

#include "podium/ir/log_add_exp.h"
#include "podium/nn/activations.h"
#include "podium/nn/loss_terms.h"
#include "podium/nn/precision.h"
#include "podium/transform/loops.h"

namespace podium::nn {
namespace {

/// How probable each number of labels is so far, where a blank was last, and where the label itself was.
struct Alpha {
    Tensor blank, label;
};
struct Frame {
    Tensor label, blank, padding;
};

void expect_ctc_shapes(const Operand& logits, const Tensor& logit_paddings, const Tensor& labels,
                       const Tensor& label_paddings) {
    const Shape &frames = logits.tensor().shape(), &names = labels.shape();
    if (frames.rank() == 3 && names.rank() == 2 && frames.dims[0] == names.dims[0] &&
        logit_paddings.dims() == Dims{frames.dims[0], frames.dims[1]} && label_paddings.dims() == names.dims)
        return;
    fail_at(Code::SHAPE_MISMATCH, logits.location(),
            fmt::format("ctc_loss: takes logits [batch,length,classes], labels [batch,labels] and a padding for each "
                        "of [batch,length] and [batch,labels], got {}, {}, {} and {}",
                        to_string(frames), to_string(names), to_string(logit_paddings.shape()),
                        to_string(label_paddings.shape())));
}

/// Returns `blank` with `added` joined to all but the first number of labels.
Tensor with_added(const Tensor& blank, const Tensor& added) {
    const auto first = slice_axis(blank, 1, 0, 1), rest = slice_axis(blank, 1, 1, blank.dim(1));
    return concatenate({first, log_add_exp(rest, added)}, 1);
}

}  // namespace

CtcResult ctc_loss_with_forward_probabilities(const Operand& logits, const Tensor& logit_paddings, const Tensor& labels,
                                              const Tensor& label_paddings, const CtcOptions& options) {
    const LocationScope scope(logits.location());
    expect_floats("ctc_loss", logits);
    expect_ctc_shapes(logits, logit_paddings, labels, label_paddings);
    const Tensor shares = log_softmax(at_least_f32(logits));
    const DataType type = shares.type();
    const auto batch = shares.dim(0), classes = shares.dim(2), count = labels.dim(1);
    const Tensor says = swap_axes(one_hot(labels, classes, type), 1, 2);
    const Frame frames{swap_axes(matmul(shares, says), 0, 1),
                       swap_axes(slice_axis(shares, 2, options.blank, options.blank + 1), 0, 1),
                       expand_dims(transpose(convert(logit_paddings, type)), -1)};
    const Tensor same = equal(slice_axis(labels, 1, 0, count - 1), slice_axis(labels, 1, 1, count));
    const Tensor repeats = pad(convert(same, type), 0.0, {0, 0}, {0, 1});
    const Tensor impossible = full({batch, count}, options.log_epsilon, type);
    const Alpha start{concatenate({zeros({batch, 1}, type), impossible}, 1), impossible};

    const auto step = [&](const Alpha& before, const Frame& now) {
        const Tensor blank = with_added(before.blank, before.label + options.log_epsilon * repeats);
        const Tensor reached = slice_axis(blank, 1, 0, count);
        const Tensor label = log_add_exp(reached + now.label, before.label + now.label);
        const Tensor waited =
            with_added(blank + now.blank, before.label + now.blank + options.log_epsilon * (1.0 - repeats));
        const Tensor keep = now.padding, move = 1.0 - keep;
        const Alpha next{keep * before.blank + move * waited, keep * before.label + move * label};
        return std::pair(next, next);
    };
    const auto [last, all] = scan(step, start, frames);
    const Tensor ends = with_added(last.blank, last.label);
    const Tensor lengths =
        convert(static_cast<double>(count) - sum(convert(label_paddings, type), {1}), DataType::INT32);
    const auto frame_count = all.blank.dim(0);
    const Tensor earlier = slice_axis(all.blank, 0, 0, frame_count - 1);
    return {-take_last(ends, lengths), concatenate({earlier, expand_dims(ends, 0)}, 0), all.label};
}

Tensor ctc_loss(const Operand& logits, const Tensor& logit_paddings, const Tensor& labels, const Tensor& label_paddings,
                const CtcOptions& options) {
    return ctc_loss_with_forward_probabilities(logits, logit_paddings, labels, label_paddings, options).loss;
}

}  // namespace podium::nn

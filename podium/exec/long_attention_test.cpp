#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "podium/exec/evaluate.h"
#include "podium/exec/jit.h"
#include "podium/exec/kernel_choice.h"
#include "podium/ir/ops.h"
#include "podium/transform/transform.h"

namespace podium {
namespace {

constexpr std::int64_t TOKENS = 8192, DEPTH = 32;

/// Returns the attention of one head, causal, with all its scores there at once.
Tensor plain_attention(const Tensor& q, const Tensor& k, const Tensor& v) {
    const Dims matrix{TOKENS, DEPTH};
    const Tensor scores = matmul(reshape(q, matrix), transpose(reshape(k, matrix))) / std::sqrt(double(DEPTH));
    const Tensor rows = iota({TOKENS, TOKENS}, 0), columns = iota({TOKENS, TOKENS}, 1);
    const Tensor seen = select(less_equal(columns, rows), scores, -std::numeric_limits<double>::infinity());
    const Tensor weights = exp(seen - stop_gradient(max(seen, {1}, true)));
    return reshape(matmul(weights / sum(weights, {1}, true), reshape(v, matrix)), q.dims());
}

Tensor blockwise_attention(const Tensor& q, const Tensor& k, const Tensor& v) {
    return attention(q, k, v, {.causal = true});
}

struct Outcome {
    std::vector<HostArray> gradients;
    std::int64_t temporary_bytes;
};

/// Returns the gradients of sum(sin(f(q, k, v))) by q, k and v, and what the program keeps between arguments and
/// results.
template <class F>
Outcome gradients_of(F f) {
    const auto compiled = jit(
        [f](const Tensors& in) { return grad([f](const Tensors& x) { return sum(sin(f(x[0], x[1], x[2]))); })(in); });
    Tensors in;
    for (int i = 1; i < 4; ++i) in.push_back(normal(fold_in(key(7), i), {1, TOKENS, 1, DEPTH}, DataType::FLOAT32));
    Outcome outcome;
    for (const auto& gradient : compiled(in)) outcome.gradients.push_back(gradient.to_host());
    outcome.temporary_bytes = compiled.executable()->memory().temporary_bytes;
    return outcome;
}

TEST(LongAttention, AgreesWithThePlainFormInLessThanAQuarterOfItsMemory) {
    const Outcome plain = gradients_of(plain_attention);
    for (const auto choice : {KernelChoice::XLA, KernelChoice::PODIUM}) {
        choose_kernels(choice);
        const Outcome found = gradients_of(blockwise_attention);
        choose_kernels(KernelChoice::MEASURED);
        EXPECT_LT(4 * found.temporary_bytes, plain.temporary_bytes);
        for (std::size_t i = 0; i < 3; ++i) {
            double largest = 0, error = 0;
            for (std::int64_t at = 0; at < TOKENS * DEPTH; ++at) {
                const double expected = plain.gradients[i].as_double(at);
                largest = std::max(largest, std::abs(expected));
                error = std::max(error, std::abs(found.gradients[i].as_double(at) - expected));
            }
            EXPECT_LE(error, 1e-5 * largest) << "of input " << i;
        }
        RecordProperty(choice == KernelChoice::XLA ? "xla_bytes" : "library_bytes",
                       std::to_string(found.temporary_bytes));
    }
}

}  // namespace
}  // namespace podium

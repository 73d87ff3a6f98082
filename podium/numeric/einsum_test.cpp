#include "podium/numeric/einsum.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/ir/ops.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

using test::f64;

TensorFunction summed(const std::string& subscripts) {
    return [=](const Tensors& in) { return Tensors{einsum(subscripts, in)}; };
}

TEST(Einsum, ExamplesAreJaxs) {
    const auto jax = [](const std::string& subscripts, std::size_t count) {
        std::string text = "jnp.einsum('" + subscripts + "'";
        for (std::size_t i = 0; i < count; ++i) text += ", x[" + std::to_string(i) + "]";
        return text + ")";
    };
    struct Row {
        std::string subscripts;
        std::vector<Dims> operands;
    };
    const Row rows[] = {
        {"ij,jk->ik", {{2, 3}, {3, 4}}},
        {"ij,jk", {{2, 3}, {3, 2}}},
        {"ba", {{2, 3}}},
        {"ii", {{3, 3}}},
        {"ii->i", {{3, 3}}},
        {"ijij->ji", {{2, 3, 2, 3}}},
        {"iii->", {{2, 2, 2}}},
        {"ii,i->", {{3, 3}, {3}}},
        {"i,j->ji", {{2}, {3}}},
        {"i,i->i", {{3}, {3}}},
        {"i,i", {{3}, {3}}},
        {"ij->", {{2, 3}}},
        {"b i j , b j k -> b k i", {{2, 2, 3}, {2, 3, 2}}},
        {"...ij,...jk->...ik", {{2, 1, 2, 3}, {4, 3, 2}}},
        {"...ij,...j", {{2, 2, 3}, {3}}},
        {"i...->...i", {{2, 3, 4}}},
        {"...,...->...", {{}, {2, 3}}},
        {"ij,jk->ik", {{2, 1}, {3, 2}}},
        {"ij,kl->i", {{2, 3}, {2, 2}}},
        {"ij,jk,kl->il", {{2, 3}, {3, 4}, {4, 2}}},
        {"ab,bc,ca->", {{2, 3}, {3, 2}, {2, 2}}},
        {"bi,bj,bij->b", {{2, 2}, {2, 3}, {2, 2, 3}}},
        {"a,b,c,d->dacb", {{2}, {2}, {1}, {3}}},
        {"zA,Aa", {{2, 3}, {3, 2}}},
    };
    std::vector<std::string> texts;
    for (const auto& row : rows) texts.push_back(jax(row.subscripts, row.operands.size()));
    std::vector<test::Example> examples;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        std::vector<HostArray> inputs;
        inputs.reserve(rows[i].operands.size());
        for (const auto& dims : rows[i].operands) inputs.push_back(f64(dims, inputs.size() + 1));
        examples.push_back({texts[i].c_str(), summed(rows[i].subscripts), inputs});
    }
    test::expect_examples(examples);
}

TEST(Einsum, TakesEveryTypeOfNumbers) {
    for (const auto type : {DataType::FLOAT32, DataType::INT32, DataType::COMPLEX128}) {
        const std::vector inputs{test::sample({type, {2, 3}}, -2, 9), test::sample({type, {3, 2}}, -2, 9, 2)};
        const auto found = test::run(
            [](const Tensors& in) -> Tensors {
                return {einsum("ij,ji->j", in), sum(in[0] * transpose(in[1]), {0})};
            },
            inputs);
        EXPECT_EQ(test::difference(found[0], found[1], 1e-6), "");
    }
}

TEST(Einsum, APairIsOneProduct) {
    const Tensor x = zeros({2, 3, 4}), y = zeros({2, 4, 5});
    const Tensor product = einsum("bij,bjk->bik", {x, y});
    EXPECT_EQ(product->op == &rows::reshape ? product->operands[0]->op : product->op, &rows::dot_general);
}

TEST(Einsum, TheCheapestPairIsFirst) {
    // (a b) c would make 100 * 100 products; a (b c) makes 100 twice.
    const Tensor a = zeros({100, 1}), b = zeros({1, 100}), c = zeros({100, 1});
    std::int64_t largest = 0;
    const Tensors results{einsum("ij,jk,kl->il", {a, b, c})};
    for (const Node* node : topological(results)) largest = std::max(largest, node->shape.count());
    EXPECT_EQ(largest, 100);
}

TEST(Einsum, SaysWhatDoesNotFit) {
    expect_error(Code::SHAPE_MISMATCH, "einsum: 'ij,jk': names 2 operands, 1 were given", [] {
        einsum("ij,jk", {zeros({2, 3})});
    });
    expect_error(Code::SHAPE_MISMATCH, "einsum: 'ij': 'ij' names 2 dimensions, operand 0 is f32[3]",
                 [] { einsum("ij", {zeros({3})}); });
    expect_error(Code::SHAPE_MISMATCH, "einsum: 'ij,jk': 'j' is 3 in operand 0, f32[2,3], and 4 in operand 1, f32[4,2]",
                 [] {
                     einsum("ij,jk", {zeros({2, 3}), zeros({4, 2})});
                 });
    expect_error(Code::SHAPE_MISMATCH, "einsum: 'i->j': 'j' of the result is in no operand",
                 [] { einsum("i->j", {zeros({3})}); });
    expect_error(Code::SHAPE_MISMATCH, "einsum: 'i->ii': 'i' is in the result twice",
                 [] { einsum("i->ii", {zeros({3})}); });
    expect_error(Code::SHAPE_MISMATCH, "write '...' behind '->' too", [] { einsum("...i->i", {zeros({2, 3})}); });
    expect_error(Code::SHAPE_MISMATCH, "dimension -1 of '...' is 2 in operand 0", [] {
        einsum("...,...", {zeros({2}), zeros({3})});
    });
    expect_error(Code::INVALID_ARGUMENT, "'1' is not a letter", [] { einsum("i1", {zeros({2, 3})}); });
    expect_error(Code::DTYPE_MISMATCH, "operand 0 is f32[2] and operand 1 is i32[2]", [] {
        einsum("i,i", {zeros({2}), zeros({2}, DataType::INT32)});
    });
}

}  // namespace
}  // namespace podium

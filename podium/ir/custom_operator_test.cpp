#include "podium/ir/custom_operator.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "tests/support/gradient.h"
#include "tests/support/operators.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

using test::f64;

Tensors scaled_rows(const Tensors& in) { return test::call_scaled_rows(in); }

/// An operator that keeps what it is given.
OperatorRules same(std::string name) {
    return {.name = std::move(name),
            .shapes = [](std::span<const Shape> in, const CallSettings&) { return std::vector(in.begin(), in.end()); },
            .run =
                [](const OperatorCall& call) {
                    std::copy_n(call.operands[0].data(), call.operands[0].size_bytes(), call.results[0].mutable_data());
                }};
}

TEST(CustomOperator, TheInterpreterRunsItsFunctionWithEverySetting) {
    const std::vector<HostArray> inputs{f64({5, 3}), f64({3}, 2)};
    const auto found = test::run(scaled_rows, inputs);
    test::Oracle oracle;
    oracle.expect("x[0] * x[1] / 3 + 2", inputs, found[0]);
    oracle.expect("(x[0] * x[1] / 3 + 2).mean(1)", inputs, found[1]);
    oracle.check();
}

TEST(CustomOperator, ItsGradientsAndTangentsAreCentralDifferences) {
    test::expect_gradient(scaled_rows, {f64({5, 3}), f64({3}, 2)});
    test::expect_gradient(test::gradient_of(scaled_rows), {f64({5, 3}), f64({3}, 2)});
}

TEST(CustomOperator, ManyExamplesAreOneCallWhereItTakesABatchAndElseOneEach) {
    test::expect_mapped(scaled_rows, {f64({5, 3}), f64({3}, 2)});
    test::expect_gradient(
        [](const Tensors& in) {
            return scan_list([&](const Tensors& row) { return scaled_rows({row[0], in[1]}); }, {}, {in[0]}, 2);
        },
        {f64({2, 5, 3}), f64({3}, 2)});
}

TEST(CustomOperator, ErrorsNameTheOperator) {
    const std::vector<HostArray> inputs{f64({5, 3}), f64({3}, 2)};
    expect_error(Code::SHAPE_MISMATCH, "operator test.scaled_rows: rows and one gain a column are needed", [] {
        test::call_scaled_rows({zeros({5, 3}), zeros({4})});
    });
    expect_error(Code::UNKNOWN, "operator test.scaled_rows: it was told to fail",
                 [&] { test::run([](const Tensors& in) { return test::call_scaled_rows(in, true); }, inputs); });
    expect_error(Code::UNKNOWN, "operator test.scaled_rows: map::at",
                 [&] { test::run([](const Tensors& in) { return test::scaled_rows()(in); }, inputs); });
    expect_error(Code::INVALID_ARGUMENT, "a setting cannot be named \"operator\"", [] {
        test::scaled_rows()({zeros({5, 3}), zeros({3})}, {{"operator", true}});
    });
    expect_error(Code::NOT_FOUND, "operator test.none: not defined in this process",
                 [] { operator_rules(std::string_view("test.none")); });
}

TEST(CustomOperator, RulesAreCheckedWhereTheyAreUsed) {
    const CustomOperator plain(same("test.same"));
    EXPECT_EQ(test::run([&](const Tensors& in) { return plain(in); }, {f64({3})})[0], f64({3}));
    expect_error(Code::ALREADY_EXISTS, "operator test.same: defined before", [] { CustomOperator(same("test.same")); });
    expect_error(Code::INVALID_ARGUMENT, "operator \"2 words\": it needs a name",
                 [] { CustomOperator(same("2 words")); });
    expect_error(Code::UNIMPLEMENTED, "operator test.same has no gradient: give it a vjp",
                 [&] { test::run(test::gradient_of([&](const Tensors& in) { return plain(in); }), {f64({3})}); });
    expect_error(Code::DTYPE_MISMATCH, "i4[2] has elements of less than a byte",
                 [&] { plain({zeros({2}, DataType::INT4)}); });

    OperatorRules batched = same("test.scalar_batch");
    batched.batched = {0};
    expect_error(Code::SHAPE_MISMATCH, "must count the same examples",
                 [&] { CustomOperator(std::move(batched))({zeros({})}); });
    OperatorRules misplaced = same("test.misplaced");
    misplaced.in_place = {{0, 1}};
    const CustomOperator moves(std::move(misplaced));
    expect_error(Code::SHAPE_MISMATCH, "operator test.misplaced: result 0 is not shaped like operand 1", [&] {
        moves({zeros({3}), zeros({2})});
    });
    OperatorRules wrong = same("test.wrong_vjp");
    wrong.vjp = [](const OperatorVjp&) { return Tensors{zeros({2})}; };
    const CustomOperator wrong_vjp(std::move(wrong));
    expect_error(Code::SHAPE_MISMATCH,
                 "operator test.wrong_vjp: its vjp returned f32[2] for operand 0, which is f64[3]",
                 [&] { test::run(test::gradient_of([&](const Tensors& in) { return wrong_vjp(in); }), {f64({3})}); });
}

TEST(CustomOperator, OnCudaItNeedsAFunctionOfItsOwn) {
    const OperatorRules rules = same("test.cpu_only");
    int device_memory = 0;
    expect_error(Code::UNIMPLEMENTED, "operator test.cpu_only: has no function for CUDA; give it run_cuda", [&] {
        run_operator(rules, {{}, {}, {}, {}, &device_memory});
    });
}

}  // namespace
}  // namespace podium

#include "podium/numeric/sparse.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/numeric/statistics.h"
#include "podium/transform/transform.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium::sparse {
namespace {

using test::f64;

constexpr const char* JAX_SPARSE = "(lambda sparse: {})(__import__('jax.experimental.sparse', fromlist=['BCOO']))";

/// f64[6, 4] with eight elements that are not zero, two rows without any, and all in three blocks of [2, 2].
HostArray holes() {
    HostArray dense(Shape(DataType::FLOAT64, {6, 4}));
    for (const int at : {0, 1, 5, 18, 19, 20, 22, 23})
        dense.mutable_span<double>()[static_cast<std::size_t>(at)] = at + 0.5;
    return dense;
}
HostArray integers(const std::vector<std::int32_t>& values) {
    return HostArray::of({static_cast<std::int64_t>(values.size())}, values);
}

TEST(Sparse, CoordinatesTimesDenseAreJaxs) {
    const HostArray values = f64({5}), rows = integers({3, 0, 3, 1, 3}), columns = integers({2, 1, 2, 0, 3}),
                    dense = f64({4, 3}, 2), vector = f64({4}, 3);
    const auto coo = [](const Tensors& in) { return Coo{in[0], in[1], in[2], {5, 4}}; };
    const auto product = [&](const Tensors& in) { return Tensors{matmul(coo(in), in[3])}; };
    test::expect_gradient(product, {values, rows, columns, dense});
    test::expect_gradient(product, {values, rows, columns, vector});
    test::expect_mapped(product, {values, rows, columns, dense});
    test::Oracle oracle;
    const auto expect = [&](const char* jax, const std::vector<HostArray>& in, const TensorFunction& ours) {
        oracle.expect(fmt::format(fmt::runtime(JAX_SPARSE), jax), in, test::run(ours, in)[0]);
    };
    expect("sparse.BCOO((x[0], jnp.stack([x[1], x[2]], 1)), shape=(5, 4)) @ x[3]", {values, rows, columns, dense},
           product);
    expect("sparse.BCOO((x[0], jnp.stack([x[1], x[2]], 1)), shape=(5, 4)) @ x[3]", {values, rows, columns, vector},
           product);
    expect("x[3] @ sparse.BCOO((x[0], jnp.stack([x[1], x[2]], 1)), shape=(5, 4))",
           {values, rows, columns, f64({2, 5}, 4)}, [&](const Tensors& in) { return Tensors{matmul(in[3], coo(in))}; });
    expect("sparse.BCOO((x[0], jnp.stack([x[1], x[2]], 1)), shape=(5, 4)).todense()", {values, rows, columns},
           [&](const Tensors& in) { return Tensors{to_dense(coo(in))}; });
    expect("jax.grad(lambda v: ((sparse.BCOO((v, jnp.stack([x[1], x[2]], 1)), shape=(5, 4)) @ x[3]) ** 2).sum())(x[0])",
           {values, rows, columns, dense}, [](const Tensors& in) {
               return Tensors{grad([&](const Tensor& v) {
                   return sum(square(matmul(Coo{v, in[1], in[2], {5, 4}}, in[3])));
               })(in[0])};
           });
    oracle.check();
}

TEST(Sparse, CoordinatesOfIntegersAreJaxs) {
    const HostArray rows = integers({3, 0, 3, 1, 3}), columns = integers({2, 1, 2, 0, 3});
    test::Oracle oracle;
    for (const auto type : {DataType::INT8, DataType::UINT8, DataType::INT32, DataType::INT64}) {
        const std::vector in{test::sample(Shape(type, {5}), 0, 9), rows, columns,
                             test::sample(Shape(type, {4, 3}), 0, 9, 2)};
        const auto found = test::run(
            [](const Tensors& t) {
                const Coo coo{t[0], t[1], t[2], {5, 4}};
                return Tensors{to_dense(coo), matmul(coo, t[3])};
            },
            in);
        constexpr auto* BCOO = "sparse.BCOO((x[0], jnp.stack([x[1], x[2]], 1)), shape=(5, 4))";
        oracle.expect(fmt::format(fmt::runtime(JAX_SPARSE), fmt::format("{}.todense()", BCOO)), in, found[0]);
        oracle.expect(fmt::format(fmt::runtime(JAX_SPARSE), fmt::format("{} @ x[3]", BCOO)), in, found[1]);
    }
    oracle.check();
}

TEST(Sparse, CompressedRowsOfADenseMatrixAreJaxs) {
    const HostArray dense = holes(), right = f64({4, 3}, 2);
    test::Oracle oracle;
    for (const std::int64_t count : {8, 11}) {  // as many as there are, and three more
        const auto jax = [&](const char* part) {
            return fmt::format(fmt::runtime(JAX_SPARSE),
                               fmt::format("sparse.BCSR.fromdense(x[0], nse={}).{}", count, part));
        };
        const auto found = test::run(
            [&](const Tensors& in) {
                const Csr csr = csr_from_dense(in[0], count);
                return Tensors{csr.values,    csr.columns,        csr.row_starts,
                               to_dense(csr), matmul(csr, in[1]), to_dense(coo_from_dense(in[0], count))};
            },
            {dense, right});
        if (count == 8)
            for (std::size_t i = 0; const char* part : {"data", "indices.astype('i4')", "indptr.astype('i4')"})
                oracle.expect(jax(part), {dense}, found[i++]);
        EXPECT_EQ(found[3], dense);
        EXPECT_EQ(found[5], dense);
        oracle.expect("x[0] @ x[1]", {dense, right}, found[4]);
    }
    oracle.check();
    const auto short_one = test::run(
        [](const Tensors& in) {
            return Tensors{to_dense(coo_from_dense(in[0], 2)), count_nonzero(in[0])};
        },
        {dense});
    EXPECT_EQ(short_one[0].as_double(1), 1.5);
    EXPECT_EQ(short_one[0].as_double(5), 0);  // the third does not fit
    EXPECT_EQ(short_one[1].as_double(0), 8);
}

TEST(Sparse, BlocksTimesDenseAreTheDenseProduct) {
    const HostArray dense = holes(), right = f64({4, 3}, 2), vector = f64({4}, 3);
    const auto product = [](const Tensors& in) { return Tensors{matmul(bcsr_from_dense(in[0], 2, 2, 4), in[1])}; };
    test::Oracle oracle;
    oracle.expect("x[0] @ x[1]", {dense, right}, test::run(product, {dense, right})[0]);
    oracle.expect("x[0] @ x[1]", {dense, vector}, test::run(product, {dense, vector})[0]);
    oracle.check();
    test::expect_gradient([&](const Tensors& in) { return product({constant(holes()), in[0]}); }, {right});
    const auto found = test::run(
        [](const Tensors& in) {
            const Bcsr blocks = bcsr_from_dense(in[0], 2, 2, 4);
            return Tensors{blocks.columns, blocks.row_starts, to_dense(blocks)};
        },
        {dense});
    EXPECT_EQ(found[0], integers({0, 0, 1, 0}));  // the last one is not needed
    EXPECT_EQ(found[1], integers({0, 1, 1, 3}));
    EXPECT_EQ(found[2], dense);
}

TEST(Sparse, RowGradientsAreTheDenseGradientsRows) {
    const HostArray table = f64({7, 3}), indices = integers({4, 0, 4, 6}), target = f64({4, 3}, 2);
    const auto loss = [](const Tensor& t) { return [t](const Tensor& rows) { return sum(square(rows - t) * rows); }; };
    const auto found = test::run(
        [&](const Tensors& in) {
            const Rows rows = row_gradient(loss(in[2]), in[0], in[1]);
            const Rows each = merged(rows, 5, 7);
            return Tensors{add_rows(zeros_like(in[0]), rows), add_rows(in[0], {each.indices, each.values * -0.1}),
                           rows.values, each.indices};
        },
        {table, indices, target});
    test::Oracle oracle;
    const std::string gradient = "jax.grad(lambda w: ((w[x[1]] - x[2]) ** 2 * w[x[1]]).sum())(x[0])";
    oracle.expect(gradient, {table, indices, target}, found[0]);
    oracle.expect("x[0] - 0.1 * " + gradient, {table, indices, target}, found[1]);
    oracle.check();
    EXPECT_EQ(found[2].shape(), Shape(DataType::FLOAT64, {4, 3}));
    EXPECT_EQ(found[3], integers({0, 4, 6, 7, 7}));  // 7 is behind the table
}

TEST(Sparse, SaysWhatDoesNotFit) {
    const Coo matrix{zeros({2}), zeros({2}, DataType::INT32), zeros({2}, DataType::INT32), {3, 4}};
    expect_error(Code::SHAPE_MISMATCH, "sparse matmul: the matrix [3,4] does not go with f32[3,2]", [&] {
        matmul(matrix, zeros({3, 2}));
    });
    expect_error(Code::DTYPE_MISMATCH, "values of f32 do not go with f64[4]",
                 [&] { matmul(matrix, zeros({4}, DataType::FLOAT64)); });
    expect_error(Code::SHAPE_MISMATCH, "takes a matrix and a count", [] { coo_from_dense(zeros({3}), 2); });
    expect_error(Code::SHAPE_MISMATCH, "blocks of [2,2] do not divide f32[3,4]", [] {
        bcsr_from_dense(zeros({3, 4}), 2, 2, 1);
    });
}

}  // namespace
}  // namespace podium::sparse

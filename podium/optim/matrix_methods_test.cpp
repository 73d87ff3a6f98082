#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "podium/base/expect_error.h"
#include "podium/optim/optim.h"
#include "podium/runtime/interp/interp_backend.h"
#include "tests/support/interpreted.h"
#include "tests/support/jax.h"
#include "tests/support/tree_program.h"

namespace podium::optim {
namespace {

using test::HostTree;
using test::TreeProgram;

constexpr int MATRIX_STEPS = 30;
constexpr double MATRIX_RATE = 0.1;

/// A matrix in plain C++, by rows.
struct Plain {
    std::size_t rows, columns;
    std::vector<double> numbers;

    Plain(std::size_t r, std::size_t c) : rows(r), columns(c), numbers(r * c) {}
    double& operator()(std::size_t i, std::size_t j) { return numbers[i * columns + j]; }
    double operator()(std::size_t i, std::size_t j) const { return numbers[i * columns + j]; }
};

template <class F>
Plain made(std::size_t rows, std::size_t columns, const F& f) {
    Plain x(rows, columns);
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < columns; ++j) x(i, j) = f(i, j);
    return x;
}
Plain transposed(const Plain& a) {
    return made(a.columns, a.rows, [&](std::size_t i, std::size_t j) { return a(j, i); });
}
Plain operator*(const Plain& a, const Plain& b) {
    return made(a.rows, b.columns, [&](std::size_t i, std::size_t j) {
        double sum = 0.0;
        for (std::size_t k = 0; k < a.columns; ++k) sum += a(i, k) * b(k, j);
        return sum;
    });
}
Plain mixed(const Plain& before, double decay, const Plain& now) {
    return made(now.rows, now.columns,
                [&](std::size_t i, std::size_t j) { return decay * before(i, j) + (1.0 - decay) * now(i, j); });
}
double norm(const Plain& a) {
    return std::sqrt(std::inner_product(a.numbers.begin(), a.numbers.end(), a.numbers.begin(), 0.0));
}

/// Returns eigenvalues, descending, and the vectors in columns, by Jacobi's rotations.
std::pair<std::vector<double>, Plain> eigen(Plain a) {
    const std::size_t n = a.rows;
    Plain v = made(n, n, [](std::size_t i, std::size_t j) { return i == j ? 1.0 : 0.0; });
    for (int sweep = 0; sweep < 50; ++sweep)
        for (std::size_t p = 0; p < n; ++p)
            for (std::size_t q = p + 1; q < n; ++q) {
                if (a(p, q) == 0.0) continue;
                const double angle = 0.5 * std::atan2(2.0 * a(p, q), a(q, q) - a(p, p));
                Plain turn = made(n, n, [](std::size_t i, std::size_t j) { return i == j ? 1.0 : 0.0; });
                turn(p, p) = turn(q, q) = std::cos(angle);
                turn(p, q) = std::sin(angle);
                turn(q, p) = -std::sin(angle);
                a = transposed(turn) * a * turn;
                v = v * turn;
            }
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return a(i, i) > a(j, j); });
    std::vector<double> values(n);
    for (std::size_t i = 0; i < n; ++i) values[i] = a(order[i], order[i]);
    return {values, made(n, n, [&](std::size_t i, std::size_t j) { return v(i, order[j]); })};
}

double number_at(std::size_t i, std::size_t j, int t) {
    return std::sin(0.7 * t + 1.3 * static_cast<double>(i) + 2.1 * static_cast<double>(j * j) + 0.4);
}

/// Returns the matrix after each step of f(parameters, gradient, t), t from 1 on.
template <class F>
std::vector<double> plain_path(std::size_t rows, std::size_t columns, const F& f) {
    Plain now = made(rows, columns, [](std::size_t i, std::size_t j) { return number_at(i, j, 0); });
    std::vector<double> path;
    for (int t = 1; t <= MATRIX_STEPS; ++t) {
        now = f(now, made(rows, columns, [t](std::size_t i, std::size_t j) { return number_at(i, j, t); }), t);
        path.insert(path.end(), now.numbers.begin(), now.numbers.end());
    }
    return path;
}

void expect_path(const GradientTransform& transform, std::size_t rows, std::size_t columns,
                 const std::vector<double>& expected, double tolerance) {
    const auto tree = [&](int t) {
        const Plain x = made(rows, columns, [t](std::size_t i, std::size_t j) { return number_at(i, j, t); });
        return TreeBuilder<HostArray>()
            .add("w", HostArray::of<double>({static_cast<std::int64_t>(rows), static_cast<std::int64_t>(columns)},
                                            x.numbers))
            .build();
    };
    const auto backend = make_interp_backend();
    HostTree now = tree(0);
    HostTree state = TreeProgram(*backend, {now}, [&](const std::vector<Tree>& trees) {
        return std::vector<Tree>{transform.init(trees[0])};
    })({now})[0];
    const TreeProgram step(*backend, {now, state, now}, [&](const std::vector<Tree>& trees) {
        const auto [updates, next] = transform.update(trees[0], trees[1], trees[2]);
        return std::vector<Tree>{apply_updates(trees[2], updates), next};
    });
    std::size_t at = 0;
    for (int t = 1; t <= MATRIX_STEPS; ++t) {
        auto results = step({tree(t), state, now});
        now = std::move(results[0]);
        state = std::move(results[1]);
        for (std::int64_t j = 0; j < now["w"].count(); ++j)
            ASSERT_NEAR(now["w"].as_double(j), expected[at++], tolerance) << "element " << j << " in step " << t;
    }
}

/// Returns (a + ridge |a| I)^(-1/4) by the eigenvalues.
Plain plain_root(const Plain& a, double ridge) {
    Plain ridged = a;
    for (std::size_t i = 0; i < a.rows; ++i) ridged(i, i) += ridge * norm(a);
    const auto [values, vectors] = eigen(ridged);
    const std::vector<double>& found = values;
    const Plain& basis = vectors;
    return made(a.rows, a.rows, [&](std::size_t i, std::size_t j) { return basis(i, j) * std::pow(found[j], -0.25); }) *
           transposed(basis);
}

TEST(MatrixMethods, ShampooIsThePapers) {
    constexpr double BETA1 = 0.9, BETA2 = 0.99, EPSILON = 1e-8, RIDGE = 1e-4, DECAY = 0.1;
    constexpr int EVERY = 4;
    Plain m(2, 3), v(2, 3), left(2, 2), right(3, 3), left_root(2, 2), right_root(3, 3);
    const auto expected = plain_path(2, 3, [&](const Plain& now, const Plain& g, int t) {
        m = mixed(m, BETA1, g);
        v = mixed(v, BETA2, made(2, 3, [&](std::size_t i, std::size_t j) { return g(i, j) * g(i, j); }));
        left = mixed(left, BETA2, g * transposed(g));
        right = mixed(right, BETA2, transposed(g) * g);
        if ((t - 1) % EVERY == 0) {
            left_root = plain_root(left, RIDGE);
            right_root = plain_root(right, RIDGE);
        }
        const double c1 = 1.0 - std::pow(BETA1, t), c2 = 1.0 - std::pow(BETA2, t);
        const Plain way = left_root * m * right_root;
        const Plain adam = made(
            2, 3, [&](std::size_t i, std::size_t j) { return m(i, j) / c1 / (std::sqrt(v(i, j) / c2) + EPSILON); });
        return made(2, 3, [&](std::size_t i, std::size_t j) {
            return now(i, j) - MATRIX_RATE * (way(i, j) * norm(adam) / norm(way) + DECAY * now(i, j));
        });
    });
    expect_path(shampoo(MATRIX_RATE, {.beta2 = BETA2, .ridge = RIDGE, .every = EVERY, .weight_decay = DECAY}), 2, 3,
                expected, 1e-8);
}

TEST(MatrixMethods, ShampoosBlocksAreMatricesOfTheirOwn) {
    const Tensor gradient = test::sample({5, 3}, 1), parameter = test::sample({5, 3}, 2);
    const auto updated = [](const ShampooOptions& options, const Tensor& g, const Tensor& p) {
        const Tree gradients = TreeBuilder<Tensor>().add("w", g).build(),
                   parameters = TreeBuilder<Tensor>().add("w", p).build();
        const auto transform = scale_by_shampoo(options);
        return transform.update(gradients, transform.init(parameters), parameters).first["w"];
    };
    const Tensor whole = updated({.ridge = 1e-3, .block = 2}, gradient, parameter);
    // Inside a block the direction is the block's own; its length belongs to the whole matrix.
    for (const auto& [row, rows, column, columns] :
         {std::array<std::int64_t, 4>{0, 2, 0, 2}, {2, 2, 0, 2}, {2, 2, 2, 1}, {4, 1, 2, 1}}) {
        const auto part = [&, row = row, rows = rows, column = column, columns = columns](const Tensor& x) {
            return slice_axis(slice_axis(x, 0, row, row + rows), 1, column, column + columns);
        };
        const Tensor found = part(whole), alone = updated({.ridge = 1e-3}, part(gradient), part(parameter));
        const auto length = [](const Tensor& x) { return sqrt(sum(square(x))); };
        const Tensor difference = max(abs(found / length(found) - alone / length(alone)));
        EXPECT_LT(test::interpreted({difference})[0].as_double(0), 1e-6) << row << ", " << column;
    }
}

TEST(MatrixMethods, FourthRootsAreInvertedAndMultipliedBack) {
    const auto number = [](const Tensor& x) { return test::interpreted({x})[0].as_double(0); };
    const auto norm_of = [](const Tensor& x) { return sqrt(sum(square(x))); };
    const Tensor x = test::sample({2, 6, 6}, 5), unit = eye(6, DataType::FLOAT64);
    for (const double spread : {1.0, 1e3, 1e5}) {
        const Tensor scales = power(full({6}, spread, DataType::FLOAT64), -arange(6, DataType::FLOAT64) / 5.0);
        const Tensor products = matmul(x * scales, swap_axes(x, -2, -1));
        const Tensor a = products + 1e-3 / spread * unit, root = inverse_fourth_root(a), squared = matmul(root, root);
        EXPECT_LT(number(max(abs(matmul(matmul(squared, squared), a) - unit))), 1e-6) << spread;
        // In f32 the least eigenvalue is known to a hundredth, where it is 1e-5 of the matrix.
        const Tensor ridged = products + 1e-5 * norm_of(products) * unit, exact = inverse_fourth_root(ridged);
        const Tensor narrow = convert(inverse_fourth_root(convert(ridged, DataType::FLOAT32)), DataType::FLOAT64);
        EXPECT_LT(number(norm_of(narrow - exact) / norm_of(exact)), 0.01) << spread;
    }
}

/// Returns orthonormal columns by Gram and Schmidt.
Plain orthonormal(Plain a) {
    for (std::size_t j = 0; j < a.columns; ++j) {
        for (int pass = 0; pass < 2; ++pass)
            for (std::size_t k = 0; k < j; ++k) {
                double product = 0.0;
                for (std::size_t i = 0; i < a.rows; ++i) product += a(i, j) * a(i, k);
                for (std::size_t i = 0; i < a.rows; ++i) a(i, j) -= product * a(i, k);
            }
        double length = 0.0;
        for (std::size_t i = 0; i < a.rows; ++i) length += a(i, j) * a(i, j);
        for (std::size_t i = 0; i < a.rows; ++i) a(i, j) /= std::sqrt(length);
    }
    return a;
}

/// SOAP as its authors' program has it: get_orthogonal_matrix, get_orthogonal_matrix_QR and step.
TEST(MatrixMethods, SoapIsItsAuthors) {
    constexpr double BETA1 = 0.9, BETA2 = 0.95, EPSILON = 1e-8, DECAY = 0.1;
    constexpr int EVERY = 3;
    constexpr std::size_t ROWS = 3, COLUMNS = 2;
    Plain m(ROWS, COLUMNS), v(ROWS, COLUMNS);
    std::array statistics{Plain(ROWS, ROWS), Plain(COLUMNS, COLUMNS)};
    std::array bases{Plain(ROWS, ROWS), Plain(COLUMNS, COLUMNS)};
    const auto expected = plain_path(ROWS, COLUMNS, [&](const Plain& now, const Plain& g, int t) {
        const std::array products{g * transposed(g), transposed(g) * g};
        const int step = t - 1;
        Plain next =
            made(ROWS, COLUMNS, [&](std::size_t i, std::size_t j) { return now(i, j) * (1.0 - MATRIX_RATE * DECAY); });
        if (step > 0) {
            const Plain turned = transposed(bases[0]) * g * bases[1];
            m = mixed(m, BETA1, g);
            v = mixed(v, BETA2,
                      made(ROWS, COLUMNS, [&](std::size_t i, std::size_t j) { return turned(i, j) * turned(i, j); }));
            const Plain turned_m = transposed(bases[0]) * m * bases[1];
            const double scale = std::sqrt(1.0 - std::pow(BETA2, step)) / (1.0 - std::pow(BETA1, step));
            const Plain adam = made(ROWS, COLUMNS, [&](std::size_t i, std::size_t j) {
                return scale * turned_m(i, j) / (std::sqrt(v(i, j)) + EPSILON);
            });
            const Plain back = bases[0] * adam * transposed(bases[1]);
            for (std::size_t i = 0; i < next.numbers.size(); ++i) next.numbers[i] -= MATRIX_RATE * back.numbers[i];
        }
        for (std::size_t side = 0; side < 2; ++side) {
            statistics[side] = mixed(statistics[side], BETA2, products[side]);
            Plain& basis = bases[side];
            if (step == 0) basis = eigen(statistics[side]).second;
            if (step == 0 || step % EVERY != 0) continue;
            const Plain values = transposed(basis) * statistics[side] * basis;
            std::vector<std::size_t> order(basis.rows);
            std::iota(order.begin(), order.end(), 0);
            std::sort(order.begin(), order.end(),
                      [&](std::size_t i, std::size_t j) { return values(i, i) > values(j, j); });
            const Plain sorted =
                made(basis.rows, basis.rows, [&](std::size_t i, std::size_t j) { return basis(i, order[j]); });
            v = made(ROWS, COLUMNS,
                     [&](std::size_t i, std::size_t j) { return side == 0 ? v(order[i], j) : v(i, order[j]); });
            basis = orthonormal(statistics[side] * sorted);
        }
        return next;
    });
    expect_path(soap(MATRIX_RATE, {.beta1 = BETA1, .beta2 = BETA2, .every = EVERY, .weight_decay = DECAY}), ROWS,
                COLUMNS, expected, 1e-8);
}

TEST(MatrixMethods, SoapWithoutABasisIsAdamAfterTheFirstStep) {
    constexpr double BETA1 = 0.95, BETA2 = 0.95;
    Plain m(2, 3), v(2, 3);
    const auto expected = plain_path(2, 3, [&](const Plain& now, const Plain& g, int t) {
        if (t == 1) return now;
        m = mixed(m, BETA1, g);
        v = mixed(v, BETA2, made(2, 3, [&](std::size_t i, std::size_t j) { return g(i, j) * g(i, j); }));
        const double scale = std::sqrt(1.0 - std::pow(BETA2, t - 1)) / (1.0 - std::pow(BETA1, t - 1));
        return made(2, 3, [&](std::size_t i, std::size_t j) {
            return now(i, j) - MATRIX_RATE * scale * m(i, j) / (std::sqrt(v(i, j)) + 1e-8);
        });
    });
    expect_path(soap(MATRIX_RATE, {.largest = 1, .weight_decay = 0.0}), 2, 3, expected, 1e-10);
}

TEST(MatrixMethods, AStackOfLayersIsChangedLayerByLayer) {
    const std::vector<GradientTransform> transforms{galore(0.1, {.rank = 2}), shampoo(0.1),    soap(0.1), muonclip(0.1),
                                                    adam_mini(0.1),           sparse_adam(0.1)};
    const auto updated = [](const GradientTransform& transform, const std::vector<std::string>& paths,
                            const std::function<Tensor(std::size_t, int)>& leaf) {
        const auto tree = [&](int seed) {
            TreeBuilder<Tensor> built;
            for (std::size_t i = 0; i < paths.size(); ++i) built.add(paths[i], leaf(i, seed));
            return built.build();
        };
        const Tree parameters = tree(0);
        Tree state = transform.init(parameters), updates;
        for (int seed = 1; seed <= 3; ++seed)
            std::tie(updates, state) = transform.update(tree(seed), state, parameters);
        return updates;
    };
    for (const auto& transform : transforms)
        for (const Dims& dims : {Dims{4, 3}, Dims{6}}) {
            SCOPED_TRACE(fmt::format("{} of {}", transform.name, join(dims)));
            const auto layer = [&](std::size_t i, int seed) {
                return test::sample(dims, 10 * seed + static_cast<int>(i)) * (1.0 + 8.0 * static_cast<double>(i));
            };
            const Tree apart = updated(transform, {"h.0.w", "h.1.w"}, layer);
            const Tensor together = updated(transform, {"h.*.w"}, [&](std::size_t, int seed) {
                                        return stack({layer(0, seed), layer(1, seed)}, 0);
                                    }).leaves()[0];
            const Tensor difference = max(abs(together - stack(apart.leaves(), 0)));
            EXPECT_LT(test::interpreted({difference})[0].as_double(0), 1e-6);
        }
}

TEST(MatrixMethods, HeadsWithGreatLogitsAreScaled) {
    const Tensor weight = ones({3, 4}, DataType::FLOAT64);
    const auto clipped = test::interpreted({clipped_heads(weight, tensor<float>({2}, {400.0F, 50.0F}))})[0];
    for (int i = 0; i < 12; ++i) EXPECT_NEAR(clipped.as_double(i), i % 4 < 2 ? 0.5 : 1.0, 1e-7);
    const auto stacked =
        test::interpreted({clipped_heads(ones({2, 3, 4}), tensor<float>({2, 2}, {400.0F, 50.0F, 90.0F, 1600.0F}))})[0];
    EXPECT_NEAR(stacked.as_double(0), 0.5, 1e-7);
    EXPECT_NEAR(stacked.as_double(12), 1.0, 1e-7);
    EXPECT_NEAR(stacked.as_double(23), 0.25, 1e-7);
    EXPECT_NEAR(test::interpreted({clipped_heads(ones({4}), tensor<float>({2}, {400.0F, 50.0F}))})[0].as_double(1), 0.5,
                1e-7);
    expect_error(Code::SHAPE_MISMATCH, "4 columns are not 3 heads", [] { clipped_heads(ones({3, 4}), ones({3})); });
}

TEST(MatrixMethods, NumbersThatMakeNoneAreRefused) {
    expect_error(Code::INVALID_ARGUMENT, "scale_by_galore: a rank of 0", [] { galore(0.1, {.rank = 0}); });
    expect_error(Code::INVALID_ARGUMENT, "scale_by_galore: 0 steps", [] { galore(0.1, {.every = 0}); });
    expect_error(Code::INVALID_ARGUMENT, "scale_by_shampoo: 0 steps", [] { shampoo(0.1, {.every = 0}); });
    expect_error(Code::INVALID_ARGUMENT, "scale_by_shampoo: blocks of 0", [] { shampoo(0.1, {.block = 0}); });
    expect_error(Code::INVALID_ARGUMENT, "scale_by_soap: 0 steps", [] { soap(0.1, {.every = 0}); });
}

}  // namespace
}  // namespace podium::optim

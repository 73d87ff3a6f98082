#include "podium/mesh/shard_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "podium/arrays/safetensors.h"
#include "podium/base/expect_error.h"
#include "podium/ir/ops.h"
#include "podium/runtime/interp/interp.h"
#include "tests/support/python.h"
#include "tests/support/temporary_folder.h"

namespace podium {
namespace {

using testing::HasSubstr;

/// Returns an f64 tensor of numbers in [-1, 1] that differ by position and by `seed`.
Tensor sample(const Dims& dims, int seed = 0) {
    HostArray array(Shape(DataType::FLOAT64, dims));
    double at = 0.7 + seed;
    for (double& element : array.mutable_span<double>()) element = std::sin(at += 2.3);
    return tensor(array);
}

void expect_near(const HostArray& ours, const HostArray& expected, double tolerance, const std::string& what) {
    ASSERT_EQ(to_string(ours.shape()), to_string(expected.shape())) << what;
    for (std::int64_t i = 0; i < ours.count(); ++i)
        ASSERT_NEAR(ours.as_double(i), expected.as_double(i), tolerance) << what << ", element " << i;
}

const Mesh& mesh() {
    static const Mesh mesh({{"a", 4}, {"b", 2}}, devices("cpu"));
    return mesh;
}

/// What devices do, as podium says it and as JAX does: on x f64[8,16] and w f64[16,6].
struct Case {
    const char* name;
    std::function<Tensor(const Tensor& x, const Tensor& w)> f;
    std::vector<Split> in;
    Split out;
    const char* jax;  ///< of x and w, then the specs of both and of the result
    const char* specs;
};

const std::vector<Case>& cases() {
    static const std::vector<Case> all{
        {"psum",
         [](auto& x, auto& w) { return tanh(psum(sin(matmul(x, w)), "b")); },
         {{"a", "b"}, {"b"}},
         {"a"},
         "jnp.tanh(lax.psum(jnp.sin(x @ w), 'b'))",
         "P('a', 'b'), P('b'), P('a')"},
        {"pmean of two axes",
         [](auto& x, auto& w) { return pmean(exp(x) * sum(w), "a,b"); },
         {{"a", "b"}, {}},
         {},
         "lax.pmean(jnp.exp(x) * jnp.sum(w), ('a', 'b'))",
         "P('a', 'b'), P(), P()"},
        {"replicated arguments",
         [](auto& x, auto& w) { return sin(x) * sum(cos(w)); },
         {{"a"}, {}},
         {"a"},
         "jnp.sin(x) * jnp.sum(jnp.cos(w))",
         "P('a'), P(), P('a')"},
        {"all_gather",
         [](auto& x, auto& w) { return matmul(all_gather(sin(x), "b", 1), w); },
         {{"a", "b"}, {}},
         {"a"},
         "lax.all_gather(jnp.sin(x), 'b', axis=1, tiled=True) @ w",
         "P('a', 'b'), P(), P('a')"},
        {"psum_scatter",
         [](auto& x, auto& w) { return cos(psum_scatter(matmul(x, w), "b", 0)); },
         {{"a", "b"}, {"b"}},
         {"a,b"},
         "jnp.cos(lax.psum_scatter(x @ w, 'b', scatter_dimension=0, tiled=True))",
         "P('a', 'b'), P('b'), P(('a', 'b'))"},
        {"all_to_all",
         [](auto& x, auto& w) { return sin(all_to_all(x * x, "a", 1, 0)) + sum(w); },
         {{"a", "b"}, {}},
         {"b", "a"},
         "jnp.sin(lax.all_to_all(x * x, 'a', 1, 0, tiled=True)) + jnp.sum(w)",
         "P('a', 'b'), P(), P('b', 'a')"},
        {"ppermute",
         [](auto& x, auto& w) {
             return x * ppermute(sin(x), "a", {{0, 1}, {1, 2}, {2, 3}, {3, 0}}) + sum(w);
         },
         {{"a", "b"}, {}},
         {"a", "b"},
         "x * lax.ppermute(jnp.sin(x), 'a', [(0, 1), (1, 2), (2, 3), (3, 0)]) + jnp.sum(w)",
         "P('a', 'b'), P(), P('a', 'b')"},
        {"ppermute that not all receive",
         [](auto& x, auto& w) {
             return ppermute(x * x, "a", {{0, 3}, {3, 1}}) * sum(w);
         },
         {{"a", "b"}, {}},
         {"a", "b"},
         "lax.ppermute(x * x, 'a', [(0, 3), (3, 1)]) * jnp.sum(w)",
         "P('a', 'b'), P(), P('a', 'b')"},
        {"axis_index",
         [](auto& x, auto& w) {
             return x * convert(axis_index("a,b") * 10 + axis_index("b"), x.type()) + sum(w) * double(axis_size("a"));
         },
         {{"a", "b"}, {}},
         {"a", "b"},
         "x * (lax.axis_index(('a', 'b')) * 10 + lax.axis_index('b')) + jnp.sum(w) * 4",
         "P('a', 'b'), P(), P('a', 'b')"},
    };
    return all;
}

/// The value, the gradient of a sum of its cosines, and the tangent.
TEST(ShardMap, ValuesGradientsAndTangentsAreJax) {
    const Tree inputs = TreeBuilder<Tensor>()
                            .add("x", sample({8, 16}))
                            .add("w", sample({16, 6}, 1))
                            .add("dx", sample({8, 16}, 2))
                            .add("dw", sample({16, 6}, 3))
                            .build();
    std::string script = R"(
import os, sys
os.environ['JAX_PLATFORMS'] = 'cpu'
import jax, jax.numpy as jnp, numpy as np
from jax import lax
from jax.sharding import PartitionSpec as P
from safetensors.numpy import load_file, save_file
jax.config.update('jax_enable_x64', True)
jax.config.update('jax_num_cpu_devices', 8)
mesh = jax.sharding.Mesh(np.array(jax.devices()).reshape(4, 2), ('a', 'b'))
given, out = load_file(sys.argv[1]), {}
x, w, dx, dw = (given[k] for k in ('x', 'w', 'dx', 'dw'))
def add(name, f, x_spec, w_spec, out_spec):
    g = jax.jit(jax.shard_map(f, mesh=mesh, in_specs=(x_spec, w_spec), out_specs=out_spec, check_vma=False))
    out[name + '.value'], out[name + '.tangent'] = jax.jvp(g, (x, w), (dx, dw))
    out[name + '.x'], out[name + '.w'] = jax.grad(lambda x, w: jnp.sum(jnp.cos(g(x, w))), (0, 1))(x, w)
)";
    for (const Case& each : cases())
        script += fmt::format("add('{}', lambda x, w: {}, {})\n", each.name, each.jax, each.specs);
    script += "save_file({k: np.array(v, order='C') for k, v in out.items()}, sys.argv[2])\n";
    const test::TemporaryFolder folder;
    write_safetensors(folder / "given", inputs.map([](const Tensor& t) { return t.to_host(); }));
    test::run_python(script, {folder / "given", folder / "out"});
    const auto expected = read_safetensors(folder / "out");
    for (const Case& each : cases()) {
        SCOPED_TRACE(each.name);
        const auto g = shard_map(each.f, mesh(), each.in, {each.out});
        const auto both = [&](const Tensor& x, const Tensor& w, const Tensor& dx, const Tensor& dw) {
            const auto loss = [&](const std::pair<Tensor, Tensor>& in) { return sum(cos(g(in.first, in.second))); };
            const auto gradient = grad(loss)(std::pair(x, w));
            const auto [value, tangent] = jvp(g, std::tuple(x, w), std::tuple(dx, dw));
            return std::vector<Tensor>{value, tangent, gradient.first, gradient.second};
        };
        const auto run = jit(both, {.mesh = &mesh()});
        const auto found = run(inputs["x"], inputs["w"], inputs["dx"], inputs["dw"]);
        const std::string name = each.name;
        expect_near(found[0].to_host(), expected[name + ".value"], 1e-12, "value");
        expect_near(found[1].to_host(), expected[name + ".tangent"], 1e-12, "tangent");
        expect_near(found[2].to_host(), expected[name + ".x"], 1e-12, "gradient of x");
        expect_near(found[3].to_host(), expected[name + ".w"], 1e-12, "gradient of w");
    }
}

TEST(ShardMap, TheInterpreterOfEightDevicesSaysTheSame) {
    for (const Case& each : cases()) {
        if (std::string_view(each.name) == "axis_index") continue;  // its devices are replicas of one partition
        SCOPED_TRACE(each.name);
        const auto g = shard_map(each.f, mesh(), each.in, {each.out});
        const HostArray x = sample({8, 16}).to_host(), w = sample({16, 6}, 1).to_host();
        const auto all = [&](const Tensor& a, const Tensor& b) {
            const auto loss = [&](const std::pair<Tensor, Tensor>& in) { return sum(cos(g(in.first, in.second))); };
            const auto back = grad(loss)(std::pair(a, b));
            return std::vector<Tensor>{g(a, b), back.first, back.second};
        };
        Graph graph;
        {
            const TraceScope scope;
            graph.parameters = {scope.parameter(x.shape()), scope.parameter(w.shape())};
            graph.results = all(graph.parameters[0], graph.parameters[1]);
        }
        const auto expected = Interpreter(graph).run_together(std::vector<std::vector<HostArray>>(8, {x, w}));
        const auto found = jit(all, {.mesh = &mesh()})(tensor(x), tensor(w));
        for (std::size_t i = 0; i < found.size(); ++i)
            for (const std::size_t device : {std::size_t{0}, std::size_t{5}})
                expect_near(found[i].to_host(), expected[device][i], 1e-12, fmt::format("{} on {}", i, device));
    }
}

TEST(ShardMap, DevicesHoldTheirPiecesAndExchangeWithTheirGroups) {
    const auto f =
        jit(shard_map(cases()[0].f, mesh(), cases()[0].in, {cases()[0].out}),
            {.names = {"x", "w"}, .mesh = &mesh(), .shardings = {{"x", {"a", "b"}}, {"w", {"b"}}, {"**", {"a"}}}});
    const Tensor result = f(sample({8, 16}), sample({16, 6}, 1));
    EXPECT_EQ(buffer_of(result)->placement()->shard_shape(result.shape()), Shape(DataType::FLOAT64, {2, 6}));
    const auto text = f.executable()->optimized_text();
    EXPECT_THAT(text, HasSubstr("all-reduce"));
    EXPECT_THAT(text, HasSubstr("f64[2,8]"));
    EXPECT_THAT(text, testing::Not(HasSubstr("f64[8,16]"))) << "no device has all of x";
}

TEST(ShardMap, TreesVmapAndLoopsGoThrough) {
    const auto inner = [](const Tree& weights, const Tensor& x) {
        const auto [last, all] = scan(
            [&](const Tensor& carry, const Tensor& row) {
                const Tensor next = carry + psum(row * weights["w"], "b");
                return std::pair(next, next);
            },
            zeros({4}, DataType::FLOAT64), x);
        return std::pair(last, all);
    };
    const auto g = shard_map(inner, mesh(), {{}, {"", "b"}}, {{}, {}});
    const auto plain = [](const Tensor& w, const Tensor& x) {  // columns 0 … 3 and 4 … 7 are the two devices'
        const Tensor products = slice_axis(x, 1, 0, 4) * w + slice_axis(x, 1, 4, 8) * w;
        return sum(products, {0});
    };
    const Tensor w = sample({4}), xs = sample({3, 5, 8}, 1);
    const auto found = jit(
        [&](const Tensor& weight, const Tensor& x) {
            return vmap(
                [&](const Tensor& each) { return g(TreeBuilder<Tensor>().add("w", weight).build(), each).first; })(x);
        },
        {.mesh = &mesh()})(w, xs);
    for (std::int64_t i = 0; i < 3; ++i)
        expect_near(squeeze(slice_axis(tensor(found.to_host()), 0, i, i + 1), 0).to_host(),
                    plain(w, squeeze(slice_axis(xs, 0, i, i + 1), 0)).to_host(), 1e-12, "vmap");
}

TEST(ShardMap, OneDeviceIsAMeshToo) {
    const Mesh one({{"a", 1}}, devices("cpu"));
    const auto f =
        jit(shard_map([](const Tensor& x) { return psum(x * 2.0, "a"); }, one, {{"a"}}, {{}}), {.mesh = &one});
    EXPECT_EQ(f(ones({4})).to_host(), full({4}, 2.0).to_host());
}

TEST(ShardMap, MistakesAreNamed) {
    const auto on_mesh = [](auto f) { return jit(f, {.names = {"x"}, .mesh = &mesh()}); };
    const auto twice = [](const Tensor& x) { return x * 2.0; };
    expect_error(Code::SHAPE_MISMATCH, "splits dimension 0 of f32[6] into 4 parts",
                 [&] { on_mesh(shard_map(twice, mesh(), {{"a"}}, {{"a"}}))(zeros({6})); });
    expect_error(Code::NOT_FOUND, "no axis \"c\"; the mesh has a, b",
                 [&] { on_mesh(shard_map(twice, mesh(), {{"c"}}, {{}}))(zeros({8})); });
    expect_error(Code::INVALID_ARGUMENT, "would split a tensor twice", [&] {
        on_mesh(shard_map(twice, mesh(), {{"a", "a"}}, {{}}))(zeros({8, 8}));
    });
    expect_error(Code::FAILED_PRECONDITION, "psum: devices exchange inside of shard_map",
                 [&] { on_mesh([](const Tensor& x) { return psum(x, "a"); })(zeros({8})); });
    expect_error(Code::OUT_OF_RANGE, "ppermute: (0, 4) is no pair", [&] {
        on_mesh(shard_map(
            [](const Tensor& x) {
                return ppermute(x, "a", {{0, 4}});
            },
            mesh(), {{"a"}}, {{"a"}}))(zeros({8}));
    });
    expect_error(Code::INVALID_ARGUMENT, "shard_map: the function uses f32[8] (x) from outside", [&] {
        on_mesh([&](const Tensor& x) {
            return shard_map([&](const Tensor& y) { return y + slice_axis(x, 0, 0, 2); }, mesh(), {{"a"}}, {{"a"}})(x);
        })(zeros({8}));
    });
    const Mesh other({{"a", 2}, {"b", 4}}, devices("cpu"));
    expect_error(Code::INVALID_ARGUMENT, "axes of sizes [2,4], and the program is for one with [4,2]",
                 [&] { on_mesh(shard_map(twice, other, {{"a"}}, {{"a"}}))(zeros({8})); });
}

}  // namespace
}  // namespace podium

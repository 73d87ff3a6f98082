#include "podium/onnx/model.h"

#include <gmock/gmock.h>

#include "podium/arrays/npy.h"
#include "podium/exec/jit.h"
#include "podium/nn/losses.h"
#include "podium/transform/transform.h"
#include "tests/support/error_of.h"
#include "tests/support/python.h"
#include "tests/support/temporary_folder.h"

namespace podium::onnx {
namespace {

/// Makes a small convolutional model and writes what JAX says of its training.
constexpr const char* TRAINED = R"(
import os, sys, jax, jax.numpy as jnp, numpy as np
from onnx import TensorProto, helper, numpy_helper, save
os.chdir(sys.argv[1])
random = np.random.default_rng(3)
sizes = {"conv.w": (4, 1, 3, 3), "conv.b": (4,), "scale": (4,), "shift": (4,), "w": (5, 64), "b": (5,)}
weights = {name: (random.normal(size=size) * 0.3).astype(np.float32) for name, size in sizes.items()}
nodes = [helper.make_node("Conv", ["x", "conv.w", "conv.b"], ["c"], pads=[1, 1, 1, 1]),
         helper.make_node("InstanceNormalization", ["c", "scale", "shift"], ["n"], epsilon=1e-5),
         helper.make_node("Relu", ["n"], ["r"]),
         helper.make_node("MaxPool", ["r"], ["p"], kernel_shape=[2, 2], strides=[2, 2]),
         helper.make_node("Shape", ["p"], ["s"]),
         helper.make_node("Gather", ["s", "first"], ["batch"]),
         helper.make_node("Concat", ["batch", "rest"], ["flat"], axis=0),
         helper.make_node("Reshape", ["p", "flat"], ["f"]),
         helper.make_node("Gemm", ["f", "w", "b"], ["y"], transB=1)]
integers = {"first": [0], "rest": [-1]}
initializers = [numpy_helper.from_array(value, name) for name, value in weights.items()]
initializers += [numpy_helper.from_array(np.array(value, np.int64), name) for name, value in integers.items()]
graph = helper.make_graph(nodes, "net", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 1, 8, 8])],
                          [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 5])], initializers)
save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)]), "net.onnx")
x = random.normal(size=(6, 1, 8, 8)).astype(np.float32)
labels = random.integers(0, 5, 6).astype(np.int32)

def loss(p):
    c = jax.lax.conv_general_dilated(x, p["conv.w"], (1, 1), "SAME") + p["conv.b"][:, None, None]
    n = (c - c.mean((2, 3), keepdims=True)) / jnp.sqrt(c.var((2, 3), keepdims=True) + 1e-5)
    r = jax.nn.relu(n * p["scale"][:, None, None] + p["shift"][:, None, None])
    f = r.reshape(6, 4, 4, 2, 4, 2).max((3, 5)).reshape(6, -1)
    return -jax.nn.log_softmax(f @ p["w"].T + p["b"])[jnp.arange(6), labels].mean()

losses, p = [], {name: jnp.array(value) for name, value in weights.items()}
for _ in range(5):
    value, gradient = jax.value_and_grad(loss)(p)
    losses.append(value)
    p = {name: p[name] - 0.5 * gradient[name] for name in p}
np.save("x.npy", x); np.save("labels.npy", labels); np.save("losses.npy", np.array(losses))
for name in p: np.save(name + ".npy", np.array(p[name]))
)";

TEST(OnnxModel, TrainsItsInitializersAsJaxTrainsTheSameModel) {
    const test::TemporaryFolder folder;
    test::run_python(TRAINED, {folder.path().string()});
    const auto model = load(folder / "net.onnx");
    TreeBuilder<Tensor> inputs;
    inputs.add("x", tensor(read_npy(folder / "x.npy")));
    const auto step = jit([&](const Tree& parameters, const Tree& batch, const Tensor& labels) {
        const auto [loss, gradient] =
            value_and_grad([&](const Tree& p) { return nn::cross_entropy(model(p, batch)["y"], labels); })(parameters);
        Tree next = parameters;
        for (std::size_t i = 0; i < next.size(); ++i)
            next.leaves()[i] = parameters.leaves()[i] - gradient.leaves()[i] * 0.5;
        return std::pair(loss, next);
    });
    Tree parameters = model.parameters();
    EXPECT_EQ(parameters.size(), 6U);
    const Tree batch = inputs.build();
    const Tensor labels = tensor(read_npy(folder / "labels.npy"));
    const auto losses = read_npy(folder / "losses.npy");
    for (std::int64_t i = 0; i < losses.count(); ++i) {
        auto [loss, next] = step(parameters, batch, labels);
        EXPECT_NEAR(loss.item<float>(), losses.as_double(i), 1e-5) << i;
        parameters = next;
    }
    for (std::size_t k = 0; k < parameters.size(); ++k) {
        const auto wanted = read_npy(folder / (parameters.path(k) + ".npy")), got = parameters.leaves()[k].to_host();
        for (std::int64_t i = 0; i < wanted.count(); ++i)
            EXPECT_NEAR(got.as_double(i), wanted.as_double(i), 2e-5) << parameters.path(k) << i;
    }
}

/// A model whose function counts those elements that are not zero, which only its values say, and a loop.
constexpr const char* DEPENDENT = R"(
import os, sys, numpy as np
from onnx import TensorProto, helper, numpy_helper, save
os.chdir(sys.argv[1])
value = lambda name, kind, dims: helper.make_tensor_value_info(name, kind, dims)
taken = helper.make_function("own", "taken", ["x"], ["y"],
                             [helper.make_node("NonZero", ["x"], ["at"]), helper.make_node("Transpose", ["at"], ["t"]),
                              helper.make_node("GatherND", ["x", "t"], ["y"])], [helper.make_opsetid("", 21)])
body = helper.make_graph([helper.make_node("Identity", ["c"], ["c2"]), helper.make_node("Mul", ["v", "two"], ["v2"])],
                         "body", [value("i", TensorProto.INT64, []), value("c", TensorProto.BOOL, []),
                                  value("v", TensorProto.FLOAT, [None])],
                         [value("c2", TensorProto.BOOL, []), value("v2", TensorProto.FLOAT, [None])])
nodes = [helper.make_node("taken", ["x"], ["some"], domain="own"),
         helper.make_node("Loop", ["trips", "", "some"], ["y"], body=body)]
graph = helper.make_graph(nodes, "g", [value("x", TensorProto.FLOAT, [None, None]), value("trips", TensorProto.INT64, [])],
                          [value("y", TensorProto.FLOAT, [None])],
                          [numpy_helper.from_array(np.array(2, np.float32), "two")])
save(helper.make_model(graph, functions=[taken],
                       opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("own", 1)]), "g.onnx")
)";

TEST(OnnxModel, RunKnowsShapesThatDependOnValuesAndTheRestSaysThatItDoesNot) {
    const test::TemporaryFolder folder;
    test::run_python(DEPENDENT, {folder.path().string()});
    const auto model = load(folder / "g.onnx");
    const auto inputs = [](const std::vector<float>& x, std::int64_t trips) {
        TreeBuilder<HostArray> tree;
        tree.add("x", HostArray::of({2, 3}, x)).add("trips", HostArray::scalar(trips));
        return tree.build();
    };
    const auto first = model.run(inputs({1, 0, 2, 0, 0, 3}, 3))["y"];
    EXPECT_THAT(first.span<float>(), testing::ElementsAre(8, 16, 24));
    const auto second = model.run(inputs({0, 0, 0, 0, 5, 0}, 30))["y"];
    EXPECT_THAT(second.span<float>(), testing::ElementsAre(5 * 1073741824.0F));

    const auto traced = jit([&](const Tree& given) { return model(Tree(), given)["y"]; });
    const Tree tensors = inputs({1, 0, 2, 0, 0, 3}, 3).map([](const HostArray& array) { return tensor(array); });
    const auto error = test::error_of([&] { traced(tensors); });
    EXPECT_EQ(error.code(), Code::TRACED_VALUE);
    EXPECT_THAT(error.message(), testing::HasSubstr("NonZero \"\" needs the values of its input 0"));
}

}  // namespace
}  // namespace podium::onnx

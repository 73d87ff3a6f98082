"""`podium run model.onnx`: what the command computes is what ONNX's own reference computes; hostile files are refused."""

import json
import unittest

from command import CommandTest

MODELS = """
import copy
import numpy as np
from onnx import TensorProto, helper, numpy_helper, save
from onnx.reference import ReferenceEvaluator

random = np.random.default_rng(0)
weights = {"w0": (16, 6), "b0": (16,), "w1": (4, 16), "b1": (4,)}
initializers = [numpy_helper.from_array(random.normal(size=size).astype(np.float32), name)
                for name, size in weights.items()]
nodes = [helper.make_node("Gemm", ["x", "w0", "b0"], ["h"], transB=1), helper.make_node("Gelu", ["h"], ["a"]),
         helper.make_node("Gemm", ["a", "w1", "b1"], ["scores"], transB=1),
         helper.make_node("Softmax", ["scores"], ["y"], axis=-1)]
graph = helper.make_graph(nodes, "mlp", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 6])],
                          [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 4])
                           for name in ("y", "scores")], initializers)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)])
save(model, "mlp.onnx")
save(copy.deepcopy(model), "outside.onnx", save_as_external_data=True, location="weights.bin", size_threshold=0)
x = random.normal(size=(3, 6)).astype(np.float32)
np.save("x.npy", x)
for i, value in enumerate(ReferenceEvaluator(model).run(None, {"x": x})):
    np.save(f"expected{i}.npy", value)
whole = open("mlp.onnx", "rb").read()
open("cut.onnx", "wb").write(whole[:len(whole) // 2])
data = open("outside.onnx", "rb").read()
open("climbs.onnx", "wb").write(data.replace(b"weights.bin", b"../ghts.bin"))
np.save("int.npy", np.zeros((3, 6), np.int64))
np.save("wide.npy", np.zeros((3, 7), np.float32))
"""


class Onnx(CommandTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.numpy(MODELS)

    def test_a_model_gives_what_the_reference_gives(self):
        for model, given in [("mlp.onnx", "x"), ("mlp.onnx", "0"), ("outside.onnx", "x")]:
            printed = json.loads(self.done("run", model, "--input", f"{given}=x.npy", "--output-dir", "out", "--json"))
            self.assertEqual(printed, {"format": 1, "outputs": [
                {"file": "out/0.npy", "shape": "f32[3,4]", "name": "y"},
                {"file": "out/1.npy", "shape": "f32[3,4]", "name": "scores"}]})
            self.numpy("for i in range(2):\n"
                       "    np.testing.assert_allclose(np.load(f'out/{i}.npy'), np.load(f'expected{i}.npy'), rtol=1e-5)")

    def test_what_does_not_fit_is_refused_in_words(self):
        for arguments, code, message in [
                (("mlp.onnx",), 2, "--input x=FILE.npy"),
                (("mlp.onnx", "--input", "z=x.npy", "--input", "x=x.npy"), 2, "no such input"),
                (("mlp.onnx", "--input", "x=int.npy"), 2, 'input "x" is f32[3,6], int.npy holds i64[3,6]'),
                (("mlp.onnx", "--input", "x=wide.npy"), 2, "wide.npy holds f32[3,7]"),
                (("mlp.onnx", "--input", "x=x.npy", "--replicas", "2"), 2, "for StableHLO text"),
                (("cut.onnx", "--input", "x=x.npy"), 3, "cut.onnx: protobuf: the message is cut short: at byte"),
                (("climbs.onnx", "--input", "x=x.npy"), 3, "climbs.onnx: at byte")]:
            self.expect_refusal(("run", *arguments, "--output-dir", "new"), code, message)


if __name__ == "__main__":
    unittest.main()

"""ONNX models beside the reference evaluator of the onnx package."""

import pathlib
import tempfile
import unittest

import numpy as np
import podium as pd
from support import oracle

MODEL = """
import onnx
from onnx import TensorProto as T, helper as h, numpy_helper
draw = np.random.default_rng(3)
weight, bias = draw.normal(size=(5, 4)).astype(np.float32), draw.normal(size=4).astype(np.float32)
nodes = [h.make_node('MatMul', ['x', 'weight'], ['product']), h.make_node('Add', ['product', 'bias'], ['sum']),
         h.make_node('Relu', ['sum'], ['hidden']), h.make_node('Softmax', ['hidden'], ['chances'], axis=1),
         h.make_node('Gather', ['chances', 'rows'], ['some'], axis=0), h.make_node('NonZero', ['hidden'], ['places'])]
graph = h.make_graph(nodes, 'small', [h.make_tensor_value_info('x', T.FLOAT, ['n', 5]), h.make_tensor_value_info('rows', T.INT64, ['k'])],
                     [h.make_tensor_value_info('some', T.FLOAT, None), h.make_tensor_value_info('places', T.INT64, None)],
                     [numpy_helper.from_array(weight, 'weight'), numpy_helper.from_array(bias, 'bias')])
onnx.save(h.make_model(graph, opset_imports=[h.make_opsetid('', 17)]), str(path))
"""
EVALUATED = """
from onnx.reference import ReferenceEvaluator
session = ReferenceEvaluator(str(path))
for name, value in zip(session.output_names, session.run(None, {k: given for k, given in globals().items() if k in session.input_names})):
    result[name] = value
"""


class OnnxTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="podium-onnx-")
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name, "small.onnx")

    def expected(self, script=MODEL, **inputs):
        return oracle(script + EVALUATED, path=str(self.path), **inputs)

    def same(self, outputs, expected):
        self.assertEqual(list(outputs), list(expected))
        for name, value in expected.items():
            self.assertIsInstance(outputs[name], np.ndarray)
            self.assertEqual(outputs[name].dtype, value.dtype)
            np.testing.assert_allclose(outputs[name], value, rtol=1e-5, atol=1e-6)

    def test_outputs_are_the_reference_evaluators(self):
        draw, rows = np.random.default_rng(1), np.array([1, 0, 1])
        for count in (2, 3):  # sizes are open
            x = draw.normal(size=(count, 5)).astype(np.float32)
            expected = self.expected(x=x, rows=rows)
            model = pd.onnx.load(self.path)
            self.same(model.run({"x": x, "rows": rows}), expected)
            self.same(model.run({"rows": pd.asarray(rows), "x": pd.asarray(x)}), expected)
            self.same(model.run({"x": x[:, ::-1][:, ::-1], "rows": rows}, device="interp"), expected)
        self.assertEqual([value.name for value in model.outputs], ["some", "places"])
        self.assertEqual(model.inputs[0], ("x", np.dtype(np.float32), (-1, 5)))
        self.assertEqual(set(model.parameters), {"weight", "bias"})

    def test_it_is_a_function_like_any_other(self):
        x, rows = np.ones((2, 5), np.float32), np.array([0])
        self.expected(x=x, rows=rows)
        model = pd.onnx.load(str(self.path))

        with self.assertRaisesRegex(pd.TracedValue, "NonZero"):
            pd.jit(lambda p, x: model(p, {"x": x, "rows": rows}))(model.parameters, x)
        path = self.path.with_name("written.onnx")
        parameters = model.parameters
        pd.onnx.save(path, lambda p, inputs: {"y": pd.nn.softmax(inputs["x"] @ p["weight"] + p["bias"], axis=1)},
                     parameters, {"x": x})  # fmt: skip
        self.path = path
        written = pd.onnx.load(path)
        self.same(written.run({"x": x}), self.expected("", x=x))
        gradient = pd.grad(lambda p: pd.sum(written(p, {"x": x})["y"][0] ** 2))(parameters)
        wanted = pd.grad(lambda p: pd.sum(pd.nn.softmax(pd.asarray(x) @ p["weight"] + p["bias"], axis=1)[0] ** 2))(parameters)
        for name in parameters:
            np.testing.assert_allclose(np.asarray(gradient[name]), np.asarray(wanted[name]), rtol=1e-5, atol=1e-6)

    def test_errors_have_the_class_of_their_code(self):
        x, rows = np.ones((2, 5), np.float32), np.array([0])
        self.expected(x=x, rows=rows)
        model = pd.onnx.load(self.path)
        with self.assertRaisesRegex(pd.NotFound, "rows"):
            model.run({"x": x})
        with self.assertRaises(pd.DtypeMismatch):
            model.run({"x": x.astype(np.float64), "rows": rows})
        with self.assertRaises(pd.ShapeMismatch):
            model.run({"x": np.ones((2, 6), np.float32), "rows": rows})
        self.path.write_bytes(self.path.read_bytes()[:-40])
        with self.assertRaises(pd.InvalidData):
            pd.onnx.load(self.path)
        with self.assertRaisesRegex(pd.Error, "missing.onnx"):
            pd.onnx.load("missing.onnx")


if __name__ == "__main__":
    unittest.main()

"""jit, gradients, batches and loops of Python functions, beside JAX."""

import threading
import unittest

import numpy as np
import podium as pd
from support import oracle, with_podium

RANDOM = np.random.default_rng(0)
W = RANDOM.normal(size=(3, 4)).astype(np.float32)
B = RANDOM.normal(size=(4,)).astype(np.float32)
X = RANDOM.normal(size=(5, 3)).astype(np.float32)


def loss(params, x):
    hidden = pd.tanh(x @ params["layers"][0]["w"] + params["layers"][0]["b"])
    return (hidden**2).sum() + pd.exp(-hidden).mean()


PARAMS = {"layers": [{"w": W, "b": B}]}


class TransformsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.jax = oracle(
            """
import jax, jax.numpy as jnp
def loss(w, b, x):
    hidden = jnp.tanh(x @ w + b)
    return (hidden ** 2).sum() + jnp.exp(-hidden).mean()
result['value'], (result['w'], result['b']) = jax.value_and_grad(loss, (0, 1))(w, b, x)
f = lambda x: jnp.sin(x) @ w
result['jvp'] = jax.jvp(f, (x,), (x * 2,))[1]
result['vjp'] = jax.vjp(f, x)[1](jnp.ones((5, 4)))[0]
result['per_example'] = jax.vmap(jax.grad(lambda x: loss(w, b, x[None])))(x)
result['hessian'] = jax.hessian(lambda b: loss(w, b, x))(b)
result['scan'] = jax.lax.scan(lambda c, row: (c * 0.5 + row.sum(), c + row), jnp.zeros(()), x)[1]
result['scan_grad'] = jax.grad(lambda x: jax.lax.scan(lambda c, row: (c * 0.5 + (row ** 2).sum(), None), jnp.zeros(()), x)[0])(x)
result['cumulative'] = jax.lax.associative_scan(jnp.multiply, x)
""",
            w=W, b=B, x=X,
        )  # fmt: skip

    def same(self, tensor, array, tolerance=2e-5):
        np.testing.assert_allclose(np.asarray(tensor), array, rtol=tolerance, atol=tolerance)

    def test_gradients_of_trees_are_jaxs(self):
        value, gradient = pd.value_and_grad(loss)(PARAMS, X)
        self.same(value, self.jax["value"])
        self.same(gradient["layers"][0]["w"], self.jax["w"])
        self.same(gradient["layers"][0]["b"], self.jax["b"])
        compiled = pd.jit(pd.grad(loss))(PARAMS, X)
        self.same(compiled["layers"][0]["w"], self.jax["w"])

    def test_several_arguments_and_auxiliary_results(self):
        both = pd.value_and_grad(lambda w, b, x: (loss({"layers": [{"w": w, "b": b}]}, x), {"rows": x.shape[0] * 1.0}), argnums=(0, 1), has_aux=True)  # fmt: skip
        (value, aux), (w, b) = both(W, B, X)
        self.same(value, self.jax["value"])
        self.same(w, self.jax["w"])
        self.same(b, self.jax["b"])
        self.assertEqual(float(aux["rows"]), 5.0)

    def test_forward_and_reverse_derivatives(self):
        f = lambda x: pd.sin(x) @ W
        self.same(pd.jvp(f, (X,), (X * 2,))[1], self.jax["jvp"])
        result, back = pd.vjp(f, X)
        self.same(back(pd.ones((5, 4)))[0], self.jax["vjp"])

    def test_vmap_of_grad_and_jit_of_both(self):
        per_example = pd.vmap(pd.grad(lambda x: loss(PARAMS, x[None, :])))
        self.same(per_example(X), self.jax["per_example"])
        self.same(pd.jit(per_example)(X), self.jax["per_example"])
        self.same(pd.vmap(lambda x, y: x * y, in_axes=(1, None), out_axes=1)(X, np.arange(5.0, dtype=np.float32)), X * np.arange(5.0)[:, None])  # fmt: skip

    def test_second_derivatives(self):
        gradient = pd.grad(lambda b: loss({"layers": [{"w": W, "b": b}]}, X))
        hessian = pd.vmap(lambda v: pd.jvp(gradient, (B,), (v,))[1])(pd.eye(4))
        self.same(hessian, self.jax["hessian"], 1e-4)

    def test_loops(self):
        self.same(pd.scan(lambda c, row: (c * 0.5 + row.sum(), c + row), 0.0, X)[1], self.jax["scan"])
        total = lambda x: pd.scan(lambda c, row: (c * 0.5 + (row**2).sum(), None), 0.0, x)[0]
        self.same(pd.grad(total)(X), self.jax["scan_grad"])
        self.assertEqual(pd.while_loop(lambda s: s < 100, lambda s: s * 2, 3).item(), 192)
        self.assertEqual(pd.fori_loop(0, 5, lambda i, s: s + i, pd.asarray(0, dtype="int32")).item(), 10)
        choose = pd.jit(lambda flag, x: pd.cond(flag, lambda v: v + 1, lambda v: v * 10, x))
        self.same(choose(pd.asarray(True), X), X + 1)
        self.same(choose(pd.asarray(False), X), X * 10)
        self.same(pd.associative_scan(lambda a, b: a * b, X), self.jax["cumulative"])

    def test_remat_and_custom_gradients(self):
        again = pd.remat(lambda w: loss({"layers": [{"w": w, "b": B}]}, X))
        self.same(pd.grad(again)(W), self.jax["w"])
        double = pd.custom_vjp(lambda x: x * 3)
        double.defvjp(lambda x: (x * 3, (x,)), lambda kept, cotangent: (cotangent * kept[0] * 100,))
        self.same(pd.grad(lambda x: double(x).sum())(B), B * 100)

    def test_a_program_is_made_once_for_equal_shapes_and_says_why_another_is(self):
        calls = []

        def step(state, scale, mode="plus"):
            calls.append(mode)
            return {"x": state["x"] * scale + (1 if mode == "plus" else 2)}

        compiled = pd.jit(step, static_argnums=1)
        self.same(compiled({"x": B}, 2)["x"], B * 2 + 1)
        self.same(compiled({"x": B + 1}, 2)["x"], (B + 1) * 2 + 1)
        self.assertEqual((len(calls), compiled.traces), (1, 1))
        self.same(compiled({"x": X}, 2)["x"], X * 2 + 1)
        self.assertEqual(compiled.traces, 2)
        self.assertEqual(compiled.last_reason, "state.x was f32[4] and is f32[5,3]")
        self.same(compiled({"x": X}, 3)["x"], X * 3 + 1)
        self.same(compiled({"x": X}, 3, mode="other")["x"], X * 3 + 2)
        self.assertEqual(compiled.traces, 4)
        self.assertIn("stablehlo.multiply", compiled.text)

    def test_donated_arguments_are_gone_and_say_who_has_them(self):
        step = pd.jit(lambda state, x: state + x, donate_argnums=0, name="step")
        state = pd.asarray(X) + 0
        kept = np.array(state)
        result = step(state, pd.asarray(X))
        self.same(result, kept + X)
        with self.assertRaisesRegex(pd.Donated, "step"):
            np.asarray(state)

    def test_memory_that_others_see_is_not_written_by_a_donation(self):
        double = pd.jit(lambda x: x * 2, donate_argnums=0)
        tensor = pd.asarray(X) + 0
        view, kept = np.asarray(tensor), np.array(tensor)
        self.same(double(tensor), kept * 2)
        np.testing.assert_array_equal(view, kept)
        block = np.zeros(64 + 16, np.float32)
        array = block[-block.ctypes.data % 64 // 4 :][:16]
        array[:] = 3
        self.same(double(pd.from_dlpack(array)), np.full(16, 6.0))
        np.testing.assert_array_equal(array, np.full(16, 3.0))

    def test_reading_a_traced_value_is_an_error_that_names_the_line(self):
        for read in (float, np.asarray, bool, lambda x: [1, 2][x.astype("int32")]):
            with self.assertRaises(pd.TracedValue) as caught:
                pd.jit(lambda x: read(x.sum()))(X)
            self.assertIn("transforms_test.py", str(caught.exception))

    def test_pythons_own_errors_pass_through(self):
        with self.assertRaisesRegex(ZeroDivisionError, "division"):
            pd.jit(lambda x: x * (1 / 0))(X)
        with self.assertRaisesRegex(KeyError, "missing"):
            pd.grad(lambda p: p["missing"])({"w": W})
        self.same(pd.jit(lambda x: x + 1)(X), X + 1)
        with self.assertRaisesRegex(TypeError, "the function's result: a str"):
            pd.jit(lambda x: "text")(X)

    def test_a_process_may_end_while_a_program_runs(self):
        with_podium("""
import podium as pd
step = pd.jit(lambda x: pd.fori_loop(0, 40, lambda i, y: (y @ y) / 500.0, x))
x = step(pd.ones((500, 500)))
""")

    def test_threads_share_a_program(self):
        compiled, results = pd.jit(lambda x: (x @ W).sum()), {}
        threads = [threading.Thread(target=lambda i=i: results.update({i: float(compiled(X + i))})) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for i in range(8):
            self.assertAlmostEqual(results[i], float(((X + i) @ W).sum()), places=3)


if __name__ == "__main__":
    unittest.main()

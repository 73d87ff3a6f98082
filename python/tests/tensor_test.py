"""Tensors beside NumPy's arrays: creation, promotion, operators, indices, protocols, devices and errors."""

import gc
import os
import unittest
import weakref

import ml_dtypes
import numpy as np
import podium as pd
from support import with_podium

X = np.arange(24, dtype=np.float32).reshape(2, 3, 4) - 7.5
INTEGERS = np.array([[7, -7, 3], [0, 2, -5]])


class TensorTest(unittest.TestCase):
    def same(self, tensor, array, tolerance=0.0):
        self.assertEqual(tensor.shape, array.shape)
        np.testing.assert_allclose(np.asarray(tensor), array, rtol=tolerance, atol=tolerance)

    def test_every_type_comes_back_from_numpy(self):
        for dtype in pd.NUMPY_TYPES:
            array = np.array([[0, 1], [1, 0]]).astype(dtype)
            back = np.asarray(pd.asarray(array))
            self.assertEqual(back.dtype, dtype)
            self.assertTrue((back.view(np.uint8) == array.view(np.uint8)).all(), dtype)

    def test_pythons_numbers_have_the_default_types(self):
        for value, dtype in ((True, "bool"), (3, "int64"), (2.5, "float32"), (1j, "complex64"), ([1, 2.5], "float32")):
            self.assertEqual(pd.asarray(value).dtype, np.dtype(dtype))
            self.same(pd.asarray(value), np.asarray(value))
        self.assertEqual(pd.asarray([]).dtype, np.dtype("float32"))
        self.assertEqual(pd.asarray([1, 2], dtype=pd.bfloat16).dtype, np.dtype(ml_dtypes.bfloat16))
        self.assertEqual(pd.asarray([1, 2], dtype=pd.DataType.FLOAT64).dtype, np.dtype("float64"))
        self.assertEqual(pd.asarray([1, 2], dtype="bf16").dtype, np.dtype(ml_dtypes.bfloat16))

    def test_operators_are_numpys(self):
        x, y = pd.asarray(X), pd.asarray(X[0] + 3)
        a, b = X, X[0] + 3
        for tensor, array in (
            (x + y, a + b), (x - 2, a - 2), (2 - x, 2 - a), (x * y, a * b), (x / y, a / b), (1 / y, 1 / b), (x // 2, a // 2),
            (x % 3, a % 3), (x % -3, a % -3), (-x, -a), (abs(x), abs(a)), (y**2, b**2), (x < y, a < b), (x >= y, a >= b), (x == y, a == b),
            (x @ pd.asarray(X[0].T), a @ X[0].T), (a + y, a + b),
        ):  # fmt: skip
            self.same(tensor, array, 1e-6)
        i, j = pd.asarray(INTEGERS), INTEGERS
        for tensor, array in ((i // 3, j // 3), (i % 3, j % 3), (i // -3, j // -3), (i % -3, j % -3), (i & 6, j & 6),
                              (i << 2, j << 2), (i >> 1, j >> 1), (~i, ~j), (i ^ 5, j ^ 5)):  # fmt: skip
            self.same(tensor, array)

    def test_promotion_is_the_array_apis_table(self):
        names = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64", "complex64", "complex128"]  # fmt: skip
        for a in names:
            for b in names:
                one, other = pd.ones(2, dtype=a), pd.ones(2, dtype=b)
                if {a, b} & {"uint64"} and {a, b} & {"int8", "int16", "int32", "int64"}:
                    with self.assertRaisesRegex(pd.DtypeMismatch, "nothing holds both"):
                        one + other
                elif np.dtype(a).kind in "iu" and np.dtype(b).kind in "fc":
                    self.assertEqual((one + other).dtype, np.dtype(b))
                elif np.dtype(b).kind not in "iu" or np.dtype(a).kind in "iu":
                    self.assertEqual((one + other).dtype, np.result_type(a, b), (a, b))
        half = pd.ones(2, dtype="bfloat16")
        self.assertEqual((half + 1.5).dtype, half.dtype)
        self.assertEqual((half + pd.ones(2, dtype="float16")).dtype, np.dtype("float32"))
        self.assertEqual((pd.asarray([1, 2]) + 1.5).dtype, np.dtype("float32"))
        self.assertEqual((pd.asarray([1, 2], dtype="int8") * 2).dtype, np.dtype("int8"))

    def test_indices_are_numpys(self):
        x = pd.asarray(X)
        where = np.array([[2, 0], [1, -1]])
        for key in (0, -1, (1, 2), (slice(None), 1), (Ellipsis, 0), slice(None, None, -1), (0, slice(2, None, -2)), (None, 0, None),
                    (slice(0, 0),), (slice(None), slice(1, 3), slice(0, 4, 2)), where % 2, (slice(None), where),
                    (0, where), (where % 2, slice(None), where), (where % 2, where), (slice(None), where, where), X > 0,
                    (0, X[0] > 0), (slice(None), X[0] > 1), (slice(None), np.array([True, False, True])), ()):  # fmt: skip
            tensors = tuple(pd.asarray(k) if isinstance(k, np.ndarray) else k for k in key) if isinstance(key, tuple) else (
                pd.asarray(key) if isinstance(key, np.ndarray) else key)  # fmt: skip
            self.same(x[tensors], X[key])
        for key, message in (
            (5, "index 5 is outside"),
            ((0, 0, 0, 0), "4 indices came for 3"),
            ("a", "a str is no index"),
            (1.5, "a float"),
        ):
            with self.assertRaisesRegex(IndexError, message):
                x[key]

    def test_writing_changes_this_handle_alone(self):
        x, array = pd.asarray(X), X.copy()
        before = x + 0
        for key, value in (
            (0, 1.0),
            ((slice(None), 1), 7),
            ((slice(None), slice(None), slice(0, None, 2)), X[:, :, :2]),
            ((1, 2, 3), -1),
        ):
            x[key] = value if not isinstance(value, np.ndarray) else pd.asarray(value)
            array[key] = value
        x[x > 5] = 5
        array[array > 5] = 5
        self.same(x, array)
        self.same(before, X)

    def test_numpy_and_dlpack_share_the_cpus_memory(self):
        tensor = pd.asarray(X) + 1
        view = np.asarray(tensor)
        self.assertFalse(view.flags.writeable)
        self.assertEqual(view.ctypes.data, np.from_dlpack(tensor).ctypes.data)
        self.assertEqual(view.ctypes.data, np.asarray(tensor).ctypes.data)
        self.assertNotEqual(view.ctypes.data, np.array(tensor, copy=True).ctypes.data)
        del tensor
        gc.collect()
        np.testing.assert_array_equal(view, X + 1)

    def test_from_dlpack_takes_aligned_memory_as_it_is_and_keeps_it(self):
        block = np.zeros(64 + 16, np.float32)
        start = -block.ctypes.data % 64 // 4
        array = block[start : start + 16]
        array[:] = np.arange(16)
        tensor = pd.from_dlpack(array)
        self.assertEqual(np.asarray(tensor).ctypes.data, array.ctypes.data)
        watched = weakref.ref(block)
        del array, block
        gc.collect()
        self.assertIsNotNone(watched())
        self.same(tensor, np.arange(16, dtype=np.float32))
        del tensor
        gc.collect()
        self.assertIsNone(watched())

    def test_from_dlpack_copies_what_it_cannot_use_and_says_so_when_asked(self):
        strided = X.transpose(2, 0, 1)
        self.same(pd.from_dlpack(strided), strided)
        with self.assertRaisesRegex(ValueError, "copy=False forbids"):
            pd.from_dlpack(strided, copy=False)

    def test_arrays_on_other_devices_are_not_copied_silently(self):
        class OnGpu:
            def __dlpack_device__(self):
                return 2, 0

            def __dlpack__(self, *, max_version=None, dl_device=None):
                assert dl_device == (1, 0)
                return X.__dlpack__(max_version=max_version)

        with self.assertRaisesRegex(BufferError, "kind 2; device='cpu' says to copy"):
            pd.from_dlpack(OnGpu())
        self.same(pd.from_dlpack(OnGpu(), device="cpu"), X)

    def test_jax_and_podium_share_memory_both_ways(self):
        with_podium("""
import jax, numpy as np, podium as pd
for dtype in ('float32', 'bfloat16', 'int64', 'complex64', 'uint8'):
    tensor = pd.asarray(np.arange(24).reshape(2, 3, 4), dtype=dtype)
    with jax.enable_x64(True):
        array = jax.dlpack.from_dlpack(tensor)
        assert array.unsafe_buffer_pointer() == pd._tensor.to_numpy(tensor).view(np.uint8).ctypes.data, dtype
        assert (np.asarray(array) == np.asarray(tensor)).all()
        other = array + 1
        back = pd.from_dlpack(other)
        assert back.dtype == tensor.dtype
        assert other.unsafe_buffer_pointer() == np.asarray(back).view(np.uint8).ctypes.data, dtype
        assert (np.asarray(back) == np.asarray(other)).all()
    del array, other
    assert np.asarray(back).reshape(-1)[-1] == 24
""")

    @unittest.skipUnless("PODIUM_TORCH_PYTHON" in os.environ, "PODIUM_TORCH_PYTHON names no Python that has PyTorch")
    def test_pytorch_and_podium_share_memory_both_ways(self):
        with_podium(
            """
import torch, numpy as np, podium as pd
address = lambda tensor: np.asarray(tensor).view(np.uint8).ctypes.data
for dtype in ('float32', 'bfloat16', 'int64', 'bool', 'complex64'):
    tensor = pd.ones((2, 3, 4), dtype=dtype)
    theirs = torch.from_dlpack(tensor)
    assert theirs.dtype == getattr(torch, dtype) and theirs.data_ptr() == address(tensor), dtype
    theirs = torch.ones((4, 5), dtype=getattr(torch, dtype))
    assert theirs.data_ptr() == address(pd.from_dlpack(theirs)), dtype
    assert (np.asarray(pd.from_dlpack(theirs.T)).astype(complex) == np.ones((5, 4))).all()
""",
            os.environ["PODIUM_TORCH_PYTHON"],
        )

    def test_empty_and_scalar_tensors(self):
        for shape in ((0,), (2, 0, 3), ()):
            self.same(pd.zeros(shape), np.zeros(shape))
            self.same(pd.asarray(np.ones(shape)) * 2, np.ones(shape) * 2)
        self.assertEqual(float(pd.asarray(2.5)), 2.5)
        self.assertEqual(int(pd.asarray(2**63 - 1)), 2**63 - 1)
        self.assertEqual(pd.asarray(2**64 - 1, dtype="uint64").item(), 2**64 - 1)
        self.assertEqual([1, 2, 3][pd.asarray(1)], 2)
        with self.assertRaises(TypeError):
            float(pd.ones(2))

    def test_devices_are_said_and_never_changed_silently(self):
        x = pd.ones((2, 2))
        self.assertEqual(x.device, pd.Device("cpu:0"))
        moved = x.to("interp")
        self.assertEqual(moved.device, pd.Device(pd.DeviceType.INTERP, 0))
        self.assertEqual((moved + 1).device, moved.device)
        with self.assertRaisesRegex(pd.InvalidArgument, "interp"):
            np.asarray(x.to("cpu") + moved)
        self.assertFalse(pd.Device(pd.DeviceType.TPU, 0).is_available())
        with self.assertRaisesRegex(pd.Unavailable, "none for tpu devices; looked at PJRT_NAMES_AND_LIBRARY_PATHS"):
            x.to(pd.Device(pd.DeviceType.TPU, 0))
        with pd.device_scope("interp"):
            self.assertEqual(pd.asarray([1.0]).device.type, pd.DeviceType.INTERP)
        self.same(pd.Tensor([2, 3], pd.DataType.FLOAT32, pd.Device("cpu")), np.zeros((2, 3)))

    def test_errors_have_the_class_of_their_code_and_the_users_line(self):
        with self.assertRaises(pd.ShapeMismatch) as caught:
            pd.ones((2, 3)) + pd.ones((4,))
        error = caught.exception
        self.assertIsInstance(error, ValueError)
        self.assertEqual(error.code, "SHAPE_MISMATCH")
        self.assertEqual(error.message, "add: cannot broadcast f32[2,3] with f32[4]")
        self.assertRegex(error.context, r"tensor_test\.py:\d+")
        with self.assertRaises(pd.Unavailable):
            pd.ones(2).to("tpu")
        with self.assertRaisesRegex(TypeError, "a str|unsupported"):
            pd.ones(2) + "a"

    def test_it_is_an_array_api_namespace(self):
        x = pd.ones((2, 2))
        self.assertIs(x.__array_namespace__(), pd)
        self.assertEqual(x.__array_namespace__(api_version="2024.12").__name__, "podium")
        self.assertIn("float32", pd.__array_namespace_info__().dtypes(kind="real floating"))
        self.assertRegex(repr(x), r"Tensor\(\[\[1\., 1\.\],")


if __name__ == "__main__":
    unittest.main()

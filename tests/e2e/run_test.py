"""`podium run`: NumPy files in, NumPy files out, and a plugin's crash is an error."""

import json
import subprocess
import unittest

from command import CommandTest

ADD = """module { func.func @main(%a: tensor<2x3xf32>, %b: tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<2x3xbf16>) {
  %sum = stablehlo.add %a, %b : tensor<2x3xf32>
  %short = stablehlo.convert %sum : (tensor<2x3xf32>) -> tensor<2x3xbf16>
  return %sum, %short : tensor<2x3xf32>, tensor<2x3xbf16> } }"""
# MLIR's names and NumPy's.
TYPES = {"f64": "np.float64", "f32": "np.float32", "f16": "np.float16", "bf16": "ml_dtypes.bfloat16",
         "i64": "np.int64", "i32": "np.int32", "i16": "np.int16", "i8": "np.int8",
         "ui64": "np.uint64", "ui32": "np.uint32", "ui16": "np.uint16", "ui8": "np.uint8", "i1": "np.bool_"}
# No text of StableHLO is known to be taken by podium and to kill the CPU plugin: this one kills whatever loads it.
CRASHING_PLUGIN = """#include <signal.h>
void* GetPjrtApi() { raise(SIGSEGV); return 0; }
"""
# The CPU plugin would die of this one.
BITS = """module { func.func @main(%a: tensor<64xi1>) -> tensor<i64> {
  %bits = stablehlo.bitcast_convert %a : (tensor<64xi1>) -> tensor<i64>
  return %bits : tensor<i64> } }"""
# It would wait for ever in this one, and in the next.
INFEED = """module { func.func @main() -> tensor<2xf32> {
  %token = stablehlo.after_all : !stablehlo.token
  %fed:2 = "stablehlo.infeed"(%token) : (!stablehlo.token) -> (tensor<2xf32>, !stablehlo.token)
  return %fed#0 : tensor<2xf32> } }"""
ENDLESS = """module { func.func @main() -> tensor<i32> {
  %zero = stablehlo.constant dense<0> : tensor<i32>
  %last = stablehlo.while(%i = %zero) : tensor<i32>
    cond { %on = stablehlo.compare EQ, %i, %i : (tensor<i32>, tensor<i32>) -> tensor<i1>
           stablehlo.return %on : tensor<i1> }
    do { %next = stablehlo.xor %i, %i : tensor<i32>
         stablehlo.return %next : tensor<i32> }
  return %last : tensor<i32> } }"""
REPLICA = """module { func.func @main(%a: tensor<2x3xf32>) -> (tensor<ui32>, tensor<2x3xf32>) {
  %id = stablehlo.replica_id : tensor<ui32>
  %sum = "stablehlo.all_reduce"(%a) ({
    ^bb0(%x: tensor<f32>, %y: tensor<f32>):
      %s = stablehlo.add %x, %y : tensor<f32>
      stablehlo.return %s : tensor<f32>
  }) { replica_groups = dense<[[0, 1, 2]]> : tensor<1x3xi64> } : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %id, %sum : tensor<ui32>, tensor<2x3xf32> } }"""
SHORT = """module { func.func @main(%a: tensor<3xf8E4M3FN>) -> tensor<3xf32> {
  %wide = stablehlo.convert %a : (tensor<3xf8E4M3FN>) -> tensor<3xf32>
  return %wide : tensor<3xf32> } }"""

QUANTIZED = """!q = !quant.uniform<i8:f32, 0.5:-3>
func.func @main(%a: tensor<3x!q>, %b: tensor<3xf32>) -> (tensor<3x!q>, tensor<3xf32>) {
  %q = stablehlo.uniform_quantize %b : (tensor<3xf32>) -> tensor<3x!q>
  %sum = stablehlo.add %a, %q : tensor<3x!q>
  %wide = stablehlo.uniform_dequantize %sum : (tensor<3x!q>) -> tensor<3xf32>
  return %sum, %wide : tensor<3x!q>, tensor<3xf32>
}
"""


class Run(CommandTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.folder / "add.mlir").write_text(ADD)
        for name, text in {"bits": BITS, "infeed": INFEED, "endless": ENDLESS, "replica": REPLICA, "short": SHORT,
                           "quantized": QUANTIZED}.items():
            (cls.folder / f"{name}.mlir").write_text(text)
        (cls.folder / "junk.mlir").write_text("no program")
        cls.numpy("np.save('a.npy', np.arange(6, dtype=np.float32).reshape(2, 3))\n"
                  "np.save('b.npy', np.full((2, 3), 0.5, np.float32))\n"
                  "np.save('i.npy', np.ones((2, 3), np.int32))\n"
                  "np.save('bits.npy', np.ones(64, bool))")

    def test_adds_two_arrays(self):
        printed = json.loads(self.done("run", "add.mlir", "--input", "0=a.npy", "--input", "1=b.npy", "--output-dir",
                                       "sum", "--json"))
        self.assertEqual(printed, {"format": 1, "outputs": [{"file": "sum/0.npy", "shape": "f32[2,3]"},
                                                            {"file": "sum/1.npy", "shape": "bf16[2,3]"}]})
        self.numpy("a = np.load('sum/0.npy')\n"
                   "assert a.dtype == np.float32 and (a == np.arange(6).reshape(2, 3) + 0.5).all(), a\n"
                   "b = np.load('sum/1.npy').view(ml_dtypes.bfloat16)\n"
                   "assert (b == a.astype(ml_dtypes.bfloat16)).all(), b")

    def test_every_type_comes_back_as_it_went(self):
        self.numpy("".join(f"np.save('{name}.npy', np.arange(6).reshape(2, 3).astype({dtype}))\n"
                           for name, dtype in TYPES.items()))
        types = [f"tensor<2x3x{name}>" for name in TYPES]
        arguments = ", ".join(f"%x{i}: {kind}" for i, kind in enumerate(types))
        values = ", ".join(f"%x{i}" for i in range(len(types)))
        (self.folder / "same.mlir").write_text(
            f"module {{ func.func @main({arguments}) -> ({', '.join(types)}) {{\n"
            f"return {values} : {', '.join(types)} }} }}")
        inputs = [word for i, name in enumerate(TYPES) for word in ("--input", f"{i}={name}.npy")]
        self.done("run", "same.mlir", *inputs, "--output-dir", "same")
        self.numpy("".join(f"a, b = np.load('same/{i}.npy'), np.load('{name}.npy')\n"
                           "assert a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes(), a\n"
                           for i, name in enumerate(TYPES)))

    def test_flags_reach_the_compiler(self):
        self.done("run", "add.mlir", "--input", "0=a.npy", "--input", "1=b.npy", "--output-dir", "flagged", "--flag",
                  "xla_cpu_enable_fast_min_max=true")
        self.expect_refusal(("run", "add.mlir", "--output-dir", "new", "--flag", "no_such_flag=1"), 5, "no_such_flag")

    def test_a_crash_of_the_plugin_is_an_error(self):
        (self.folder / "crash.c").write_text(CRASHING_PLUGIN)
        subprocess.run(["cc", "-shared", "-fPIC", "-o", "crash.so", "crash.c"], cwd=self.folder, check=True)
        crash = ("run", "add.mlir", "--output-dir", "new", "--plugin", "crash.so")
        self.expect_refusal(crash, 5, "SIGSEGV")
        self.assertEqual(json.loads(self.podium(*crash, "--json").stdout)["event"], "error")

    def test_what_the_plugin_cannot_do_is_said_before_compiling(self):
        self.expect_refusal(("run", "bits.mlir", "--input", "0=bits.npy", "--output-dir", "new"), 5,
                            "bitcast_convert on cpu: the CPU plugin crashes of it; convert the booleans to integers. Line 2")
        self.expect_refusal(("run", "infeed.mlir", "--output-dir", "new"), 5, "take the data as a parameter. Line 3")

    def test_a_program_that_never_ends_does(self):
        self.expect_refusal(("run", "endless.mlir", "--output-dir", "new", "--timeout", "2"), 5, "--timeout")

    def test_replicas(self):
        printed = json.loads(self.done("run", "replica.mlir", "--input", "0=a.npy", "--output-dir", "each", "--replicas",
                                       "3", "--json"))
        self.assertEqual([each["shape"] for each in printed["outputs"]], ["u32[3]", "f32[3,2,3]"])
        self.numpy("assert np.load('each/0.npy').tolist() == [0, 1, 2]\n"
                   "assert (np.load('each/1.npy') == 3 * np.load('a.npy')).all()")

    def test_types_without_a_name_in_numpy(self):
        self.numpy("np.save('short.npy', np.array([1, -2, 0.5], ml_dtypes.float8_e4m3fn).view('u1'))")
        self.done("run", "short.mlir", "--input", "0=short.npy", "--output-dir", "long")
        self.numpy("assert np.load('long/0.npy').tolist() == [1, -2, 0.5]")

    def test_wrong_inputs(self):
        def run(*inputs):
            return ("run", "add.mlir", *(word for each in inputs for word in ("--input", each)), "--output-dir", "new")
        for arguments, code, message in [
                (run("0=a.npy"), 2, "2 parameters"),
                (run("0=a.npy", "1=i.npy"), 2, "parameter 1 is f32[2,3], i.npy holds i32[2,3]"),
                (run("0=a.npy", "1=bits.npy"), 2, "bool[64]"),
                (run("1=a.npy"), 2, "--input 0"),
                (run("0=a.npy", "0=b.npy"), 2, "given twice"),
                (run("a.npy"), 2, "POSITION=FILE.npy"),
                (run("x=a.npy"), 2, "no position"),
                (run("0=a.npy", "1=none.npy"), 2, "none.npy"),
                (run("0=a.npy", "1=add.mlir"), 3, "no .npy file"),
                (("run", "none.mlir", "--output-dir", "new"), 2, "none.mlir"),
                (("run", "junk.mlir", "--output-dir", "new"), 5, "junk.mlir"),
                (("run", "add.mlir", "--output-dir", "new", "--flag", "x"), 2, "NAME=VALUE"),
                (("run", "add.mlir", "--output-dir", "new", "--device", "interp"), 2, "interpreter"),
                ((*run("0=a.npy", "1=b.npy")[:-1], "/proc/new"), 2, "/proc/new"),
        ]:
            with self.subTest(" ".join(arguments)):
                self.expect_refusal(arguments, code, message)

    def test_quantized_types_are_integers_outside(self):
        self.numpy("np.save('q.npy', np.array([-3, 1, 120], np.int8)); np.save('f.npy', np.array([1.2, -2, 60], np.float32))")
        self.done("run", "quantized.mlir", "--input", "0=q.npy", "--input", "1=f.npy", "--output-dir", "quantized")
        said = self.numpy("print(np.load('quantized/0.npy').tolist(), np.load('quantized/1.npy').tolist())")
        self.assertEqual(said.strip(), "[-1, -3, 127] [1.0, 0.0, 65.0]")


if __name__ == "__main__":
    unittest.main()

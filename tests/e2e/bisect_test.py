"""`podium bisect` from outside; tests/e2e/slow/every_defect_test.py takes every known defect to it."""

import json
import shlex
import unittest

from command import CommandTest

LOSES_NAN = """module @loses {
  func.func public @main(%arg0: tensor<8xf32>, %arg1: tensor<8xf32>) -> (tensor<8xf32>, tensor<f32>) {
    %c = stablehlo.constant dense<0.0> : tensor<f32>
    %0 = stablehlo.negate %arg0 : tensor<8xf32>
    %1 = stablehlo.maximum %0, %arg1 : tensor<8xf32>
    %2 = stablehlo.abs %1 : tensor<8xf32>
    %3 = stablehlo.reduce(%arg0 init: %c) applies stablehlo.add across dimensions = [0] : (tensor<8xf32>, tensor<f32>) -> tensor<f32>
    return %2, %3 : tensor<8xf32>, tensor<f32>
  }
}
"""
WORDS = ["--input", "0=x.npy", "--input", "1=y.npy"]


class Bisect(CommandTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.folder / "loses.mlir").write_text(LOSES_NAN)
        cls.numpy("""x = np.arange(8, dtype=np.float32); np.save("x.npy", x)
y = np.ones(8, np.float32); y[5] = np.nan; np.save("y.npy", y)
np.save("right.npy", np.abs(np.maximum(-x, y)))""")

    def found(self, *words, code=5):
        ended = self.podium("bisect", "--json", *words)
        self.assertEqual(ended.returncode, code, ended.stdout + ended.stderr)
        return json.loads(ended.stdout)

    def test_names_the_flag_and_writes_the_smallest_program(self):
        found = self.found("loses.mlir", *WORDS, "--flag", "xla_cpu_enable_fast_min_max=true", "--out", "small")
        self.assertEqual(found["outcome"], "differs")
        self.assertEqual(found["reference"], "each operation compiled alone")
        self.assertEqual(found["alone"], ["without xla_cpu_enable_fast_min_max=true", "xla_cpu_enable_fast_min_max=false"])
        self.assertGreater(found["passes"], 50)
        self.assertEqual(found["smallest"]["operations"], 1)
        text = (self.folder / "small/program.mlir").read_text()
        self.assertIn("stablehlo.maximum", text)
        self.assertNotIn("stablehlo.negate", text)
        shown = shlex.split(found["smallest"]["command"])
        self.assertEqual(shown[0], "podium")
        again = self.found(*shown[2:])
        self.assertEqual((again["outcome"], again["reference"]), ("differs", "the --expect files"))

    def test_files_say_what_is_right(self):
        found = self.found("loses.mlir", *WORDS, "--raw", "--expect", "0=right.npy", "--out", "told")
        self.assertEqual(found["alone"], ["xla_cpu_enable_fast_min_max=false"])
        self.assertIn("element 5", found["detail"])

    def test_what_is_right_is_not_bisected(self):
        found = self.found("loses.mlir", *WORDS, code=0)
        self.assertEqual(found["outcome"], "agrees")
        self.assertNotIn("smallest", found)
        self.assertIn("nothing to bisect", self.done("bisect", "maximum", "f32", "constants", "seed", "3"))

    def test_takes_a_line_of_conformance(self):
        ended = self.podium("conformance", "--op", "maximum", "--raw", "--seed", "11", "--json", "--repeats", "2")
        wrong = next(line for line in ended.stdout.splitlines() if '"wrong"' in line and '"f32"' in line)
        found = self.found(wrong, "--raw", "--out", "case")
        self.assertEqual((found["reference"], found["outcome"]), ("podium's interpreter", "differs"))
        self.assertEqual(found["smallest"]["operations"], 1)

    def test_refusals(self):
        self.expect_refusal(["bisect", "nothing.mlir"], 2, "neither a file nor a case")
        self.expect_refusal(["bisect", "maximum f33 arguments seed 1"], 2, 'no type "f33"')
        self.expect_refusal(["bisect", "loses.mlir", "--input", "2=x.npy"], 2, "has 2 parameters")
        self.expect_refusal(["bisect", "loses.mlir", "--input", "0=right.npy", "--expect", "1=x.npy"], 2,
                            "result 1 is f32[], x.npy holds f32[8]")
        self.expect_refusal(["bisect", "loses.mlir", "--device", "interp"], 2, "the interpreter has no compiler")
        self.expect_refusal(["bisect", "x.npy"], 3, "has no func.func @main")
        (self.folder / "unknown.mlir").write_text(LOSES_NAN.replace("stablehlo.negate", "stablehlo.negated"))
        self.expect_refusal(["bisect", "unknown.mlir"], 5, "refuses it")


if __name__ == "__main__":
    unittest.main()

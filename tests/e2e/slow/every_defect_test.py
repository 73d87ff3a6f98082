"""Every known defect of the default CPU plugin: conformance's own line is taken to bisect, which names what breaks it."""

import json
import unittest

from command import CommandTest

FAST = "xla_cpu_enable_fast_min_max=false"
FOLDED = "constants given as arguments"
GATHER = """module @gather {
  func.func public @main() -> tensor<2x5xi32> {
    %c = stablehlo.constant dense<[[0, 1, 2, 3, 4], [0, 1, 2, 3, 4]]> : tensor<2x5xi32>
    %i = stablehlo.constant dense<[[0], [1], [2], [3], [4]]> : tensor<5x1xi32>
    %0 = "stablehlo.gather"(%c, %i) <{dimension_numbers = #stablehlo.gather<offset_dims = [0],
      collapsed_slice_dims = [1], start_index_map = [1], index_vector_dim = 1>, slice_sizes = array<i64: 2, 1>,
      indices_are_sorted = false}> : (tensor<2x5xi32>, tensor<5x1xi32>) -> tensor<2x5xi32>
    %one = stablehlo.constant dense<1> : tensor<2x5xi32>
    %1 = stablehlo.add %0, %one : tensor<2x5xi32>
    return %1 : tensor<2x5xi32>
  }
}
"""
INFEED = """module @waits {
  func.func public @main(%arg0: tensor<3xf32>) -> tensor<3xf32> {
    %0 = "stablehlo.create_token"() : () -> !stablehlo.token
    %1:2 = "stablehlo.infeed"(%0) {infeed_config = "", layout = [[0]]} : (!stablehlo.token) -> (tensor<3xf32>, !stablehlo.token)
    %2 = stablehlo.add %1#0, %arg0 : tensor<3xf32>
    return %2 : tensor<3xf32>
  }
}
"""


class EveryDefect(CommandTest):
    def bisected(self, case, *words):
        ended = self.podium("bisect", case, "--raw", "--json", "--out", "small", *words, timeout=900)
        self.assertEqual(ended.returncode, 5, ended.stdout + ended.stderr)
        return json.loads(ended.stdout)

    def wrong_line(self, op, dtype, operands, verdict):
        for seed in range(20):
            ended = self.podium("conformance", "--op", op, "--raw", "--json", "--repeats", "4", "--seed", seed, timeout=600)
            for line in ended.stdout.splitlines()[:-1]:
                case = json.loads(line)
                if (dtype or case["dtype"], operands, verdict) == (case["dtype"], case["operands"], case["verdict"]):
                    return line
        raise AssertionError(f"conformance finds no {op} {dtype} {operands} {verdict}")

    def test_lines_of_conformance(self):
        for op, dtype, operands, verdict, mends in [
                ("maximum", "f32", "arguments", "wrong", [FAST]), ("minimum", "f64", "arguments", "wrong", [FAST]),
                ("maximum", "f32", "constants", "wrong", [FOLDED]), ("add", "bool", "constants", "wrong", [FOLDED]),
                ("divide", "i32", "constants", "crashed", [FOLDED]),
                ("bitcast_convert", "bool", "arguments", "crashed", [])]:
            with self.subTest(op=op, operands=operands):
                found = self.bisected(self.wrong_line(op, dtype, operands, verdict))
                self.assertEqual(found["outcome"], "crashed" if verdict == "crashed" else "differs")
                self.assertEqual(found.get("alone", []), mends)
                self.assertEqual(found["smallest"]["operations"], 1)
                self.assertEqual(found["smallest"]["outcome"], found["outcome"])

    def test_wrong_gathers_of_constants(self):
        (self.folder / "gather.mlir").write_text(GATHER)
        for case in ["gather.mlir", self.wrong_line("gather", None, "constants", "wrong")]:
            found = self.bisected(case)
            self.assertIn("xla_disable_hlo_passes=constant_folding", found["alone"])
            self.assertIn("xla_cpu_use_fusion_emitters=false", found["alone"])
            self.assertEqual(found["smallest"]["operations"], 2)

    def test_a_program_that_waits_for_ever(self):
        (self.folder / "waits.mlir").write_text(INFEED)
        found = self.bisected("waits.mlir", "--timeout", "2")
        self.assertEqual(found["detail"], "silent for 2 s")
        self.assertEqual(found["smallest"]["operations"], 1)


if __name__ == "__main__":
    unittest.main()

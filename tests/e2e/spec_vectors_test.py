"""tools/spec_vectors.py, which runs StableHLO's own test vectors: what it makes of vectors whose answer is known."""

import json
import subprocess
import unittest

from command import COMMAND, PYTHON, SOURCE, CommandTest

VECTORS = """// RUN: stablehlo-translate --interpret -split-input-file %s
func.func @right() {
  %0 = stablehlo.constant dense<[1.0, -2.0]> : tensor<2xf32>
  %1 = stablehlo.add %0, %0 : tensor<2xf32>
  check.expect_almost_eq_const %1, dense<[2.0, -4.0]> : tensor<2xf32>
  func.return
}
// -----
func.func @wrong_in_its_last_element() {
  %0 = stablehlo.constant dense<[1, -2]> : tensor<2xi4>
  %1 = stablehlo.add %0, %0 : tensor<2xi4>
  check.expect_eq_const %1, dense<[2, -3]> : tensor<2xi4>
  func.return
}
// -----
func.func @within_one_step_of_bf16() {
  %0 = stablehlo.constant dense<[1.0, 1.0]> : tensor<2xbf16>
  %1 = stablehlo.constant dense<[1.0, 1.0078125]> : tensor<2xbf16>
  check.expect_close %0, %1, max_ulp_difference = 1 : tensor<2xbf16>, tensor<2xbf16>
  check.expect_close %0, %1, max_ulp_difference = 0 : tensor<2xbf16>, tensor<2xbf16>
  func.return
}
// -----
module @replicas {
  func.func @sum(%arg0 : tensor<2xi64>) -> tensor<2xi64> {
    %result = "stablehlo.all_reduce"(%arg0) ({
      ^bb0(%a: tensor<i64>, %b: tensor<i64>):
        %c = stablehlo.add %a, %b : tensor<i64>
        stablehlo.return %c : tensor<i64>
    }) { replica_groups = dense<[[0, 1]]> : tensor<1x2xi64> } : (tensor<2xi64>) -> tensor<2xi64>
    return %result : tensor<2xi64>
  }
  func.func @main() {
    %0 = stablehlo.constant dense<[1, 2]> : tensor<2xi64>
    %1 = stablehlo.constant dense<[5, 6]> : tensor<2xi64>
    %results:2 = "interpreter.run_parallel"(%0, %1) {
      programs=[[@sum], [@sum]]
    } : (tensor<2xi64>, tensor<2xi64>) -> (tensor<2xi64>, tensor<2xi64>)
    check.expect_eq_const %results#0, dense<[6, 8]> : tensor<2xi64>
    check.expect_eq_const %results#1, dense<[6, 8]> : tensor<2xi64>
    func.return
  }
}
// -----
func.func @never_done() {
  %token = stablehlo.after_all : !stablehlo.token
  %0:2 = "stablehlo.infeed"(%token) : (!stablehlo.token) -> (tensor<2xi64>, !stablehlo.token)
  check.expect_eq_const %0#0, dense<[6, 8]> : tensor<2xi64>
  func.return
}
"""


class SpecVectors(CommandTest):
    def test_states(self):
        (self.folder / "vectors.mlir").write_text(VECTORS)
        ended = subprocess.run([PYTHON, SOURCE / "tools/spec_vectors.py", "vectors.mlir", "--json", "--podium", COMMAND],
                               cwd=self.folder, capture_output=True, text=True, timeout=240, check=False)
        *lines, counts = [json.loads(line) for line in ended.stdout.splitlines()]
        self.assertEqual([line["state"] for line in lines], ["agrees", "differs", "differs", "agrees", "refused"],
                         ended.stdout + ended.stderr)
        self.assertIn("1 of 2 differ; at 1", lines[1]["words"])
        self.assertIn("check 1: 1 of 2 differ; at 1", lines[2]["words"])
        self.assertIn("infeed on cpu", lines[4]["words"])
        self.assertEqual((counts["agrees"], ended.returncode), (2, 1))


if __name__ == "__main__":
    unittest.main()

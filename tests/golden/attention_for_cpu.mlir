module @"main" attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<2x5x3x4xf32>, %arg1: tensor<2x5x3x4xf32>) -> (tensor<2x3x5x5xf32>) {
    %0 = "stablehlo.transpose"(%arg0) {permutation = array<i64: 0, 2, 1, 3>} : (tensor<2x5x3x4xf32>) -> tensor<2x3x5x4xf32>
    %1 = "stablehlo.reshape"(%0) : (tensor<2x3x5x4xf32>) -> tensor<6x5x4xf32>
    %2 = "stablehlo.transpose"(%arg1) {permutation = array<i64: 0, 2, 1, 3>} : (tensor<2x5x3x4xf32>) -> tensor<2x3x5x4xf32>
    %3 = "stablehlo.reshape"(%2) : (tensor<2x3x5x4xf32>) -> tensor<6x5x4xf32>
    %4 = "stablehlo.dot_general"(%1, %3) {dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [0], rhs_batching_dimensions = [0], lhs_contracting_dimensions = [2], rhs_contracting_dimensions = [2]>, precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]} : (tensor<6x5x4xf32>, tensor<6x5x4xf32>) -> tensor<6x5x5xf32>
    %5 = "stablehlo.reshape"(%4) : (tensor<6x5x5xf32>) -> tensor<2x3x5x5xf32>
    "func.return"(%5) : (tensor<2x3x5x5xf32>) -> ()
  }
}

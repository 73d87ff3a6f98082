module @"main" attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<2x3x4xf32>, %arg1: tensor<4x6xf32>, %arg2: tensor<2x3x6xf32>) -> (tensor<2x3x4xf32>, tensor<4x6xf32>, tensor<2x3x6xf32>) {
    %0 = "stablehlo.reshape"(%arg2) : (tensor<2x3x6xf32>) -> tensor<6x6xf32>
    %1 = "stablehlo.dot_general"(%0, %arg1) {dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [], rhs_batching_dimensions = [], lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1]>, precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]} : (tensor<6x6xf32>, tensor<4x6xf32>) -> tensor<6x4xf32>
    %2 = "stablehlo.reshape"(%1) : (tensor<6x4xf32>) -> tensor<2x3x4xf32>
    %3 = "stablehlo.reshape"(%arg0) : (tensor<2x3x4xf32>) -> tensor<6x4xf32>
    %4 = "stablehlo.reshape"(%arg2) : (tensor<2x3x6xf32>) -> tensor<6x6xf32>
    %5 = "stablehlo.dot_general"(%3, %4) {dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [], rhs_batching_dimensions = [], lhs_contracting_dimensions = [0], rhs_contracting_dimensions = [0]>, precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]} : (tensor<6x4xf32>, tensor<6x6xf32>) -> tensor<4x6xf32>
    %6 = "stablehlo.reshape"(%arg0) : (tensor<2x3x4xf32>) -> tensor<6x4xf32>
    %7 = "stablehlo.dot_general"(%6, %arg1) {dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [], rhs_batching_dimensions = [], lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>, precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]} : (tensor<6x4xf32>, tensor<4x6xf32>) -> tensor<6x6xf32>
    %8 = "stablehlo.reshape"(%7) : (tensor<6x6xf32>) -> tensor<2x3x6xf32>
    "func.return"(%2, %5, %8) : (tensor<2x3x4xf32>, tensor<4x6xf32>, tensor<2x3x6xf32>) -> ()
  }
}

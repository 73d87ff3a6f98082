module @"main" attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<1x1x6xf32>, %arg1: tensor<1x1x2xf32>) -> (tensor<1x1x6xf32>, tensor<1x1x6xf32>, tensor<1x1x6xf32>, tensor<2x1x6xf32>) {
    %0 = "stablehlo.constant"() {value = dense<[[1, 0]]> : tensor<1x2xi64>} : () -> tensor<1x2xi64>
    %1 = "stablehlo.dynamic_conv"(%arg0, %arg1, %0) {dimension_numbers = #stablehlo.conv<[b, f, 0]x[o, i, 0]->[b, f, 0]>, window_strides = array<i64: 1>, lhs_dilation = array<i64: 1>, rhs_dilation = array<i64: 1>, window_reversal = array<i1: false>, feature_group_count = 1 : i64, batch_group_count = 1 : i64, precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]} : (tensor<1x1x6xf32>, tensor<1x1x2xf32>, tensor<1x2xi64>) -> tensor<1x1x6xf32>
    %2 = "stablehlo.collective_reduce"(%arg0) ({
    ^bb0(%r3: tensor<f32>, %r4: tensor<f32>):
      %5 = "stablehlo.add"(%r3, %r4) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%5) : (tensor<f32>) -> ()
    }) {replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>} : (tensor<1x1x6xf32>) -> tensor<1x1x6xf32>
    %6 = "stablehlo.collective_broadcast"(%arg0) {replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>} : (tensor<1x1x6xf32>) -> tensor<1x1x6xf32>
    %7 = "stablehlo.async_start"(%arg0) ({
    ^bb0(%r8: tensor<1x1x6xf32>):
      %9 = "stablehlo.all_gather"(%r8) {all_gather_dim = 0 : i64, replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>} : (tensor<1x1x6xf32>) -> tensor<2x1x6xf32>
      "stablehlo.return"(%9) : (tensor<2x1x6xf32>) -> ()
    }) : (tensor<1x1x6xf32>) -> !stablehlo.future<tensor<2x1x6xf32>>
    %10 = "stablehlo.async_done"(%7) : (!stablehlo.future<tensor<2x1x6xf32>>) -> tensor<2x1x6xf32>
    "func.return"(%1, %2, %6, %10) : (tensor<1x1x6xf32>, tensor<1x1x6xf32>, tensor<1x1x6xf32>, tensor<2x1x6xf32>) -> ()
  }
}

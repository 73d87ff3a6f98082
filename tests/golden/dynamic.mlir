module @"main" attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<3x2xf32>, %arg1: tensor<2xi32>) -> (tensor<2x3x2xf32>, tensor<3x2xf32>, tensor<6xf32>, tensor<6x4xf32>, tensor<2x2xf32>, tensor<1x1x6xf32>, tensor<i32>) {
    %0 = "stablehlo.constant"() {value = dense<[2, 3, 2]> : tensor<3xi64>} : () -> tensor<3xi64>
    %1 = "stablehlo.dynamic_broadcast_in_dim"(%arg0, %0) {broadcast_dimensions = array<i64: 1, 2>} : (tensor<3x2xf32>, tensor<3xi64>) -> tensor<2x3x2xf32>
    %2 = "stablehlo.constant"() {value = dense<[3, 2]> : tensor<2xi64>} : () -> tensor<2xi64>
    %3 = "stablehlo.dynamic_iota"(%2) {iota_dimension = 1 : i64} : (tensor<2xi64>) -> tensor<3x2xf32>
    %4 = "stablehlo.constant"() {value = dense<6> : tensor<1xi64>} : () -> tensor<1xi64>
    %5 = "stablehlo.dynamic_reshape"(%arg0, %4) : (tensor<3x2xf32>, tensor<1xi64>) -> tensor<6xf32>
    %6 = "stablehlo.constant"() {value = dense<0.5> : tensor<f32>} : () -> tensor<f32>
    %7 = "stablehlo.constant"() {value = dense<[1, 0]> : tensor<2xi64>} : () -> tensor<2xi64>
    %8 = "stablehlo.constant"() {value = dense<[0, 2]> : tensor<2xi64>} : () -> tensor<2xi64>
    %9 = "stablehlo.constant"() {value = dense<[1, 0]> : tensor<2xi64>} : () -> tensor<2xi64>
    %10 = "stablehlo.dynamic_pad"(%arg0, %6, %7, %8, %9) : (tensor<3x2xf32>, tensor<f32>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>) -> tensor<6x4xf32>
    %11 = "stablehlo.constant"() {value = dense<[1, 2]> : tensor<2xi64>} : () -> tensor<2xi64>
    %12 = "stablehlo.dynamic_gather"(%arg0, %arg1, %11) {dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, indices_are_sorted = false} : (tensor<3x2xf32>, tensor<2xi32>, tensor<2xi64>) -> tensor<2x2xf32>
    %13 = "stablehlo.reshape"(%arg0) : (tensor<3x2xf32>) -> tensor<1x1x6xf32>
    %14 = "stablehlo.slice"(%arg0) {start_indices = array<i64: 0, 0>, limit_indices = array<i64: 2, 1>, strides = array<i64: 1, 1>} : (tensor<3x2xf32>) -> tensor<2x1xf32>
    %15 = "stablehlo.reshape"(%14) : (tensor<2x1xf32>) -> tensor<1x1x2xf32>
    %16 = "stablehlo.convolution"(%13, %15) {dimension_numbers = #stablehlo.conv<[b, f, 0]x[o, i, 0]->[b, f, 0]>, window_strides = array<i64: 1>, padding = dense<[[1, 0]]> : tensor<1x2xi64>, lhs_dilation = array<i64: 1>, rhs_dilation = array<i64: 1>, window_reversal = array<i1: false>, feature_group_count = 1 : i64, batch_group_count = 1 : i64, precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]} : (tensor<1x1x6xf32>, tensor<1x1x2xf32>) -> tensor<1x1x6xf32>
    %17 = "stablehlo.get_dimension_size"(%arg0) {dimension = 0 : i64} : (tensor<3x2xf32>) -> tensor<i32>
    "func.return"(%1, %3, %5, %10, %12, %16, %17) : (tensor<2x3x2xf32>, tensor<3x2xf32>, tensor<6xf32>, tensor<6x4xf32>, tensor<2x2xf32>, tensor<1x1x6xf32>, tensor<i32>) -> ()
  }
}

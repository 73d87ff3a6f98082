module @"main" attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<2x3x3xf32>, %arg1: tensor<2x3x2xf32>, %arg2: tensor<4x6xf32>) -> (tensor<2x3x3xf32>, tensor<2x3x3xf32>, tensor<2x3x2xf32>, tensor<2x2x3xf32>, tensor<4x4xcomplex<f32>>, tensor<4x4xcomplex<f32>>, tensor<4x6xf32>) {
    %0 = "stablehlo.transpose"(%arg0) {permutation = array<i64: 0, 2, 1>} : (tensor<2x3x3xf32>) -> tensor<2x3x3xf32>
    %1 = "stablehlo.dot_general"(%arg0, %0) {dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [0], rhs_batching_dimensions = [0], lhs_contracting_dimensions = [2], rhs_contracting_dimensions = [1]>, precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]} : (tensor<2x3x3xf32>, tensor<2x3x3xf32>) -> tensor<2x3x3xf32>
    %2 = "stablehlo.iota"() {iota_dimension = 0 : i64} : () -> tensor<3x3xi32>
    %3 = "stablehlo.iota"() {iota_dimension = 1 : i64} : () -> tensor<3x3xi32>
    %4 = "stablehlo.compare"(%2, %3) {comparison_direction = #stablehlo<comparison_direction EQ>, compare_type = #stablehlo<comparison_type SIGNED>} : (tensor<3x3xi32>, tensor<3x3xi32>) -> tensor<3x3xi1>
    %5 = "stablehlo.convert"(%4) : (tensor<3x3xi1>) -> tensor<3x3xf32>
    %6 = "stablehlo.broadcast_in_dim"(%5) {broadcast_dimensions = array<i64: 1, 2>} : (tensor<3x3xf32>) -> tensor<2x3x3xf32>
    %7 = "stablehlo.add"(%1, %6) : (tensor<2x3x3xf32>, tensor<2x3x3xf32>) -> tensor<2x3x3xf32>
    %8 = "stablehlo.cholesky"(%7) {lower = true} : (tensor<2x3x3xf32>) -> tensor<2x3x3xf32>
    %9 = "stablehlo.cholesky"(%7) {lower = false} : (tensor<2x3x3xf32>) -> tensor<2x3x3xf32>
    %10 = "stablehlo.triangular_solve"(%7, %arg1) {left_side = true, lower = false, unit_diagonal = false, transpose_a = #stablehlo<transpose TRANSPOSE>} : (tensor<2x3x3xf32>, tensor<2x3x2xf32>) -> tensor<2x3x2xf32>
    %11 = "stablehlo.transpose"(%arg1) {permutation = array<i64: 0, 2, 1>} : (tensor<2x3x2xf32>) -> tensor<2x2x3xf32>
    %12 = "stablehlo.triangular_solve"(%7, %11) {left_side = false, lower = true, unit_diagonal = true, transpose_a = #stablehlo<transpose NO_TRANSPOSE>} : (tensor<2x3x3xf32>, tensor<2x2x3xf32>) -> tensor<2x2x3xf32>
    %13 = "stablehlo.fft"(%arg2) {fft_type = #stablehlo<fft_type RFFT>, fft_length = array<i64: 4, 6>} : (tensor<4x6xf32>) -> tensor<4x4xcomplex<f32>>
    %14 = "stablehlo.fft"(%13) {fft_type = #stablehlo<fft_type IFFT>, fft_length = array<i64: 4>} : (tensor<4x4xcomplex<f32>>) -> tensor<4x4xcomplex<f32>>
    %15 = "stablehlo.fft"(%13) {fft_type = #stablehlo<fft_type IRFFT>, fft_length = array<i64: 4, 6>} : (tensor<4x4xcomplex<f32>>) -> tensor<4x6xf32>
    "func.return"(%8, %9, %10, %12, %13, %14, %15) : (tensor<2x3x3xf32>, tensor<2x3x3xf32>, tensor<2x3x2xf32>, tensor<2x2x3xf32>, tensor<4x4xcomplex<f32>>, tensor<4x4xcomplex<f32>>, tensor<4x6xf32>) -> ()
  }
}

module @"main" attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<2x5x6x3xf32>, %arg1: tensor<1x1x3x4xf32>, %arg2: tensor<2x3x5x6xf32>, %arg3: tensor<4x3x1x1xf32>, %arg4: tensor<2x5x6x4xf32>, %arg5: tensor<2x4x6x6xf32>, %arg6: tensor<2x3x3x4xf32>, %arg7: tensor<2x4x4x6xf32>) -> (tensor<2x5x6x4xf32>, tensor<2x4x6x6xf32>, tensor<2x5x6x3xf32>, tensor<1x1x3x4xf32>, tensor<2x3x5x6xf32>, tensor<4x3x1x1xf32>, tensor<2x3x3x4xf32>, tensor<2x4x4x6xf32>, tensor<2x5x6x3xf32>, tensor<1x1x3x4xf32>, tensor<2x3x5x6xf32>, tensor<4x3x1x1xf32>) {
    %0 = "stablehlo.reshape"(%arg0) : (tensor<2x5x6x3xf32>) -> tensor<60x3xf32>
    %1 = "stablehlo.transpose"(%arg1) {permutation = array<i64: 0, 1, 3, 2>} : (tensor<1x1x3x4xf32>) -> tensor<1x1x4x3xf32>
    %2 = "stablehlo.reshape"(%1) : (tensor<1x1x4x3xf32>) -> tensor<4x3xf32>
    %3 = "stablehlo.dot_general"(%0, %2) {dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [], rhs_batching_dimensions = [], lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1]>, precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]} : (tensor<60x3xf32>, tensor<4x3xf32>) -> tensor<60x4xf32>
    %4 = "stablehlo.reshape"(%3) : (tensor<60x4xf32>) -> tensor<2x5x6x1x1x4xf32>
    %5 = "stablehlo.reshape"(%4) : (tensor<2x5x6x1x1x4xf32>) -> tensor<2x5x6x4xf32>
    %6 = "stablehlo.transpose"(%arg2) {permutation = array<i64: 0, 2, 3, 1>} : (tensor<2x3x5x6xf32>) -> tensor<2x5x6x3xf32>
    %7 = "stablehlo.reshape"(%6) : (tensor<2x5x6x3xf32>) -> tensor<60x3xf32>
    %8 = "stablehlo.transpose"(%arg3) {permutation = array<i64: 0, 2, 3, 1>} : (tensor<4x3x1x1xf32>) -> tensor<4x1x1x3xf32>
    %9 = "stablehlo.reshape"(%8) : (tensor<4x1x1x3xf32>) -> tensor<4x3xf32>
    %10 = "stablehlo.dot_general"(%7, %9) {dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [], rhs_batching_dimensions = [], lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1]>, precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]} : (tensor<60x3xf32>, tensor<4x3xf32>) -> tensor<60x4xf32>
    %11 = "stablehlo.reshape"(%10) : (tensor<60x4xf32>) -> tensor<2x5x6x4x1x1xf32>
    %12 = "stablehlo.reshape"(%11) : (tensor<2x5x6x4x1x1xf32>) -> tensor<2x5x6x4xf32>
    %13 = "stablehlo.transpose"(%12) {permutation = array<i64: 0, 3, 1, 2>} : (tensor<2x5x6x4xf32>) -> tensor<2x4x5x6xf32>
    %14 = "stablehlo.constant"() {value = dense<0.0> : tensor<f32>} : () -> tensor<f32>
    %15 = "stablehlo.pad"(%13, %14) {edge_padding_low = array<i64: 0, 0, 0, 1>, edge_padding_high = array<i64: 0, 0, 1, 0>, interior_padding = array<i64: 0, 0, 0, 0>} : (tensor<2x4x5x6xf32>, tensor<f32>) -> tensor<2x4x6x7xf32>
    %16 = "stablehlo.slice"(%15) {start_indices = array<i64: 0, 0, 0, 0>, limit_indices = array<i64: 2, 4, 6, 6>, strides = array<i64: 1, 1, 1, 1>} : (tensor<2x4x6x7xf32>) -> tensor<2x4x6x6xf32>
    %17 = "stablehlo.reshape"(%arg4) : (tensor<2x5x6x4xf32>) -> tensor<60x4xf32>
    %18 = "stablehlo.reverse"(%arg1) {dimensions = array<i64: 0, 1>} : (tensor<1x1x3x4xf32>) -> tensor<1x1x3x4xf32>
    %19 = "stablehlo.reshape"(%18) : (tensor<1x1x3x4xf32>) -> tensor<3x4xf32>
    %20 = "stablehlo.dot_general"(%17, %19) {dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [], rhs_batching_dimensions = [], lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1]>, precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]} : (tensor<60x4xf32>, tensor<3x4xf32>) -> tensor<60x3xf32>
    %21 = "stablehlo.reshape"(%20) : (tensor<60x3xf32>) -> tensor<2x5x6x1x1x3xf32>
    %22 = "stablehlo.reshape"(%21) : (tensor<2x5x6x1x1x3xf32>) -> tensor<2x5x6x3xf32>
    %23 = "stablehlo.reshape"(%arg0) : (tensor<2x5x6x3xf32>) -> tensor<60x3xf32>
    %24 = "stablehlo.reshape"(%arg4) : (tensor<2x5x6x4xf32>) -> tensor<60x4xf32>
    %25 = "stablehlo.dot_general"(%23, %24) {dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [], rhs_batching_dimensions = [], lhs_contracting_dimensions = [0], rhs_contracting_dimensions = [0]>, precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]} : (tensor<60x3xf32>, tensor<60x4xf32>) -> tensor<3x4xf32>
    %26 = "stablehlo.reshape"(%25) : (tensor<3x4xf32>) -> tensor<1x1x3x4xf32>
    %27 = "stablehlo.transpose"(%arg5) {permutation = array<i64: 0, 2, 3, 1>} : (tensor<2x4x6x6xf32>) -> tensor<2x6x6x4xf32>
    %28 = "stablehlo.reshape"(%27) : (tensor<2x6x6x4xf32>) -> tensor<72x4xf32>
    %29 = "stablehlo.reverse"(%arg3) {dimensions = array<i64: 2, 3>} : (tensor<4x3x1x1xf32>) -> tensor<4x3x1x1xf32>
    %30 = "stablehlo.reshape"(%29) : (tensor<4x3x1x1xf32>) -> tensor<4x3xf32>
    %31 = "stablehlo.dot_general"(%28, %30) {dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [], rhs_batching_dimensions = [], lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>, precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]} : (tensor<72x4xf32>, tensor<4x3xf32>) -> tensor<72x3xf32>
    %32 = "stablehlo.reshape"(%31) : (tensor<72x3xf32>) -> tensor<2x6x6x3x1x1xf32>
    %33 = "stablehlo.reshape"(%32) : (tensor<2x6x6x3x1x1xf32>) -> tensor<2x6x6x3xf32>
    %34 = "stablehlo.transpose"(%33) {permutation = array<i64: 0, 3, 1, 2>} : (tensor<2x6x6x3xf32>) -> tensor<2x3x6x6xf32>
    %35 = "stablehlo.constant"() {value = dense<0.0> : tensor<f32>} : () -> tensor<f32>
    %36 = "stablehlo.pad"(%34, %35) {edge_padding_low = array<i64: 0, 0, 0, 0>, edge_padding_high = array<i64: 0, 0, 0, 1>, interior_padding = array<i64: 0, 0, 0, 0>} : (tensor<2x3x6x6xf32>, tensor<f32>) -> tensor<2x3x6x7xf32>
    %37 = "stablehlo.slice"(%36) {start_indices = array<i64: 0, 0, 0, 1>, limit_indices = array<i64: 2, 3, 5, 7>, strides = array<i64: 1, 1, 1, 1>} : (tensor<2x3x6x7xf32>) -> tensor<2x3x5x6xf32>
    %38 = "stablehlo.convolution"(%arg2, %arg5) {dimension_numbers = #stablehlo.conv<[f, b, 0, 1]x[i, o, 0, 1]->[f, b, 0, 1]>, window_strides = array<i64: 1, 1>, padding = dense<[[0, 1], [1, -1]]> : tensor<2x2xi64>, lhs_dilation = array<i64: 1, 1>, rhs_dilation = array<i64: 1, 1>, window_reversal = array<i1: false, false>, feature_group_count = 1 : i64, batch_group_count = 1 : i64, precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]} : (tensor<2x3x5x6xf32>, tensor<2x4x6x6xf32>) -> tensor<4x3x1x1xf32>
    %39 = "stablehlo.slice"(%arg0) {start_indices = array<i64: 0, 0, 0, 0>, limit_indices = array<i64: 2, 5, 5, 3>, strides = array<i64: 1, 2, 2, 1>} : (tensor<2x5x6x3xf32>) -> tensor<2x3x3x3xf32>
    %40 = "stablehlo.reshape"(%39) : (tensor<2x3x3x3xf32>) -> tensor<18x3xf32>
    %41 = "stablehlo.transpose"(%arg1) {permutation = array<i64: 0, 1, 3, 2>} : (tensor<1x1x3x4xf32>) -> tensor<1x1x4x3xf32>
    %42 = "stablehlo.reshape"(%41) : (tensor<1x1x4x3xf32>) -> tensor<4x3xf32>
    %43 = "stablehlo.dot_general"(%40, %42) {dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [], rhs_batching_dimensions = [], lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1]>, precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]} : (tensor<18x3xf32>, tensor<4x3xf32>) -> tensor<18x4xf32>
    %44 = "stablehlo.reshape"(%43) : (tensor<18x4xf32>) -> tensor<2x3x3x1x1x4xf32>
    %45 = "stablehlo.reshape"(%44) : (tensor<2x3x3x1x1x4xf32>) -> tensor<2x3x3x4xf32>
    %46 = "stablehlo.transpose"(%arg2) {permutation = array<i64: 0, 2, 3, 1>} : (tensor<2x3x5x6xf32>) -> tensor<2x5x6x3xf32>
    %47 = "stablehlo.reshape"(%46) : (tensor<2x5x6x3xf32>) -> tensor<60x3xf32>
    %48 = "stablehlo.transpose"(%arg3) {permutation = array<i64: 0, 2, 3, 1>} : (tensor<4x3x1x1xf32>) -> tensor<4x1x1x3xf32>
    %49 = "stablehlo.reshape"(%48) : (tensor<4x1x1x3xf32>) -> tensor<4x3xf32>
    %50 = "stablehlo.dot_general"(%47, %49) {dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [], rhs_batching_dimensions = [], lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1]>, precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]} : (tensor<60x3xf32>, tensor<4x3xf32>) -> tensor<60x4xf32>
    %51 = "stablehlo.reshape"(%50) : (tensor<60x4xf32>) -> tensor<2x5x6x4x1x1xf32>
    %52 = "stablehlo.reshape"(%51) : (tensor<2x5x6x4x1x1xf32>) -> tensor<2x5x6x4xf32>
    %53 = "stablehlo.transpose"(%52) {permutation = array<i64: 0, 3, 1, 2>} : (tensor<2x5x6x4xf32>) -> tensor<2x4x5x6xf32>
    %54 = "stablehlo.constant"() {value = dense<0.0> : tensor<f32>} : () -> tensor<f32>
    %55 = "stablehlo.pad"(%53, %54) {edge_padding_low = array<i64: 0, 0, 0, 1>, edge_padding_high = array<i64: 0, 0, 2, 0>, interior_padding = array<i64: 0, 0, 0, 0>} : (tensor<2x4x5x6xf32>, tensor<f32>) -> tensor<2x4x7x7xf32>
    %56 = "stablehlo.slice"(%55) {start_indices = array<i64: 0, 0, 0, 0>, limit_indices = array<i64: 2, 4, 7, 6>, strides = array<i64: 1, 1, 1, 1>} : (tensor<2x4x7x7xf32>) -> tensor<2x4x7x6xf32>
    %57 = "stablehlo.slice"(%56) {start_indices = array<i64: 0, 0, 0, 0>, limit_indices = array<i64: 2, 4, 7, 6>, strides = array<i64: 1, 1, 2, 1>} : (tensor<2x4x7x6xf32>) -> tensor<2x4x4x6xf32>
    %58 = "stablehlo.reshape"(%arg6) : (tensor<2x3x3x4xf32>) -> tensor<18x4xf32>
    %59 = "stablehlo.reverse"(%arg1) {dimensions = array<i64: 0, 1>} : (tensor<1x1x3x4xf32>) -> tensor<1x1x3x4xf32>
    %60 = "stablehlo.reshape"(%59) : (tensor<1x1x3x4xf32>) -> tensor<3x4xf32>
    %61 = "stablehlo.dot_general"(%58, %60) {dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [], rhs_batching_dimensions = [], lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1]>, precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]} : (tensor<18x4xf32>, tensor<3x4xf32>) -> tensor<18x3xf32>
    %62 = "stablehlo.reshape"(%61) : (tensor<18x3xf32>) -> tensor<2x3x3x1x1x3xf32>
    %63 = "stablehlo.reshape"(%62) : (tensor<2x3x3x1x1x3xf32>) -> tensor<2x3x3x3xf32>
    %64 = "stablehlo.constant"() {value = dense<0.0> : tensor<f32>} : () -> tensor<f32>
    %65 = "stablehlo.pad"(%63, %64) {edge_padding_low = array<i64: 0, 0, 0, 0>, edge_padding_high = array<i64: 0, 0, 1, 0>, interior_padding = array<i64: 0, 1, 1, 0>} : (tensor<2x3x3x3xf32>, tensor<f32>) -> tensor<2x5x6x3xf32>
    %66 = "stablehlo.slice"(%arg0) {start_indices = array<i64: 0, 0, 0, 0>, limit_indices = array<i64: 2, 5, 5, 3>, strides = array<i64: 1, 2, 2, 1>} : (tensor<2x5x6x3xf32>) -> tensor<2x3x3x3xf32>
    %67 = "stablehlo.reshape"(%66) : (tensor<2x3x3x3xf32>) -> tensor<18x3xf32>
    %68 = "stablehlo.reshape"(%arg6) : (tensor<2x3x3x4xf32>) -> tensor<18x4xf32>
    %69 = "stablehlo.dot_general"(%67, %68) {dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [], rhs_batching_dimensions = [], lhs_contracting_dimensions = [0], rhs_contracting_dimensions = [0]>, precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]} : (tensor<18x3xf32>, tensor<18x4xf32>) -> tensor<3x4xf32>
    %70 = "stablehlo.reshape"(%69) : (tensor<3x4xf32>) -> tensor<1x1x3x4xf32>
    %71 = "stablehlo.transpose"(%arg7) {permutation = array<i64: 0, 2, 3, 1>} : (tensor<2x4x4x6xf32>) -> tensor<2x4x6x4xf32>
    %72 = "stablehlo.reshape"(%71) : (tensor<2x4x6x4xf32>) -> tensor<48x4xf32>
    %73 = "stablehlo.reverse"(%arg3) {dimensions = array<i64: 2, 3>} : (tensor<4x3x1x1xf32>) -> tensor<4x3x1x1xf32>
    %74 = "stablehlo.reshape"(%73) : (tensor<4x3x1x1xf32>) -> tensor<4x3xf32>
    %75 = "stablehlo.dot_general"(%72, %74) {dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [], rhs_batching_dimensions = [], lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>, precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]} : (tensor<48x4xf32>, tensor<4x3xf32>) -> tensor<48x3xf32>
    %76 = "stablehlo.reshape"(%75) : (tensor<48x3xf32>) -> tensor<2x4x6x3x1x1xf32>
    %77 = "stablehlo.reshape"(%76) : (tensor<2x4x6x3x1x1xf32>) -> tensor<2x4x6x3xf32>
    %78 = "stablehlo.transpose"(%77) {permutation = array<i64: 0, 3, 1, 2>} : (tensor<2x4x6x3xf32>) -> tensor<2x3x4x6xf32>
    %79 = "stablehlo.constant"() {value = dense<0.0> : tensor<f32>} : () -> tensor<f32>
    %80 = "stablehlo.pad"(%78, %79) {edge_padding_low = array<i64: 0, 0, 0, 0>, edge_padding_high = array<i64: 0, 0, 0, 1>, interior_padding = array<i64: 0, 0, 1, 0>} : (tensor<2x3x4x6xf32>, tensor<f32>) -> tensor<2x3x7x7xf32>
    %81 = "stablehlo.slice"(%80) {start_indices = array<i64: 0, 0, 0, 1>, limit_indices = array<i64: 2, 3, 5, 7>, strides = array<i64: 1, 1, 1, 1>} : (tensor<2x3x7x7xf32>) -> tensor<2x3x5x6xf32>
    %82 = "stablehlo.convolution"(%arg2, %arg7) {dimension_numbers = #stablehlo.conv<[f, b, 0, 1]x[i, o, 0, 1]->[f, b, 0, 1]>, window_strides = array<i64: 1, 1>, padding = dense<[[0, 2], [1, -1]]> : tensor<2x2xi64>, lhs_dilation = array<i64: 1, 1>, rhs_dilation = array<i64: 2, 1>, window_reversal = array<i1: false, false>, feature_group_count = 1 : i64, batch_group_count = 1 : i64, precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]} : (tensor<2x3x5x6xf32>, tensor<2x4x4x6xf32>) -> tensor<4x3x1x1xf32>
    "func.return"(%5, %16, %22, %26, %37, %38, %45, %57, %65, %70, %81, %82) : (tensor<2x5x6x4xf32>, tensor<2x4x6x6xf32>, tensor<2x5x6x3xf32>, tensor<1x1x3x4xf32>, tensor<2x3x5x6xf32>, tensor<4x3x1x1xf32>, tensor<2x3x3x4xf32>, tensor<2x4x4x6xf32>, tensor<2x5x6x3xf32>, tensor<1x1x3x4xf32>, tensor<2x3x5x6xf32>, tensor<4x3x1x1xf32>) -> ()
  }
}

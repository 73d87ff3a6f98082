module @"main" attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<3x5xf32>, %arg1: tensor<3x5xi32>) -> (tensor<3x5xf32>, tensor<3x5xi32>, tensor<3x2xf32>, tensor<3x2xi32>, tensor<3x5xi32>, tensor<3x5xf32>, tensor<3x5xf32>) {
    %0:1 = "stablehlo.sort"(%arg0) ({
    ^bb0(%r1: tensor<f32>, %r2: tensor<f32>):
      %3 = "stablehlo.compare"(%r1, %r2) {comparison_direction = #stablehlo<comparison_direction LT>, compare_type = #stablehlo<comparison_type FLOAT>} : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %4 = "stablehlo.compare"(%r2, %r2) {comparison_direction = #stablehlo<comparison_direction NE>, compare_type = #stablehlo<comparison_type FLOAT>} : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %5 = "stablehlo.compare"(%r1, %r1) {comparison_direction = #stablehlo<comparison_direction EQ>, compare_type = #stablehlo<comparison_type FLOAT>} : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %6 = "stablehlo.and"(%4, %5) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      %7 = "stablehlo.or"(%3, %6) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      "stablehlo.return"(%7) : (tensor<i1>) -> ()
    }) {dimension = 1 : i64, is_stable = true} : (tensor<3x5xf32>) -> (tensor<3x5xf32>)
    %8 = "stablehlo.iota"() {iota_dimension = 0 : i64} : () -> tensor<3x5xi32>
    %9:2 = "stablehlo.sort"(%arg0, %8) ({
    ^bb0(%r10: tensor<f32>, %r11: tensor<f32>, %r12: tensor<i32>, %r13: tensor<i32>):
      %14 = "stablehlo.compare"(%r11, %r10) {comparison_direction = #stablehlo<comparison_direction LT>, compare_type = #stablehlo<comparison_type FLOAT>} : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %15 = "stablehlo.compare"(%r10, %r10) {comparison_direction = #stablehlo<comparison_direction NE>, compare_type = #stablehlo<comparison_type FLOAT>} : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %16 = "stablehlo.compare"(%r11, %r11) {comparison_direction = #stablehlo<comparison_direction EQ>, compare_type = #stablehlo<comparison_type FLOAT>} : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %17 = "stablehlo.and"(%15, %16) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      %18 = "stablehlo.or"(%14, %17) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      "stablehlo.return"(%18) : (tensor<i1>) -> ()
    }) {dimension = 0 : i64, is_stable = true} : (tensor<3x5xf32>, tensor<3x5xi32>) -> (tensor<3x5xf32>, tensor<3x5xi32>)
    %19:2 = "chlo.top_k"(%arg0) {k = 2 : i64} : (tensor<3x5xf32>) -> (tensor<3x2xf32>, tensor<3x2xi32>)
    %20:2 = "stablehlo.sort"(%arg0, %arg1) ({
    ^bb0(%r21: tensor<f32>, %r22: tensor<f32>, %r23: tensor<i32>, %r24: tensor<i32>):
      %25 = "stablehlo.compare"(%r23, %r24) {comparison_direction = #stablehlo<comparison_direction GT>, compare_type = #stablehlo<comparison_type SIGNED>} : (tensor<i32>, tensor<i32>) -> tensor<i1>
      "stablehlo.return"(%25) : (tensor<i1>) -> ()
    }) {dimension = 1 : i64, is_stable = false} : (tensor<3x5xf32>, tensor<3x5xi32>) -> (tensor<3x5xf32>, tensor<3x5xi32>)
    %26 = "stablehlo.iota"() {iota_dimension = 0 : i64} : () -> tensor<3x5xi32>
    %27:2 = "stablehlo.sort"(%arg1, %26) ({
    ^bb0(%r28: tensor<i32>, %r29: tensor<i32>, %r30: tensor<i32>, %r31: tensor<i32>):
      %32 = "stablehlo.compare"(%r28, %r29) {comparison_direction = #stablehlo<comparison_direction LT>, compare_type = #stablehlo<comparison_type SIGNED>} : (tensor<i32>, tensor<i32>) -> tensor<i1>
      "stablehlo.return"(%32) : (tensor<i1>) -> ()
    }) {dimension = 0 : i64, is_stable = true} : (tensor<3x5xi32>, tensor<3x5xi32>) -> (tensor<3x5xi32>, tensor<3x5xi32>)
    %33 = "stablehlo.reshape"(%27#1) : (tensor<3x5xi32>) -> tensor<3x5x1xi32>
    %34 = "stablehlo.gather"(%arg0, %33) {dimension_numbers = #stablehlo.gather<offset_dims = [], collapsed_slice_dims = [0], operand_batching_dims = [1], start_indices_batching_dims = [1], start_index_map = [0], index_vector_dim = 2>, slice_sizes = array<i64: 1, 1>, indices_are_sorted = false} : (tensor<3x5xf32>, tensor<3x5x1xi32>) -> tensor<3x5xf32>
    %35 = "stablehlo.slice"(%arg0) {start_indices = array<i64: 0, 0>, limit_indices = array<i64: 3, 1>, strides = array<i64: 1, 1>} : (tensor<3x5xf32>) -> tensor<3x1xf32>
    %36 = "stablehlo.slice"(%arg0) {start_indices = array<i64: 0, 0>, limit_indices = array<i64: 3, 4>, strides = array<i64: 1, 2>} : (tensor<3x5xf32>) -> tensor<3x2xf32>
    %37 = "stablehlo.slice"(%arg0) {start_indices = array<i64: 0, 1>, limit_indices = array<i64: 3, 5>, strides = array<i64: 1, 2>} : (tensor<3x5xf32>) -> tensor<3x2xf32>
    %38 = "stablehlo.add"(%36, %37) : (tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3x2xf32>
    %39 = "stablehlo.slice"(%38) {start_indices = array<i64: 0, 0>, limit_indices = array<i64: 3, 1>, strides = array<i64: 1, 1>} : (tensor<3x2xf32>) -> tensor<3x1xf32>
    %40 = "stablehlo.reshape"(%39) : (tensor<3x1xf32>) -> tensor<3x1x1xf32>
    %41 = "stablehlo.slice"(%38) {start_indices = array<i64: 0, 0>, limit_indices = array<i64: 3, 1>, strides = array<i64: 1, 2>} : (tensor<3x2xf32>) -> tensor<3x1xf32>
    %42 = "stablehlo.slice"(%38) {start_indices = array<i64: 0, 1>, limit_indices = array<i64: 3, 2>, strides = array<i64: 1, 2>} : (tensor<3x2xf32>) -> tensor<3x1xf32>
    %43 = "stablehlo.add"(%41, %42) : (tensor<3x1xf32>, tensor<3x1xf32>) -> tensor<3x1xf32>
    %44 = "stablehlo.reshape"(%43) : (tensor<3x1xf32>) -> tensor<3x1x1xf32>
    %45 = "stablehlo.concatenate"(%40, %44) {dimension = 2 : i64} : (tensor<3x1x1xf32>, tensor<3x1x1xf32>) -> tensor<3x1x2xf32>
    %46 = "stablehlo.reshape"(%45) : (tensor<3x1x2xf32>) -> tensor<3x2xf32>
    %47 = "stablehlo.slice"(%arg0) {start_indices = array<i64: 0, 2>, limit_indices = array<i64: 3, 5>, strides = array<i64: 1, 2>} : (tensor<3x5xf32>) -> tensor<3x2xf32>
    %48 = "stablehlo.add"(%46, %47) : (tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3x2xf32>
    %49 = "stablehlo.concatenate"(%35, %48) {dimension = 1 : i64} : (tensor<3x1xf32>, tensor<3x2xf32>) -> tensor<3x3xf32>
    %50 = "stablehlo.slice"(%49) {start_indices = array<i64: 0, 0>, limit_indices = array<i64: 3, 2>, strides = array<i64: 1, 1>} : (tensor<3x3xf32>) -> tensor<3x2xf32>
    %51 = "stablehlo.reshape"(%50) : (tensor<3x2xf32>) -> tensor<3x2x1xf32>
    %52 = "stablehlo.reshape"(%46) : (tensor<3x2xf32>) -> tensor<3x2x1xf32>
    %53 = "stablehlo.concatenate"(%51, %52) {dimension = 2 : i64} : (tensor<3x2x1xf32>, tensor<3x2x1xf32>) -> tensor<3x2x2xf32>
    %54 = "stablehlo.reshape"(%53) : (tensor<3x2x2xf32>) -> tensor<3x4xf32>
    %55 = "stablehlo.slice"(%49) {start_indices = array<i64: 0, 2>, limit_indices = array<i64: 3, 3>, strides = array<i64: 1, 1>} : (tensor<3x3xf32>) -> tensor<3x1xf32>
    %56 = "stablehlo.concatenate"(%54, %55) {dimension = 1 : i64} : (tensor<3x4xf32>, tensor<3x1xf32>) -> tensor<3x5xf32>
    "func.return"(%0#0, %9#1, %19#0, %19#1, %20#1, %34, %56) : (tensor<3x5xf32>, tensor<3x5xi32>, tensor<3x2xf32>, tensor<3x2xi32>, tensor<3x5xi32>, tensor<3x5xf32>, tensor<3x5xf32>) -> ()
  }
}

module @"main" attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<2x3x4xf32>, %arg1: tensor<2x3xi1>) -> (tensor<3xf32>, tensor<2x3xf32>, tensor<f32>, tensor<2x4xf32>, tensor<2xi1>, tensor<i1>, tensor<2x3xi32>, tensor<4xf32>) {
    %0 = "stablehlo.constant"() {value = dense<0.0> : tensor<f32>} : () -> tensor<f32>
    %1 = "stablehlo.reduce"(%arg0, %0) ({
    ^bb0(%r2: tensor<f32>, %r3: tensor<f32>):
      %4 = "stablehlo.add"(%r2, %r3) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%4) : (tensor<f32>) -> ()
    }) {dimensions = array<i64: 0, 2>} : (tensor<2x3x4xf32>, tensor<f32>) -> tensor<3xf32>
    %5 = "stablehlo.constant"() {value = dense<0xFF800000> : tensor<f32>} : () -> tensor<f32>
    %6 = "stablehlo.reduce"(%arg0, %5) ({
    ^bb0(%r7: tensor<f32>, %r8: tensor<f32>):
      %9 = "stablehlo.maximum"(%r7, %r8) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%9) : (tensor<f32>) -> ()
    }) {dimensions = array<i64: 2>} : (tensor<2x3x4xf32>, tensor<f32>) -> tensor<2x3xf32>
    %10 = "stablehlo.constant"() {value = dense<0x7F800000> : tensor<f32>} : () -> tensor<f32>
    %11 = "stablehlo.reduce"(%arg0, %10) ({
    ^bb0(%r12: tensor<f32>, %r13: tensor<f32>):
      %14 = "stablehlo.minimum"(%r12, %r13) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%14) : (tensor<f32>) -> ()
    }) {dimensions = array<i64: 0, 1, 2>} : (tensor<2x3x4xf32>, tensor<f32>) -> tensor<f32>
    %15 = "stablehlo.constant"() {value = dense<1.0> : tensor<f32>} : () -> tensor<f32>
    %16 = "stablehlo.reduce"(%arg0, %15) ({
    ^bb0(%r17: tensor<f32>, %r18: tensor<f32>):
      %19 = "stablehlo.multiply"(%r17, %r18) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%19) : (tensor<f32>) -> ()
    }) {dimensions = array<i64: 1>} : (tensor<2x3x4xf32>, tensor<f32>) -> tensor<2x4xf32>
    %20 = "stablehlo.constant"() {value = dense<false> : tensor<i1>} : () -> tensor<i1>
    %21 = "stablehlo.reduce"(%arg1, %20) ({
    ^bb0(%r22: tensor<i1>, %r23: tensor<i1>):
      %24 = "stablehlo.or"(%r22, %r23) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      "stablehlo.return"(%24) : (tensor<i1>) -> ()
    }) {dimensions = array<i64: 1>} : (tensor<2x3xi1>, tensor<i1>) -> tensor<2xi1>
    %25 = "stablehlo.constant"() {value = dense<true> : tensor<i1>} : () -> tensor<i1>
    %26 = "stablehlo.reduce"(%arg1, %25) ({
    ^bb0(%r27: tensor<i1>, %r28: tensor<i1>):
      %29 = "stablehlo.and"(%r27, %r28) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      "stablehlo.return"(%29) : (tensor<i1>) -> ()
    }) {dimensions = array<i64: 0, 1>} : (tensor<2x3xi1>, tensor<i1>) -> tensor<i1>
    %30 = "stablehlo.constant"() {value = dense<0xFF800000> : tensor<f32>} : () -> tensor<f32>
    %31 = "stablehlo.reduce"(%arg0, %30) ({
    ^bb0(%r32: tensor<f32>, %r33: tensor<f32>):
      %34 = "stablehlo.maximum"(%r32, %r33) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%34) : (tensor<f32>) -> ()
    }) {dimensions = array<i64: 2>} : (tensor<2x3x4xf32>, tensor<f32>) -> tensor<2x3xf32>
    %35 = "stablehlo.reshape"(%31) : (tensor<2x3xf32>) -> tensor<2x3x1xf32>
    %36 = "stablehlo.broadcast_in_dim"(%35) {broadcast_dimensions = array<i64: 0, 1, 2>} : (tensor<2x3x1xf32>) -> tensor<2x3x4xf32>
    %37 = "stablehlo.compare"(%arg0, %36) {comparison_direction = #stablehlo<comparison_direction EQ>, compare_type = #stablehlo<comparison_type FLOAT>} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xi1>
    %38 = "stablehlo.compare"(%arg0, %arg0) {comparison_direction = #stablehlo<comparison_direction NE>, compare_type = #stablehlo<comparison_type FLOAT>} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xi1>
    %39 = "stablehlo.or"(%37, %38) : (tensor<2x3x4xi1>, tensor<2x3x4xi1>) -> tensor<2x3x4xi1>
    %40 = "stablehlo.iota"() {iota_dimension = 2 : i64} : () -> tensor<2x3x4xi32>
    %41 = "stablehlo.constant"() {value = dense<4> : tensor<i32>} : () -> tensor<i32>
    %42 = "stablehlo.broadcast_in_dim"(%41) {broadcast_dimensions = array<i64>} : (tensor<i32>) -> tensor<2x3x4xi32>
    %43 = "stablehlo.select"(%39, %40, %42) : (tensor<2x3x4xi1>, tensor<2x3x4xi32>, tensor<2x3x4xi32>) -> tensor<2x3x4xi32>
    %44 = "stablehlo.constant"() {value = dense<2147483647> : tensor<i32>} : () -> tensor<i32>
    %45 = "stablehlo.reduce"(%43, %44) ({
    ^bb0(%r46: tensor<i32>, %r47: tensor<i32>):
      %48 = "stablehlo.minimum"(%r46, %r47) : (tensor<i32>, tensor<i32>) -> tensor<i32>
      "stablehlo.return"(%48) : (tensor<i32>) -> ()
    }) {dimensions = array<i64: 2>} : (tensor<2x3x4xi32>, tensor<i32>) -> tensor<2x3xi32>
    %49 = "stablehlo.constant"() {value = dense<0.0> : tensor<f32>} : () -> tensor<f32>
    %50 = "stablehlo.reduce"(%arg0, %49) ({
    ^bb0(%r51: tensor<f32>, %r52: tensor<f32>):
      %53 = "stablehlo.add"(%r51, %r52) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%53) : (tensor<f32>) -> ()
    }) {dimensions = array<i64: 0, 1>} : (tensor<2x3x4xf32>, tensor<f32>) -> tensor<4xf32>
    "func.return"(%1, %6, %11, %16, %21, %26, %45, %50) : (tensor<3xf32>, tensor<2x3xf32>, tensor<f32>, tensor<2x4xf32>, tensor<2xi1>, tensor<i1>, tensor<2x3xi32>, tensor<4xf32>) -> ()
  }
}

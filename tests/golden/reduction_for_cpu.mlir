module @"main" attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<2x3x4xf32>, %arg1: tensor<2x3xi1>) -> (tensor<3xf32>, tensor<2x3xf32>, tensor<f32>, tensor<2x4xf32>, tensor<2xi1>, tensor<i1>, tensor<2x3xi32>, tensor<4xf32>) {
    %0 = "stablehlo.constant"() {value = dense<0.0> : tensor<f32>} : () -> tensor<f32>
    %1 = "stablehlo.reduce"(%arg0, %0) ({
    ^bb0(%r2: tensor<f32>, %r3: tensor<f32>):
      %4 = "stablehlo.add"(%r2, %r3) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%4) : (tensor<f32>) -> ()
    }) {dimensions = array<i64: 0, 2>} : (tensor<2x3x4xf32>, tensor<f32>) -> tensor<3xf32>
    %5 = "stablehlo.reshape"(%arg0) : (tensor<2x3x4xf32>) -> tensor<6x4xf32>
    %6 = "stablehlo.constant"() {value = dense<0xFF800000> : tensor<f32>} : () -> tensor<f32>
    %7 = "stablehlo.reduce"(%5, %6) ({
    ^bb0(%r8: tensor<f32>, %r9: tensor<f32>):
      %10 = "stablehlo.maximum"(%r8, %r9) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%10) : (tensor<f32>) -> ()
    }) {dimensions = array<i64: 1>} : (tensor<6x4xf32>, tensor<f32>) -> tensor<6xf32>
    %11 = "stablehlo.reshape"(%7) : (tensor<6xf32>) -> tensor<2x3xf32>
    %12 = "stablehlo.reshape"(%arg0) : (tensor<2x3x4xf32>) -> tensor<24xf32>
    %13 = "stablehlo.constant"() {value = dense<0x7F800000> : tensor<f32>} : () -> tensor<f32>
    %14 = "stablehlo.reduce"(%12, %13) ({
    ^bb0(%r15: tensor<f32>, %r16: tensor<f32>):
      %17 = "stablehlo.minimum"(%r15, %r16) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%17) : (tensor<f32>) -> ()
    }) {dimensions = array<i64: 0>} : (tensor<24xf32>, tensor<f32>) -> tensor<f32>
    %18 = "stablehlo.constant"() {value = dense<1.0> : tensor<f32>} : () -> tensor<f32>
    %19 = "stablehlo.reduce"(%arg0, %18) ({
    ^bb0(%r20: tensor<f32>, %r21: tensor<f32>):
      %22 = "stablehlo.multiply"(%r20, %r21) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%22) : (tensor<f32>) -> ()
    }) {dimensions = array<i64: 1>} : (tensor<2x3x4xf32>, tensor<f32>) -> tensor<2x4xf32>
    %23 = "stablehlo.constant"() {value = dense<false> : tensor<i1>} : () -> tensor<i1>
    %24 = "stablehlo.reduce"(%arg1, %23) ({
    ^bb0(%r25: tensor<i1>, %r26: tensor<i1>):
      %27 = "stablehlo.or"(%r25, %r26) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      "stablehlo.return"(%27) : (tensor<i1>) -> ()
    }) {dimensions = array<i64: 1>} : (tensor<2x3xi1>, tensor<i1>) -> tensor<2xi1>
    %28 = "stablehlo.reshape"(%arg1) : (tensor<2x3xi1>) -> tensor<6xi1>
    %29 = "stablehlo.constant"() {value = dense<true> : tensor<i1>} : () -> tensor<i1>
    %30 = "stablehlo.reduce"(%28, %29) ({
    ^bb0(%r31: tensor<i1>, %r32: tensor<i1>):
      %33 = "stablehlo.and"(%r31, %r32) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      "stablehlo.return"(%33) : (tensor<i1>) -> ()
    }) {dimensions = array<i64: 0>} : (tensor<6xi1>, tensor<i1>) -> tensor<i1>
    %34 = "stablehlo.reshape"(%arg0) : (tensor<2x3x4xf32>) -> tensor<6x4xf32>
    %35 = "stablehlo.constant"() {value = dense<0xFF800000> : tensor<f32>} : () -> tensor<f32>
    %36 = "stablehlo.reduce"(%34, %35) ({
    ^bb0(%r37: tensor<f32>, %r38: tensor<f32>):
      %39 = "stablehlo.maximum"(%r37, %r38) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%39) : (tensor<f32>) -> ()
    }) {dimensions = array<i64: 1>} : (tensor<6x4xf32>, tensor<f32>) -> tensor<6xf32>
    %40 = "stablehlo.reshape"(%36) : (tensor<6xf32>) -> tensor<2x3xf32>
    %41 = "stablehlo.reshape"(%40) : (tensor<2x3xf32>) -> tensor<2x3x1xf32>
    %42 = "stablehlo.broadcast_in_dim"(%41) {broadcast_dimensions = array<i64: 0, 1, 2>} : (tensor<2x3x1xf32>) -> tensor<2x3x4xf32>
    %43 = "stablehlo.compare"(%arg0, %42) {comparison_direction = #stablehlo<comparison_direction EQ>, compare_type = #stablehlo<comparison_type FLOAT>} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xi1>
    %44 = "stablehlo.compare"(%arg0, %arg0) {comparison_direction = #stablehlo<comparison_direction NE>, compare_type = #stablehlo<comparison_type FLOAT>} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xi1>
    %45 = "stablehlo.or"(%43, %44) : (tensor<2x3x4xi1>, tensor<2x3x4xi1>) -> tensor<2x3x4xi1>
    %46 = "stablehlo.iota"() {iota_dimension = 2 : i64} : () -> tensor<2x3x4xi32>
    %47 = "stablehlo.constant"() {value = dense<4> : tensor<i32>} : () -> tensor<i32>
    %48 = "stablehlo.broadcast_in_dim"(%47) {broadcast_dimensions = array<i64>} : (tensor<i32>) -> tensor<2x3x4xi32>
    %49 = "stablehlo.select"(%45, %46, %48) : (tensor<2x3x4xi1>, tensor<2x3x4xi32>, tensor<2x3x4xi32>) -> tensor<2x3x4xi32>
    %50 = "stablehlo.reshape"(%49) : (tensor<2x3x4xi32>) -> tensor<6x4xi32>
    %51 = "stablehlo.constant"() {value = dense<2147483647> : tensor<i32>} : () -> tensor<i32>
    %52 = "stablehlo.reduce"(%50, %51) ({
    ^bb0(%r53: tensor<i32>, %r54: tensor<i32>):
      %55 = "stablehlo.minimum"(%r53, %r54) : (tensor<i32>, tensor<i32>) -> tensor<i32>
      "stablehlo.return"(%55) : (tensor<i32>) -> ()
    }) {dimensions = array<i64: 1>} : (tensor<6x4xi32>, tensor<i32>) -> tensor<6xi32>
    %56 = "stablehlo.reshape"(%52) : (tensor<6xi32>) -> tensor<2x3xi32>
    %57 = "stablehlo.reshape"(%arg0) : (tensor<2x3x4xf32>) -> tensor<6x4xf32>
    %58:1 = "stablehlo.optimization_barrier"(%57) : (tensor<6x4xf32>) -> (tensor<6x4xf32>)
    %59 = "stablehlo.constant"() {value = dense<0.0> : tensor<f32>} : () -> tensor<f32>
    %60 = "stablehlo.reduce"(%58#0, %59) ({
    ^bb0(%r61: tensor<f32>, %r62: tensor<f32>):
      %63 = "stablehlo.add"(%r61, %r62) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%63) : (tensor<f32>) -> ()
    }) {dimensions = array<i64: 0>} : (tensor<6x4xf32>, tensor<f32>) -> tensor<4xf32>
    "func.return"(%1, %11, %14, %19, %24, %30, %56, %60) : (tensor<3xf32>, tensor<2x3xf32>, tensor<f32>, tensor<2x4xf32>, tensor<2xi1>, tensor<i1>, tensor<2x3xi32>, tensor<4xf32>) -> ()
  }
}

module @"main" attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<2xf32>, %arg1: tensor<3x2xf32>, %arg2: tensor<2xf32>) -> (tensor<2xf32>, tensor<3x2xf32>) {
    %0 = "stablehlo.constant"() {value = dense<0> : tensor<i32>} : () -> tensor<i32>
    %1 = "stablehlo.constant"() {value = dense<0.0> : tensor<f32>} : () -> tensor<f32>
    %2 = "stablehlo.broadcast_in_dim"(%1) {broadcast_dimensions = array<i64>} : (tensor<f32>) -> tensor<3x2xf32>
    %3:5 = "stablehlo.while"(%0, %arg0, %2, %arg2, %arg1) ({
    ^bb0(%r4: tensor<i32>, %r5: tensor<2xf32>, %r6: tensor<3x2xf32>, %r7: tensor<2xf32>, %r8: tensor<3x2xf32>):
      %9 = "stablehlo.constant"() {value = dense<3> : tensor<i32>} : () -> tensor<i32>
      %10 = "stablehlo.compare"(%r4, %9) {comparison_direction = #stablehlo<comparison_direction LT>, compare_type = #stablehlo<comparison_type SIGNED>} : (tensor<i32>, tensor<i32>) -> tensor<i1>
      "stablehlo.return"(%10) : (tensor<i1>) -> ()
    }, {
    ^bb0(%r11: tensor<i32>, %r12: tensor<2xf32>, %r13: tensor<3x2xf32>, %r14: tensor<2xf32>, %r15: tensor<3x2xf32>):
      %16 = "stablehlo.constant"() {value = dense<1> : tensor<i32>} : () -> tensor<i32>
      %17 = "stablehlo.add"(%r11, %16) : (tensor<i32>, tensor<i32>) -> tensor<i32>
      %18 = "stablehlo.multiply"(%r12, %r14) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
      %19 = "stablehlo.constant"() {value = dense<2> : tensor<i32>} : () -> tensor<i32>
      %20 = "stablehlo.subtract"(%19, %r11) : (tensor<i32>, tensor<i32>) -> tensor<i32>
      %21 = "stablehlo.constant"() {value = dense<0> : tensor<i32>} : () -> tensor<i32>
      %22 = "stablehlo.dynamic_slice"(%r15, %20, %21) {slice_sizes = array<i64: 1, 2>} : (tensor<3x2xf32>, tensor<i32>, tensor<i32>) -> tensor<1x2xf32>
      %23 = "stablehlo.reshape"(%22) : (tensor<1x2xf32>) -> tensor<2xf32>
      %24 = "stablehlo.add"(%18, %23) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
      %25 = "stablehlo.reshape"(%r12) : (tensor<2xf32>) -> tensor<1x2xf32>
      %26 = "stablehlo.constant"() {value = dense<0> : tensor<i32>} : () -> tensor<i32>
      %27 = "stablehlo.dynamic_update_slice"(%r13, %25, %20, %26) : (tensor<3x2xf32>, tensor<1x2xf32>, tensor<i32>, tensor<i32>) -> tensor<3x2xf32>
      "stablehlo.return"(%17, %24, %27, %r14, %r15) : (tensor<i32>, tensor<2xf32>, tensor<3x2xf32>, tensor<2xf32>, tensor<3x2xf32>) -> ()
    }) : (tensor<i32>, tensor<2xf32>, tensor<3x2xf32>, tensor<2xf32>, tensor<3x2xf32>) -> (tensor<i32>, tensor<2xf32>, tensor<3x2xf32>, tensor<2xf32>, tensor<3x2xf32>)
    "func.return"(%3#1, %3#2) : (tensor<2xf32>, tensor<3x2xf32>) -> ()
  }
}

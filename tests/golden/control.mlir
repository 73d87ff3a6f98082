module @"main" attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<2xf32>, %arg1: tensor<i32>, %arg2: tensor<i1>) -> (tensor<i32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
    %0 = "stablehlo.constant"() {value = dense<0> : tensor<i32>} : () -> tensor<i32>
    %1:3 = "stablehlo.while"(%0, %arg0, %arg1) ({
    ^bb0(%r2: tensor<i32>, %r3: tensor<2xf32>, %r4: tensor<i32>):
      %5 = "stablehlo.compare"(%r2, %r4) {comparison_direction = #stablehlo<comparison_direction LT>, compare_type = #stablehlo<comparison_type SIGNED>} : (tensor<i32>, tensor<i32>) -> tensor<i1>
      "stablehlo.return"(%5) : (tensor<i1>) -> ()
    }, {
    ^bb0(%r6: tensor<i32>, %r7: tensor<2xf32>, %r8: tensor<i32>):
      %9 = "stablehlo.constant"() {value = dense<1> : tensor<i32>} : () -> tensor<i32>
      %10 = "stablehlo.add"(%r6, %9) : (tensor<i32>, tensor<i32>) -> tensor<i32>
      %11 = "stablehlo.constant"() {value = dense<2.0> : tensor<f32>} : () -> tensor<f32>
      %12 = "stablehlo.broadcast_in_dim"(%11) {broadcast_dimensions = array<i64>} : (tensor<f32>) -> tensor<2xf32>
      %13 = "stablehlo.multiply"(%r7, %12) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
      "stablehlo.return"(%10, %13, %r8) : (tensor<i32>, tensor<2xf32>, tensor<i32>) -> ()
    }) : (tensor<i32>, tensor<2xf32>, tensor<i32>) -> (tensor<i32>, tensor<2xf32>, tensor<i32>)
    %14 = "stablehlo.convert"(%arg2) : (tensor<i1>) -> tensor<i32>
    %15:1 = "stablehlo.case"(%14) ({
      %16 = "stablehlo.subtract"(%1#1, %arg0) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
      "stablehlo.return"(%16) : (tensor<2xf32>) -> ()
    }, {
      %17 = "stablehlo.constant"() {value = dense<2.0> : tensor<f32>} : () -> tensor<f32>
      %18 = "stablehlo.broadcast_in_dim"(%17) {broadcast_dimensions = array<i64>} : (tensor<f32>) -> tensor<2xf32>
      %19 = "stablehlo.multiply"(%1#1, %18) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
      "stablehlo.return"(%19) : (tensor<2xf32>) -> ()
    }) : (tensor<i32>) -> (tensor<2xf32>)
    %20 = "stablehlo.constant"() {value = dense<2.0> : tensor<f32>} : () -> tensor<f32>
    %21 = "stablehlo.broadcast_in_dim"(%20) {broadcast_dimensions = array<i64>} : (tensor<f32>) -> tensor<2xf32>
    %22 = "stablehlo.add"(%arg0, %21) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %23:2 = "stablehlo.optimization_barrier"(%arg0, %22) : (tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
    "func.return"(%1#0, %1#1, %15#0, %23#1) : (tensor<i32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> ()
  }
}

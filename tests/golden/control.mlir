module @"main" attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<2xf32>, %arg1: tensor<i32>, %arg2: tensor<i1>) -> (tensor<i32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
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
    %14:1 = "stablehlo.if"(%arg2) ({
      %15 = "stablehlo.constant"() {value = dense<2.0> : tensor<f32>} : () -> tensor<f32>
      %16 = "stablehlo.broadcast_in_dim"(%15) {broadcast_dimensions = array<i64>} : (tensor<f32>) -> tensor<2xf32>
      %17 = "stablehlo.multiply"(%1#1, %16) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
      "stablehlo.return"(%17) : (tensor<2xf32>) -> ()
    }, {
      %18 = "stablehlo.subtract"(%1#1, %arg0) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
      "stablehlo.return"(%18) : (tensor<2xf32>) -> ()
    }) : (tensor<i1>) -> (tensor<2xf32>)
    %19:1 = "stablehlo.case"(%arg1) ({
      %20 = "stablehlo.constant"() {value = dense<2.0> : tensor<f32>} : () -> tensor<f32>
      %21 = "stablehlo.broadcast_in_dim"(%20) {broadcast_dimensions = array<i64>} : (tensor<f32>) -> tensor<2xf32>
      %22 = "stablehlo.multiply"(%arg0, %21) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
      "stablehlo.return"(%22) : (tensor<2xf32>) -> ()
    }, {
      %23 = "stablehlo.constant"() {value = dense<3.0> : tensor<f32>} : () -> tensor<f32>
      %24 = "stablehlo.broadcast_in_dim"(%23) {broadcast_dimensions = array<i64>} : (tensor<f32>) -> tensor<2xf32>
      %25 = "stablehlo.multiply"(%arg0, %24) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
      "stablehlo.return"(%25) : (tensor<2xf32>) -> ()
    }, {
      %26 = "stablehlo.constant"() {value = dense<4.0> : tensor<f32>} : () -> tensor<f32>
      %27 = "stablehlo.broadcast_in_dim"(%26) {broadcast_dimensions = array<i64>} : (tensor<f32>) -> tensor<2xf32>
      %28 = "stablehlo.multiply"(%arg0, %27) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
      "stablehlo.return"(%28) : (tensor<2xf32>) -> ()
    }) : (tensor<i32>) -> (tensor<2xf32>)
    %29 = "stablehlo.constant"() {value = dense<2.0> : tensor<f32>} : () -> tensor<f32>
    %30 = "stablehlo.broadcast_in_dim"(%29) {broadcast_dimensions = array<i64>} : (tensor<f32>) -> tensor<2xf32>
    %31 = "stablehlo.add"(%arg0, %30) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %32:2 = "stablehlo.optimization_barrier"(%arg0, %31) : (tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
    "func.return"(%1#0, %1#1, %14#0, %19#0, %32#1) : (tensor<i32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> ()
  }
}

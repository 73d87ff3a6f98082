module @"main" attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<3xf32>, %arg1: tensor<i1>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<f32>, tensor<f32>, tensor<i32>) {
    %0 = "stablehlo.constant"() {value = dense<2.0> : tensor<f32>} : () -> tensor<f32>
    %1 = "stablehlo.broadcast_in_dim"(%0) {broadcast_dimensions = array<i64>} : (tensor<f32>) -> tensor<3xf32>
    %2 = "stablehlo.multiply"(%arg0, %1) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
    %3 = "stablehlo.tuple"(%arg0, %2) : (tensor<3xf32>, tensor<3xf32>) -> tuple<tensor<3xf32>, tensor<3xf32>>
    %4 = "stablehlo.get_tuple_element"(%3) {index = 1 : i32} : (tuple<tensor<3xf32>, tensor<3xf32>>) -> tensor<3xf32>
    %5:2 = "stablehlo.composite"(%arg0) {name = "podium.doubled", version = 1 : i32, composite_attributes = {}, decomposition = @decomposition0} : (tensor<3xf32>) -> (tensor<3xf32>, tensor<f32>)
    %6 = "stablehlo.get_tuple_element"(%3) {index = 0 : i32} : (tuple<tensor<3xf32>, tensor<3xf32>>) -> tensor<3xf32>
    %7 = "stablehlo.map"(%arg0, %6) ({
    ^bb0(%r8: tensor<f32>, %r9: tensor<f32>):
      %10 = "stablehlo.multiply"(%r8, %r9) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      %11 = "stablehlo.constant"() {value = dense<1.0> : tensor<f32>} : () -> tensor<f32>
      %12 = "stablehlo.add"(%10, %11) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%12) : (tensor<f32>) -> ()
    }) {dimensions = array<i64: 0>} : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
    %13:2 = "stablehlo.if"(%arg1) ({
      %14 = "stablehlo.add"(%arg0, %arg0) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
      %15 = "stablehlo.constant"() {value = dense<0.0> : tensor<f32>} : () -> tensor<f32>
      %16 = "stablehlo.reduce"(%arg0, %15) ({
      ^bb0(%r17: tensor<f32>, %r18: tensor<f32>):
        %19 = "stablehlo.add"(%r17, %r18) : (tensor<f32>, tensor<f32>) -> tensor<f32>
        "stablehlo.return"(%19) : (tensor<f32>) -> ()
      }) {dimensions = array<i64: 0>} : (tensor<3xf32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%14, %16) : (tensor<3xf32>, tensor<f32>) -> ()
    }, {
      %20 = "stablehlo.constant"() {value = dense<0.0> : tensor<f32>} : () -> tensor<f32>
      %21 = "stablehlo.reduce"(%arg0, %20) ({
      ^bb0(%r22: tensor<f32>, %r23: tensor<f32>):
        %24 = "stablehlo.add"(%r22, %r23) : (tensor<f32>, tensor<f32>) -> tensor<f32>
        "stablehlo.return"(%24) : (tensor<f32>) -> ()
      }) {dimensions = array<i64: 0>} : (tensor<3xf32>, tensor<f32>) -> tensor<f32>
      %25 = "stablehlo.constant"() {value = dense<3.0> : tensor<f32>} : () -> tensor<f32>
      %26 = "stablehlo.multiply"(%21, %25) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%arg0, %26) : (tensor<3xf32>, tensor<f32>) -> ()
    }) : (tensor<i1>) -> (tensor<3xf32>, tensor<f32>)
    %27 = "stablehlo.iota"() {iota_dimension = 0 : i64} : () -> tensor<3xi32>
    %28 = "stablehlo.constant"() {value = dense<0xFF800000> : tensor<f32>} : () -> tensor<f32>
    %29 = "stablehlo.constant"() {value = dense<0> : tensor<i32>} : () -> tensor<i32>
    %30:2 = "stablehlo.reduce"(%arg0, %27, %28, %29) ({
    ^bb0(%r31: tensor<f32>, %r32: tensor<i32>, %r33: tensor<f32>, %r34: tensor<i32>):
      %35 = "stablehlo.compare"(%r31, %r33) {comparison_direction = #stablehlo<comparison_direction GE>, compare_type = #stablehlo<comparison_type FLOAT>} : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %36 = "stablehlo.select"(%35, %r31, %r33) : (tensor<i1>, tensor<f32>, tensor<f32>) -> tensor<f32>
      %37 = "stablehlo.select"(%35, %r32, %r34) : (tensor<i1>, tensor<i32>, tensor<i32>) -> tensor<i32>
      "stablehlo.return"(%36, %37) : (tensor<f32>, tensor<i32>) -> ()
    }) {dimensions = array<i64: 0>} : (tensor<3xf32>, tensor<3xi32>, tensor<f32>, tensor<i32>) -> (tensor<f32>, tensor<i32>)
    "func.return"(%4, %5#0, %7, %13#1, %30#0, %30#1) : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<f32>, tensor<f32>, tensor<i32>) -> ()
  }
  func.func private @decomposition0(%p0: tensor<3xf32>) -> (tensor<3xf32>, tensor<f32>) {
    %1:2 = "stablehlo.composite"(%p0) {name = "podium.inner", version = 1 : i32, composite_attributes = {}, decomposition = @decomposition1} : (tensor<3xf32>) -> (tensor<3xf32>, tensor<f32>)
    "func.return"(%1#0, %1#1) : (tensor<3xf32>, tensor<f32>) -> ()
  }
  func.func private @decomposition1(%p0: tensor<3xf32>) -> (tensor<3xf32>, tensor<f32>) {
    %1 = "stablehlo.add"(%p0, %p0) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
    %2 = "stablehlo.constant"() {value = dense<0.0> : tensor<f32>} : () -> tensor<f32>
    %3 = "stablehlo.reduce"(%p0, %2) ({
    ^bb0(%r4: tensor<f32>, %r5: tensor<f32>):
      %6 = "stablehlo.add"(%r4, %r5) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%6) : (tensor<f32>) -> ()
    }) {dimensions = array<i64: 0>} : (tensor<3xf32>, tensor<f32>) -> tensor<f32>
    "func.return"(%1, %3) : (tensor<3xf32>, tensor<f32>) -> ()
  }
}

module @"main" attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
    %0 = "stablehlo.exponential"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %1 = "stablehlo.sine"(%0) : (tensor<2xf32>) -> tensor<2xf32>
    %2 = "stablehlo.constant"() {value = dense<1.0> : tensor<f32>} : () -> tensor<f32>
    %3 = "stablehlo.broadcast_in_dim"(%2) {broadcast_dimensions = array<i64>} : (tensor<f32>) -> tensor<2xf32>
    %4:2 = "stablehlo.optimization_barrier"(%arg0, %3) : (tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
    %5 = "stablehlo.exponential"(%4#0) : (tensor<2xf32>) -> tensor<2xf32>
    %6 = "stablehlo.cosine"(%5) : (tensor<2xf32>) -> tensor<2xf32>
    %7 = "stablehlo.multiply"(%4#1, %6) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %8 = "stablehlo.multiply"(%7, %5) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    "func.return"(%1, %8) : (tensor<2xf32>, tensor<2xf32>) -> ()
  }
}

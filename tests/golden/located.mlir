module @"train step" attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<2xf32> loc("batch.\22in\22")) -> (tensor<2xf32>) {
    %0 = "stablehlo.add"(%arg0, %arg0) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32> loc("examples/model.cpp":12:1)
    %1 = "stablehlo.tanh"(%0) : (tensor<2xf32>) -> tensor<2xf32> loc("examples/model.cpp":13:1)
    "func.return"(%1) : (tensor<2xf32>) -> ()
  }
}

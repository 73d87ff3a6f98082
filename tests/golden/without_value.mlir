module @"main" attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<2xf32>, %arg1: tensor<2xui64>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<3xf32>, tensor<2xui64>, tensor<4xui16>, !stablehlo.token) {
    %0:1 = "stablehlo.custom_call"(%arg0) {call_target_name = "podium.f", api_version = 4 : i32, backend_config = {n = 3 : i64, name = "a\22b", scale = 0x3FE0000000000000 : f64, sure = true}} : (tensor<2xf32>) -> (tensor<2xf32>)
    %1 = "stablehlo.after_all"() : () -> !stablehlo.token
    %2 = "stablehlo.after_all"(%1) : (!stablehlo.token) -> !stablehlo.token
    %3:2 = "stablehlo.infeed"(%2) {infeed_config = ""} : (!stablehlo.token) -> (tensor<2xf32>, !stablehlo.token)
    %4:2 = "stablehlo.recv"(%3#1) {channel_handle = #stablehlo.channel_handle<handle = 3, type = 3>, is_host_transfer = true} : (!stablehlo.token) -> (tensor<2xf32>, !stablehlo.token)
    %5 = "stablehlo.constant"() {value = dense<0.0> : tensor<f32>} : () -> tensor<f32>
    %6 = "stablehlo.constant"() {value = dense<2.0> : tensor<f32>} : () -> tensor<f32>
    %7 = "stablehlo.constant"() {value = dense<3> : tensor<1xi64>} : () -> tensor<1xi64>
    %8 = "stablehlo.rng"(%5, %6, %7) {rng_distribution = #stablehlo<rng_distribution NORMAL>} : (tensor<f32>, tensor<f32>, tensor<1xi64>) -> tensor<3xf32>
    %9:2 = "stablehlo.rng_bit_generator"(%arg1) {rng_algorithm = #stablehlo<rng_algorithm THREE_FRY>} : (tensor<2xui64>) -> (tensor<2xui64>, tensor<4xui16>)
    %10 = "stablehlo.outfeed"(%arg0, %4#1) {outfeed_config = ""} : (tensor<2xf32>, !stablehlo.token) -> !stablehlo.token
    %11 = "stablehlo.send"(%4#0, %10) {channel_handle = #stablehlo.channel_handle<handle = 4, type = 2>, is_host_transfer = true} : (tensor<2xf32>, !stablehlo.token) -> !stablehlo.token
    %12 = "stablehlo.after_all"(%11) : (!stablehlo.token) -> !stablehlo.token
    "func.return"(%0#0, %3#0, %4#0, %8, %9#0, %9#1, %12) : (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<3xf32>, tensor<2xui64>, tensor<4xui16>, !stablehlo.token) -> ()
  }
}

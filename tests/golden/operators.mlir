module @"main" attributes {mhlo.num_partitions = 8 : i32, mhlo.num_replicas = 1 : i32} {
  sdy.mesh @mesh = <["data"=4, "model"=2]>
  func.func public @main(%arg0: tensor<8x4xf64> {sdy.sharding = #sdy.sharding<@mesh, [{"data"}, {}]>}, %arg1: tensor<4xf64> {sdy.sharding = #sdy.sharding<@mesh, [{}]>}) -> (tensor<8x4xf64> {sdy.sharding = #sdy.sharding<@mesh, [{"data"}, {}]>}, tensor<8xf64> {sdy.sharding = #sdy.sharding<@mesh, [{"data"}]>}, tensor<3x4xf64> {sdy.sharding = #sdy.sharding<@mesh, [{}, {}]>}, tensor<3xf64> {sdy.sharding = #sdy.sharding<@mesh, [{}]>}) {
    %0:2 = "sdy.manual_computation"(%arg0, %arg1) ({
    ^bb0(%r1: tensor<2x4xf64>, %r2: tensor<4xf64>):
      %3:2 = "stablehlo.custom_call"(%r1, %r2) {call_target_name = "podium.operator", api_version = 4 : i32, backend_config = {fails = false, operator = "test.scaled_rows", reduce = "the \22mean\22\0A", scale = 0x3FD5555555555555 : f64, shift = 2 : i64}, operand_layouts = [dense<[1, 0]> : tensor<2xindex>, dense<[0]> : tensor<1xindex>], result_layouts = [dense<[1, 0]> : tensor<2xindex>, dense<[0]> : tensor<1xindex>]} : (tensor<2x4xf64>, tensor<4xf64>) -> (tensor<2x4xf64>, tensor<2xf64>)
      "sdy.return"(%3#0, %3#1) : (tensor<2x4xf64>, tensor<2xf64>) -> ()
    }) {in_shardings = #sdy.sharding_per_value<[<@mesh, [{"data"}, {}]>, <@mesh, [{}]>]>, manual_axes = #sdy<manual_axes{"data", "model"}>, out_shardings = #sdy.sharding_per_value<[<@mesh, [{"data"}, {}]>, <@mesh, [{"data"}]>]>} : (tensor<8x4xf64>, tensor<4xf64>) -> (tensor<8x4xf64>, tensor<8xf64>)
    %4 = "stablehlo.slice"(%arg0) {start_indices = array<i64: 0, 0>, limit_indices = array<i64: 3, 4>, strides = array<i64: 1, 1>} : (tensor<8x4xf64>) -> tensor<3x4xf64>
    %5:2 = "stablehlo.custom_call"(%4, %arg1) {call_target_name = "podium.operator", api_version = 4 : i32, backend_config = {fails = false, operator = "test.scaled_rows", reduce = "the \22mean\22\0A", scale = 0x3FD5555555555555 : f64, shift = 2 : i64}, operand_layouts = [dense<[1, 0]> : tensor<2xindex>, dense<[0]> : tensor<1xindex>], result_layouts = [dense<[1, 0]> : tensor<2xindex>, dense<[0]> : tensor<1xindex>]} : (tensor<3x4xf64>, tensor<4xf64>) -> (tensor<3x4xf64>, tensor<3xf64>)
    "func.return"(%0#0, %0#1, %5#0, %5#1) : (tensor<8x4xf64>, tensor<8xf64>, tensor<3x4xf64>, tensor<3xf64>) -> ()
  }
}

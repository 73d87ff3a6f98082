module @"main" attributes {mhlo.num_partitions = 8 : i32, mhlo.num_replicas = 1 : i32} {
  sdy.mesh @mesh = <["data"=4, "model"=2]>
  func.func public @main(%arg0: tensor<8x4xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"data"}, {}]>}) -> (tensor<8x4xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"data"}, {"model"}]>}, tensor<8x4xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"data"}, {}]>}) {
    %0 = "stablehlo.constant"() {value = dense<2.0> : tensor<f32>} : () -> tensor<f32>
    %1 = "stablehlo.broadcast_in_dim"(%0) {broadcast_dimensions = array<i64>} : (tensor<f32>) -> tensor<8x4xf32>
    %2 = "stablehlo.multiply"(%arg0, %1) : (tensor<8x4xf32>, tensor<8x4xf32>) -> tensor<8x4xf32>
    %3 = "sdy.sharding_constraint"(%2) {sharding = #sdy.sharding<@mesh, [{"data", "model"}, {}]>} : (tensor<8x4xf32>) -> tensor<8x4xf32>
    %4:4 = "sdy.manual_computation"(%3) ({
    ^bb0(%r5: tensor<2x2xf32>):
      %6 = "stablehlo.sine"(%r5) : (tensor<2x2xf32>) -> tensor<2x2xf32>
      %7 = "stablehlo.all_reduce"(%6) ({
      ^bb0(%r8: tensor<f32>, %r9: tensor<f32>):
        %10 = "stablehlo.add"(%r8, %r9) : (tensor<f32>, tensor<f32>) -> tensor<f32>
        "stablehlo.return"(%10) : (tensor<f32>) -> ()
      }) {replica_groups = dense<[[0, 1], [2, 3], [4, 5], [6, 7]]> : tensor<4x2xi64>, channel_handle = #stablehlo.channel_handle<handle = 1, type = 1>, use_global_device_ids} : (tensor<2x2xf32>) -> tensor<2x2xf32>
      %11 = "stablehlo.exponential"(%r5) : (tensor<2x2xf32>) -> tensor<2x2xf32>
      %12 = "stablehlo.multiply"(%7, %11) : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
      %13 = "stablehlo.reshape"(%7) : (tensor<2x2xf32>) -> tensor<1x2x2xf32>
      %14 = "stablehlo.reshape"(%11) : (tensor<2x2xf32>) -> tensor<1x2x2xf32>
      %15 = "stablehlo.cosine"(%r5) : (tensor<2x2xf32>) -> tensor<2x2xf32>
      %16 = "stablehlo.reshape"(%15) : (tensor<2x2xf32>) -> tensor<1x2x2xf32>
      "sdy.return"(%12, %13, %14, %16) : (tensor<2x2xf32>, tensor<1x2x2xf32>, tensor<1x2x2xf32>, tensor<1x2x2xf32>) -> ()
    }) {in_shardings = #sdy.sharding_per_value<[<@mesh, [{"data"}, {"model"}]>]>, manual_axes = #sdy<manual_axes{"data", "model"}>, out_shardings = #sdy.sharding_per_value<[<@mesh, [{"data"}, {"model"}]>, <@mesh, [{"data", "model"}, {}, {}]>, <@mesh, [{"data", "model"}, {}, {}]>, <@mesh, [{"data", "model"}, {}, {}]>]>} : (tensor<8x4xf32>) -> (tensor<8x4xf32>, tensor<8x2x2xf32>, tensor<8x2x2xf32>, tensor<8x2x2xf32>)
    %17 = "stablehlo.constant"() {value = dense<1.0> : tensor<f32>} : () -> tensor<f32>
    %18 = "stablehlo.broadcast_in_dim"(%17) {broadcast_dimensions = array<i64>} : (tensor<f32>) -> tensor<8x4xf32>
    %19 = "stablehlo.sine"(%4#0) : (tensor<8x4xf32>) -> tensor<8x4xf32>
    %20 = "stablehlo.negate"(%19) : (tensor<8x4xf32>) -> tensor<8x4xf32>
    %21 = "stablehlo.multiply"(%18, %20) : (tensor<8x4xf32>, tensor<8x4xf32>) -> tensor<8x4xf32>
    %22:1 = "sdy.manual_computation"(%4#1, %4#2, %21, %4#3) ({
    ^bb0(%r23: tensor<1x2x2xf32>, %r24: tensor<1x2x2xf32>, %r25: tensor<2x2xf32>, %r26: tensor<1x2x2xf32>):
      %27 = "stablehlo.reshape"(%r23) : (tensor<1x2x2xf32>) -> tensor<2x2xf32>
      %28 = "stablehlo.multiply"(%r25, %27) : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
      %29 = "stablehlo.reshape"(%r24) : (tensor<1x2x2xf32>) -> tensor<2x2xf32>
      %30 = "stablehlo.multiply"(%28, %29) : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
      %31 = "stablehlo.multiply"(%r25, %29) : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
      %32 = "stablehlo.all_reduce"(%31) ({
      ^bb0(%r33: tensor<f32>, %r34: tensor<f32>):
        %35 = "stablehlo.add"(%r33, %r34) : (tensor<f32>, tensor<f32>) -> tensor<f32>
        "stablehlo.return"(%35) : (tensor<f32>) -> ()
      }) {replica_groups = dense<[[0, 1], [2, 3], [4, 5], [6, 7]]> : tensor<4x2xi64>, channel_handle = #stablehlo.channel_handle<handle = 2, type = 1>, use_global_device_ids} : (tensor<2x2xf32>) -> tensor<2x2xf32>
      %36 = "stablehlo.reshape"(%r26) : (tensor<1x2x2xf32>) -> tensor<2x2xf32>
      %37 = "stablehlo.multiply"(%32, %36) : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
      %38 = "stablehlo.add"(%30, %37) : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
      "sdy.return"(%38) : (tensor<2x2xf32>) -> ()
    }) {in_shardings = #sdy.sharding_per_value<[<@mesh, [{"data", "model"}, {}, {}]>, <@mesh, [{"data", "model"}, {}, {}]>, <@mesh, [{"data"}, {"model"}]>, <@mesh, [{"data", "model"}, {}, {}]>]>, manual_axes = #sdy<manual_axes{"data", "model"}>, out_shardings = #sdy.sharding_per_value<[<@mesh, [{"data"}, {"model"}]>]>} : (tensor<8x2x2xf32>, tensor<8x2x2xf32>, tensor<8x4xf32>, tensor<8x2x2xf32>) -> (tensor<8x4xf32>)
    %39 = "sdy.sharding_constraint"(%22#0) {sharding = #sdy.sharding<@mesh, [{"data", "model"}, {}]>} : (tensor<8x4xf32>) -> tensor<8x4xf32>
    %40 = "stablehlo.multiply"(%39, %1) : (tensor<8x4xf32>, tensor<8x4xf32>) -> tensor<8x4xf32>
    "func.return"(%4#0, %40) : (tensor<8x4xf32>, tensor<8x4xf32>) -> ()
  }
}

module @"main" attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<3xi32>) -> (tensor<3xi1>, tensor<3xi8>, tensor<3xi16>, tensor<3xi32>, tensor<3xi64>, tensor<3xui8>, tensor<3xui16>, tensor<3xui32>, tensor<3xui64>, tensor<3xf16>, tensor<3xbf16>, tensor<3xf32>, tensor<3xf64>, tensor<3xi1>, tensor<3xi1>) {
    %0 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xi1>
    %1 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xi8>
    %2 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xi16>
    %3 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xi64>
    %4 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xui8>
    %5 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xui16>
    %6 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xui32>
    %7 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xui64>
    %8 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xf16>
    %9 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xbf16>
    %10 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xf32>
    %11 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xf64>
    %12 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xui8>
    %13 = "stablehlo.constant"() {value = dense<2> : tensor<ui8>} : () -> tensor<ui8>
    %14 = "stablehlo.broadcast_in_dim"(%13) {broadcast_dimensions = array<i64>} : (tensor<ui8>) -> tensor<3xui8>
    %15 = "stablehlo.compare"(%12, %14) {comparison_direction = #stablehlo<comparison_direction LT>, compare_type = #stablehlo<comparison_type UNSIGNED>} : (tensor<3xui8>, tensor<3xui8>) -> tensor<3xi1>
    %16 = "stablehlo.constant"() {value = dense<2> : tensor<i32>} : () -> tensor<i32>
    %17 = "stablehlo.broadcast_in_dim"(%16) {broadcast_dimensions = array<i64>} : (tensor<i32>) -> tensor<3xi32>
    %18 = "stablehlo.compare"(%arg0, %17) {comparison_direction = #stablehlo<comparison_direction LT>, compare_type = #stablehlo<comparison_type SIGNED>} : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi1>
    "func.return"(%0, %1, %2, %arg0, %3, %4, %5, %6, %7, %8, %9, %10, %11, %15, %18) : (tensor<3xi1>, tensor<3xi8>, tensor<3xi16>, tensor<3xi32>, tensor<3xi64>, tensor<3xui8>, tensor<3xui16>, tensor<3xui32>, tensor<3xui64>, tensor<3xf16>, tensor<3xbf16>, tensor<3xf32>, tensor<3xf64>, tensor<3xi1>, tensor<3xi1>) -> ()
  }
}

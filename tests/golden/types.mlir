module @"main" attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<3xi32>) -> (tensor<3xi1>, tensor<3xi2>, tensor<3xi4>, tensor<3xi8>, tensor<3xi16>, tensor<3xi32>, tensor<3xi64>, tensor<3xui2>, tensor<3xui4>, tensor<3xui8>, tensor<3xui16>, tensor<3xui32>, tensor<3xui64>, tensor<3xf4E2M1FN>, tensor<3xf8E3M4>, tensor<3xf8E4M3>, tensor<3xf8E4M3FN>, tensor<3xf8E4M3FNUZ>, tensor<3xf8E4M3B11FNUZ>, tensor<3xf8E5M2>, tensor<3xf8E5M2FNUZ>, tensor<3xf8E8M0FNU>, tensor<3xf16>, tensor<3xbf16>, tensor<3xf32>, tensor<3xf64>, tensor<3xcomplex<f32>>, tensor<3xcomplex<f64>>, tensor<3xi1>, tensor<3xi1>) {
    %0 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xi1>
    %1 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xi2>
    %2 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xi4>
    %3 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xi8>
    %4 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xi16>
    %5 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xi64>
    %6 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xui2>
    %7 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xui4>
    %8 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xui8>
    %9 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xui16>
    %10 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xui32>
    %11 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xui64>
    %12 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xf4E2M1FN>
    %13 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xf8E3M4>
    %14 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xf8E4M3>
    %15 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xf8E4M3FN>
    %16 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xf8E4M3FNUZ>
    %17 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xf8E4M3B11FNUZ>
    %18 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xf8E5M2>
    %19 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xf8E5M2FNUZ>
    %20 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xf8E8M0FNU>
    %21 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xf16>
    %22 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xbf16>
    %23 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xf32>
    %24 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xf64>
    %25 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xcomplex<f32>>
    %26 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xcomplex<f64>>
    %27 = "stablehlo.convert"(%arg0) : (tensor<3xi32>) -> tensor<3xui8>
    %28 = "stablehlo.constant"() {value = dense<2> : tensor<ui8>} : () -> tensor<ui8>
    %29 = "stablehlo.broadcast_in_dim"(%28) {broadcast_dimensions = array<i64>} : (tensor<ui8>) -> tensor<3xui8>
    %30 = "stablehlo.compare"(%27, %29) {comparison_direction = #stablehlo<comparison_direction LT>, compare_type = #stablehlo<comparison_type UNSIGNED>} : (tensor<3xui8>, tensor<3xui8>) -> tensor<3xi1>
    %31 = "stablehlo.constant"() {value = dense<2> : tensor<i32>} : () -> tensor<i32>
    %32 = "stablehlo.broadcast_in_dim"(%31) {broadcast_dimensions = array<i64>} : (tensor<i32>) -> tensor<3xi32>
    %33 = "stablehlo.compare"(%arg0, %32) {comparison_direction = #stablehlo<comparison_direction LT>, compare_type = #stablehlo<comparison_type SIGNED>} : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi1>
    "func.return"(%0, %1, %2, %3, %4, %arg0, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %30, %33) : (tensor<3xi1>, tensor<3xi2>, tensor<3xi4>, tensor<3xi8>, tensor<3xi16>, tensor<3xi32>, tensor<3xi64>, tensor<3xui2>, tensor<3xui4>, tensor<3xui8>, tensor<3xui16>, tensor<3xui32>, tensor<3xui64>, tensor<3xf4E2M1FN>, tensor<3xf8E3M4>, tensor<3xf8E4M3>, tensor<3xf8E4M3FN>, tensor<3xf8E4M3FNUZ>, tensor<3xf8E4M3B11FNUZ>, tensor<3xf8E5M2>, tensor<3xf8E5M2FNUZ>, tensor<3xf8E8M0FNU>, tensor<3xf16>, tensor<3xbf16>, tensor<3xf32>, tensor<3xf64>, tensor<3xcomplex<f32>>, tensor<3xcomplex<f64>>, tensor<3xi1>, tensor<3xi1>) -> ()
  }
}

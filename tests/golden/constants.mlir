module @"main" attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main() -> (tensor<4xf32>, tensor<2x2xf32>, tensor<f64>, tensor<3x4xf64>, tensor<3xbf16>, tensor<3xf16>, tensor<2x3xi1>, tensor<2xui64>, tensor<2xi8>, tensor<0x3xf32>, tensor<2x3xi64>, tensor<2x3xf32>, tensor<2xcomplex<f32>>, tensor<10xi4>, tensor<10xui2>, tensor<10xf8E4M3FN>, tensor<10xf4E2M1FN>, tensor<10xcomplex<f64>>, tensor<3xf8E5M2FNUZ>) {
    %0 = "stablehlo.constant"() {value = dense<[0x7F800000, 0xFF800000, 0x7FC00000, -0.0]> : tensor<4xf32>} : () -> tensor<4xf32>
    %1 = "stablehlo.constant"() {value = dense<[[0.1, 1.0e-45], [3.4028235e+38, 16777216.0]]> : tensor<2x2xf32>} : () -> tensor<2x2xf32>
    %2 = "stablehlo.constant"() {value = dense<1.0e+300> : tensor<f64>} : () -> tensor<f64>
    %3 = "stablehlo.constant"() {value = dense<"0x000000000000F03F000000000000E03F555555555555D53F000000000000D03F9A9999999999C93F555555555555C53F922449922449C23F000000000000C03F1CC7711CC771BC3F9A9999999999B93F46175D74D145B73F555555555555B53F"> : tensor<3x4xf64>} : () -> tensor<3x4xf64>
    %4 = "stablehlo.constant"() {value = dense<[0.100097656, 0x7F80, 3.0040553e+38]> : tensor<3xbf16>} : () -> tensor<3xbf16>
    %5 = "stablehlo.constant"() {value = dense<[0.099975586, 0x7E00, 65504.0]> : tensor<3xf16>} : () -> tensor<3xf16>
    %6 = "stablehlo.constant"() {value = dense<[[false, true, false], [false, false, true]]> : tensor<2x3xi1>} : () -> tensor<2x3xi1>
    %7 = "stablehlo.constant"() {value = dense<[18446744073709551615, 1]> : tensor<2xui64>} : () -> tensor<2xui64>
    %8 = "stablehlo.constant"() {value = dense<[-128, 127]> : tensor<2xi8>} : () -> tensor<2xi8>
    %9 = "stablehlo.constant"() {value = dense<> : tensor<0x3xf32>} : () -> tensor<0x3xf32>
    %10 = "stablehlo.constant"() {value = dense<7> : tensor<i64>} : () -> tensor<i64>
    %11 = "stablehlo.broadcast_in_dim"(%10) {broadcast_dimensions = array<i64>} : (tensor<i64>) -> tensor<2x3xi64>
    %12 = "stablehlo.iota"() {iota_dimension = 1 : i64} : () -> tensor<2x3xf32>
    %13 = "stablehlo.constant"() {value = dense<[(1.0, -0.5), (0x7F800000, 0.0)]> : tensor<2xcomplex<f32>>} : () -> tensor<2xcomplex<f32>>
    %14 = "stablehlo.constant"() {value = dense<[-5, -4, -3, -2, -1, 0, 1, 2, 3, 4]> : tensor<10xi4>} : () -> tensor<10xi4>
    %15 = "stablehlo.constant"() {value = dense<[3, 0, 1, 2, 3, 0, 1, 2, 3, 0]> : tensor<10xui2>} : () -> tensor<10xui2>
    %16 = "stablehlo.constant"() {value = dense<"0xCAC8C4C0B80038404448"> : tensor<10xf8E4M3FN>} : () -> tensor<10xf8E4M3FN>
    %17 = "stablehlo.constant"() {value = dense<[-4.0, -4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0]> : tensor<10xf4E2M1FN>} : () -> tensor<10xf4E2M1FN>
    %18 = "stablehlo.constant"() {value = dense<"0x00000000000014C0000000000000000000000000000010C0000000000000000000000000000008C0000000000000000000000000000000C00000000000000000000000000000F0BF000000000000000000000000000000000000000000000000000000000000F03F0000000000000000000000000000004000000000000000000000000000000840000000000000000000000000000010400000000000000000"> : tensor<10xcomplex<f64>>} : () -> tensor<10xcomplex<f64>>
    %19 = "stablehlo.constant"() {value = dense<[0.5, 0x80, 0.0]> : tensor<3xf8E5M2FNUZ>} : () -> tensor<3xf8E5M2FNUZ>
    "func.return"(%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %11, %12, %13, %14, %15, %16, %17, %18, %19) : (tensor<4xf32>, tensor<2x2xf32>, tensor<f64>, tensor<3x4xf64>, tensor<3xbf16>, tensor<3xf16>, tensor<2x3xi1>, tensor<2xui64>, tensor<2xi8>, tensor<0x3xf32>, tensor<2x3xi64>, tensor<2x3xf32>, tensor<2xcomplex<f32>>, tensor<10xi4>, tensor<10xui2>, tensor<10xf8E4M3FN>, tensor<10xf4E2M1FN>, tensor<10xcomplex<f64>>, tensor<3xf8E5M2FNUZ>) -> ()
  }
}

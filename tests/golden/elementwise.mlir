module @"main" attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<2xf32>, %arg1: tensor<2xf32>, %arg2: tensor<2xi32>, %arg3: tensor<2xi32>, %arg4: tensor<2xi1>, %arg5: tensor<2xi1>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xi1>, tensor<2xi1>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xi1>, tensor<2xi1>, tensor<2xi1>, tensor<2xi32>, tensor<2xi32>, tensor<2xi32>, tensor<2xi1>, tensor<2xi1>, tensor<2xi1>, tensor<2xi1>, tensor<2xi1>, tensor<2xi1>, tensor<2xf32>, tensor<2xf32>, tensor<2xbf16>, tensor<2xui32>, tensor<2xf32>) {
    %0 = "stablehlo.abs"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %1 = "stablehlo.negate"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %2 = "stablehlo.sign"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %3 = "stablehlo.exponential"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %4 = "stablehlo.exponential_minus_one"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %5 = "stablehlo.log"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %6 = "stablehlo.log_plus_one"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %7 = "stablehlo.sqrt"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %8 = "stablehlo.rsqrt"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %9 = "stablehlo.tanh"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %10 = "stablehlo.logistic"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %11 = "stablehlo.sine"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %12 = "stablehlo.cosine"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %13 = "stablehlo.floor"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %14 = "stablehlo.ceil"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %15 = "stablehlo.is_finite"(%arg0) : (tensor<2xf32>) -> tensor<2xi1>
    %16 = "stablehlo.not"(%arg4) : (tensor<2xi1>) -> tensor<2xi1>
    %17 = "stablehlo.add"(%arg0, %arg1) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %18 = "stablehlo.subtract"(%arg0, %arg1) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %19 = "stablehlo.multiply"(%arg0, %arg1) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %20 = "stablehlo.divide"(%arg0, %arg1) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %21 = "stablehlo.maximum"(%arg0, %arg1) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %22 = "stablehlo.minimum"(%arg0, %arg1) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %23 = "stablehlo.power"(%arg0, %arg1) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %24 = "stablehlo.remainder"(%arg0, %arg1) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %25 = "stablehlo.and"(%arg4, %arg5) : (tensor<2xi1>, tensor<2xi1>) -> tensor<2xi1>
    %26 = "stablehlo.or"(%arg4, %arg5) : (tensor<2xi1>, tensor<2xi1>) -> tensor<2xi1>
    %27 = "stablehlo.xor"(%arg4, %arg5) : (tensor<2xi1>, tensor<2xi1>) -> tensor<2xi1>
    %28 = "stablehlo.shift_left"(%arg2, %arg3) : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
    %29 = "stablehlo.shift_right_logical"(%arg2, %arg3) : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
    %30 = "stablehlo.shift_right_arithmetic"(%arg2, %arg3) : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
    %31 = "stablehlo.compare"(%arg0, %arg1) {comparison_direction = #stablehlo<comparison_direction EQ>, compare_type = #stablehlo<comparison_type FLOAT>} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xi1>
    %32 = "stablehlo.compare"(%arg0, %arg1) {comparison_direction = #stablehlo<comparison_direction NE>, compare_type = #stablehlo<comparison_type FLOAT>} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xi1>
    %33 = "stablehlo.compare"(%arg0, %arg1) {comparison_direction = #stablehlo<comparison_direction LT>, compare_type = #stablehlo<comparison_type FLOAT>} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xi1>
    %34 = "stablehlo.compare"(%arg0, %arg1) {comparison_direction = #stablehlo<comparison_direction LE>, compare_type = #stablehlo<comparison_type FLOAT>} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xi1>
    %35 = "stablehlo.compare"(%arg0, %arg1) {comparison_direction = #stablehlo<comparison_direction GT>, compare_type = #stablehlo<comparison_type FLOAT>} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xi1>
    %36 = "stablehlo.compare"(%arg0, %arg1) {comparison_direction = #stablehlo<comparison_direction GE>, compare_type = #stablehlo<comparison_type FLOAT>} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xi1>
    %37 = "stablehlo.select"(%arg4, %arg1, %arg0) : (tensor<2xi1>, tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %38 = "stablehlo.clamp"(%arg0, %arg1, %arg0) : (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %39 = "stablehlo.convert"(%arg0) : (tensor<2xf32>) -> tensor<2xbf16>
    %40 = "stablehlo.bitcast_convert"(%arg0) : (tensor<2xf32>) -> tensor<2xui32>
    "func.return"(%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, %32, %33, %34, %35, %36, %37, %38, %39, %40, %arg0) : (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xi1>, tensor<2xi1>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xi1>, tensor<2xi1>, tensor<2xi1>, tensor<2xi32>, tensor<2xi32>, tensor<2xi32>, tensor<2xi1>, tensor<2xi1>, tensor<2xi1>, tensor<2xi1>, tensor<2xi1>, tensor<2xi1>, tensor<2xf32>, tensor<2xf32>, tensor<2xbf16>, tensor<2xui32>, tensor<2xf32>) -> ()
  }
}

module @"main" attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<2xf32>, %arg1: tensor<2xf32>, %arg2: tensor<2xi32>, %arg3: tensor<2xi32>, %arg4: tensor<2xi1>, %arg5: tensor<2xi1>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xi1>, tensor<2xf32>, tensor<2xf32>, tensor<2xi1>, tensor<2xi32>, tensor<2xi32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xi1>, tensor<2xi1>, tensor<2xi1>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xcomplex<f32>>, tensor<2xi1>, tensor<2xi1>, tensor<2xi1>, tensor<2xi32>, tensor<2xi32>, tensor<2xi32>, tensor<2xi1>, tensor<2xi1>, tensor<2xi1>, tensor<2xi1>, tensor<2xi1>, tensor<2xi1>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xbf16>, tensor<2xf32>, tensor<2xui32>) {
    %0 = "stablehlo.abs"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %1 = "stablehlo.negate"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %2 = "stablehlo.sign"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %3 = "stablehlo.exponential"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %4 = "stablehlo.exponential_minus_one"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %5 = "stablehlo.log"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %6 = "stablehlo.log_plus_one"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %7 = "stablehlo.sqrt"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %8 = "stablehlo.rsqrt"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %9 = "stablehlo.cbrt"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %10 = "stablehlo.logistic"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %11 = "stablehlo.tanh"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %12 = "stablehlo.sine"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %13 = "stablehlo.cosine"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %14 = "stablehlo.tan"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %15 = "stablehlo.floor"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %16 = "stablehlo.ceil"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %17 = "stablehlo.round_nearest_even"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %18 = "stablehlo.round_nearest_afz"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %19 = "stablehlo.is_finite"(%arg0) : (tensor<2xf32>) -> tensor<2xi1>
    %20 = "stablehlo.real"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %21 = "stablehlo.imag"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %22 = "stablehlo.not"(%arg4) : (tensor<2xi1>) -> tensor<2xi1>
    %23 = "stablehlo.popcnt"(%arg2) : (tensor<2xi32>) -> tensor<2xi32>
    %24 = "stablehlo.count_leading_zeros"(%arg2) : (tensor<2xi32>) -> tensor<2xi32>
    %25 = "chlo.acos"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %26 = "chlo.acosh"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %27 = "chlo.asin"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %28 = "chlo.asinh"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %29 = "chlo.atan"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %30 = "chlo.atanh"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %31 = "chlo.sinh"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %32 = "chlo.cosh"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %33 = "chlo.erf"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %34 = "chlo.erfc"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %35 = "chlo.erf_inv"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %36 = "chlo.lgamma"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %37 = "chlo.digamma"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %38 = "chlo.bessel_i1e"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
    %39 = "chlo.is_inf"(%arg0) : (tensor<2xf32>) -> tensor<2xi1>
    %40 = "chlo.is_pos_inf"(%arg0) : (tensor<2xf32>) -> tensor<2xi1>
    %41 = "chlo.is_neg_inf"(%arg0) : (tensor<2xf32>) -> tensor<2xi1>
    %42 = "stablehlo.add"(%arg0, %arg1) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %43 = "stablehlo.subtract"(%arg0, %arg1) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %44 = "stablehlo.multiply"(%arg0, %arg1) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %45 = "stablehlo.divide"(%arg0, %arg1) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %46 = "stablehlo.maximum"(%arg0, %arg1) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %47 = "stablehlo.minimum"(%arg0, %arg1) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %48 = "stablehlo.power"(%arg0, %arg1) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %49 = "stablehlo.remainder"(%arg0, %arg1) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %50 = "stablehlo.atan2"(%arg0, %arg1) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %51 = "stablehlo.complex"(%arg0, %arg1) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xcomplex<f32>>
    %52 = "stablehlo.and"(%arg4, %arg5) : (tensor<2xi1>, tensor<2xi1>) -> tensor<2xi1>
    %53 = "stablehlo.or"(%arg4, %arg5) : (tensor<2xi1>, tensor<2xi1>) -> tensor<2xi1>
    %54 = "stablehlo.xor"(%arg4, %arg5) : (tensor<2xi1>, tensor<2xi1>) -> tensor<2xi1>
    %55 = "stablehlo.shift_left"(%arg2, %arg3) : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
    %56 = "stablehlo.shift_right_logical"(%arg2, %arg3) : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
    %57 = "stablehlo.shift_right_arithmetic"(%arg2, %arg3) : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
    %58 = "stablehlo.compare"(%arg0, %arg1) {comparison_direction = #stablehlo<comparison_direction EQ>, compare_type = #stablehlo<comparison_type FLOAT>} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xi1>
    %59 = "stablehlo.compare"(%arg0, %arg1) {comparison_direction = #stablehlo<comparison_direction NE>, compare_type = #stablehlo<comparison_type FLOAT>} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xi1>
    %60 = "stablehlo.compare"(%arg0, %arg1) {comparison_direction = #stablehlo<comparison_direction LT>, compare_type = #stablehlo<comparison_type FLOAT>} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xi1>
    %61 = "stablehlo.compare"(%arg0, %arg1) {comparison_direction = #stablehlo<comparison_direction LE>, compare_type = #stablehlo<comparison_type FLOAT>} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xi1>
    %62 = "stablehlo.compare"(%arg0, %arg1) {comparison_direction = #stablehlo<comparison_direction GT>, compare_type = #stablehlo<comparison_type FLOAT>} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xi1>
    %63 = "stablehlo.compare"(%arg0, %arg1) {comparison_direction = #stablehlo<comparison_direction GE>, compare_type = #stablehlo<comparison_type FLOAT>} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xi1>
    %64 = "chlo.next_after"(%arg0, %arg1) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %65 = "chlo.polygamma"(%arg0, %arg1) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %66 = "chlo.zeta"(%arg0, %arg1) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %67 = "stablehlo.select"(%arg4, %arg1, %arg0) : (tensor<2xi1>, tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %68 = "stablehlo.clamp"(%arg0, %arg1, %arg0) : (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %69 = "stablehlo.convert"(%arg0) : (tensor<2xf32>) -> tensor<2xbf16>
    %70 = "stablehlo.reduce_precision"(%arg0) {exponent_bits = 5 : i32, mantissa_bits = 3 : i32} : (tensor<2xf32>) -> tensor<2xf32>
    %71 = "stablehlo.bitcast_convert"(%arg0) : (tensor<2xf32>) -> tensor<2xui32>
    "func.return"(%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, %32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, %48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63, %64, %65, %66, %67, %68, %69, %70, %71) : (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xi1>, tensor<2xf32>, tensor<2xf32>, tensor<2xi1>, tensor<2xi32>, tensor<2xi32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xi1>, tensor<2xi1>, tensor<2xi1>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xcomplex<f32>>, tensor<2xi1>, tensor<2xi1>, tensor<2xi1>, tensor<2xi32>, tensor<2xi32>, tensor<2xi32>, tensor<2xi1>, tensor<2xi1>, tensor<2xi1>, tensor<2xi1>, tensor<2xi1>, tensor<2xi1>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xbf16>, tensor<2xf32>, tensor<2xui32>) -> ()
  }
}

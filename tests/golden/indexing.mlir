module @"main" attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<5x3xf32>, %arg1: tensor<2x2xi32>, %arg2: tensor<2x2x3xf32>) -> (tensor<2x2x3xf32>, tensor<5x2x2xf32>, tensor<5x3xf32>, tensor<5x3xf32>) {
    %0 = "stablehlo.gather"(%arg0, %arg1) {dimension_numbers = #stablehlo.gather<offset_dims = [2], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 2>, slice_sizes = array<i64: 1, 3>, indices_are_sorted = false} : (tensor<5x3xf32>, tensor<2x2xi32>) -> tensor<2x2x3xf32>
    %1 = "stablehlo.gather"(%arg0, %arg1) {dimension_numbers = #stablehlo.gather<offset_dims = [0], collapsed_slice_dims = [1], start_index_map = [1], index_vector_dim = 2>, slice_sizes = array<i64: 5, 1>, indices_are_sorted = false} : (tensor<5x3xf32>, tensor<2x2xi32>) -> tensor<5x2x2xf32>
    %2 = "stablehlo.scatter"(%arg0, %arg1, %arg2) ({
    ^bb0(%r3: tensor<f32>, %r4: tensor<f32>):
      %5 = "stablehlo.add"(%r3, %r4) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%5) : (tensor<f32>) -> ()
    }) {scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [2], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 2>, indices_are_sorted = false, unique_indices = false} : (tensor<5x3xf32>, tensor<2x2xi32>, tensor<2x2x3xf32>) -> tensor<5x3xf32>
    %6 = "stablehlo.slice"(%arg1) {start_indices = array<i64: 0, 0>, limit_indices = array<i64: 1, 1>, strides = array<i64: 1, 1>} : (tensor<2x2xi32>) -> tensor<1x1xi32>
    %7 = "stablehlo.slice"(%arg2) {start_indices = array<i64: 0, 0, 0>, limit_indices = array<i64: 1, 1, 3>, strides = array<i64: 1, 1, 1>} : (tensor<2x2x3xf32>) -> tensor<1x1x3xf32>
    %8 = "stablehlo.scatter"(%arg0, %6, %7) ({
    ^bb0(%r9: tensor<f32>, %r10: tensor<f32>):
      "stablehlo.return"(%r10) : (tensor<f32>) -> ()
    }) {scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [2], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 2>, indices_are_sorted = false, unique_indices = false} : (tensor<5x3xf32>, tensor<1x1xi32>, tensor<1x1x3xf32>) -> tensor<5x3xf32>
    "func.return"(%0, %1, %2, %8) : (tensor<2x2x3xf32>, tensor<5x2x2xf32>, tensor<5x3xf32>, tensor<5x3xf32>) -> ()
  }
}

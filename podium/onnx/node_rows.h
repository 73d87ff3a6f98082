#pragma once

#include <span>

#include "podium/onnx/call.h"

namespace podium::onnx {

/// Returns the row of the newest version that is no newer than `version`; null where there is none.
const NodeRow* find_row(std::string_view domain, std::string_view type, std::int64_t version);

// The families, one file each.
std::span<const NodeRow> elementwise_rows();
std::span<const NodeRow> activation_rows();
std::span<const NodeRow> comparison_rows();
std::span<const NodeRow> reduction_rows();
std::span<const NodeRow> creation_rows();
std::span<const NodeRow> movement_rows();
std::span<const NodeRow> indexing_rows();
std::span<const NodeRow> product_rows();
std::span<const NodeRow> convolution_rows();
std::span<const NodeRow> pooling_rows();
std::span<const NodeRow> normalization_rows();
std::span<const NodeRow> loss_rows();
std::span<const NodeRow> attention_rows();
std::span<const NodeRow> quantization_rows();
std::span<const NodeRow> optimizer_rows();
std::span<const NodeRow> resize_rows();
std::span<const NodeRow> control_rows();
std::span<const NodeRow> recurrent_rows();
std::span<const NodeRow> sampling_rows();
std::span<const NodeRow> signal_rows();
std::span<const NodeRow> selection_rows();

}  // namespace podium::onnx

#include "podium/onnx/node_rows.h"

#include <unordered_map>

namespace podium::onnx {
namespace {

using RowsByName = std::unordered_map<std::string, std::vector<const NodeRow*>>;

std::string key_of(std::string_view domain, std::string_view type) { return fmt::format("{}:{}", domain, type); }

RowsByName by_name() {
    RowsByName rows;
    for (const auto family :
         {elementwise_rows(),   activation_rows(), comparison_rows(), reduction_rows(),    creation_rows(),
          movement_rows(),      indexing_rows(),   product_rows(),    convolution_rows(),  pooling_rows(),
          normalization_rows(), loss_rows(),       attention_rows(),  quantization_rows(), optimizer_rows(),
          resize_rows(),        control_rows(),    recurrent_rows(),  sampling_rows(),     signal_rows(),
          selection_rows()})
        for (const auto& row : family) rows[key_of(row.domain, row.type)].push_back(&row);
    return rows;
}

}  // namespace

const NodeRow* find_row(std::string_view domain, std::string_view type, std::int64_t version) {
    static const RowsByName rows = by_name();
    const auto found = rows.find(key_of(domain, type));
    if (found == rows.end()) return nullptr;
    const NodeRow* best = nullptr;
    for (const auto* row : found->second)
        if (row->since <= version && (best == nullptr || row->since > best->since)) best = row;
    return best;
}

}  // namespace podium::onnx

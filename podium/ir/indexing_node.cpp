#include "podium/ir/indexing_node.h"

#include "podium/base/dims.h"
#include "podium/ir/batching.h"
#include "podium/ir/number.h"

namespace podium {

Dims start_at(const HostArray& starts, const Dims& batch, std::int64_t index_vector, const Dims& map, std::size_t rank,
              const Dims& operand_batch, const Dims& index_batch) {
    Dims start(rank, 0), at = batch;
    const bool implicit = index_vector == starts.shape().rank();
    if (!implicit) at.insert(at.begin() + index_vector, 0);
    for (std::size_t i = 0; i < map.size(); ++i) {
        if (!implicit) at[static_cast<std::size_t>(index_vector)] = static_cast<std::int64_t>(i);
        start[static_cast<std::size_t>(map[i])] =
            static_cast<std::int64_t>(starts.as_double(flat_index(at, starts.shape().dims)));
    }
    for (std::size_t i = 0; i < operand_batch.size(); ++i)
        start[static_cast<std::size_t>(operand_batch[i])] = at[static_cast<std::size_t>(index_batch[i])];
    return start;
}

Dims full_window(const Dims& window, const Dims& missing, std::size_t rank) {
    Dims result(rank, 0);
    std::size_t next = 0;
    for (std::size_t i = 0; i < rank; ++i)
        if (!contains(missing, static_cast<std::int64_t>(i))) result[i] = window[next++];
    return result;
}

std::string batching_text(std::string_view operand, const Dims& of_operand, std::string_view index,
                          const Dims& of_index) {
    if (of_operand.empty()) return {};
    return fmt::format("{} = {}, {} = {}, ", operand, list(of_operand), index, list(of_index));
}

void expect_batching(const char* op, const Tensor& operand, const Dims& of_operand, const Tensor& indices,
                     const Dims& of_indices, std::int64_t index_vector, const Location& location) {
    bool fits = of_operand.size() == of_indices.size();
    for (std::size_t i = 0; fits && i < of_operand.size(); ++i)
        fits = of_operand[i] >= 0 && of_operand[i] < operand.rank() && of_indices[i] >= 0 &&
               of_indices[i] < indices.rank() && of_indices[i] != index_vector &&
               operand.dim(of_operand[i]) == indices.dim(of_indices[i]);
    if (!fits)
        fail_at(Code::SHAPE_MISMATCH, location,
                fmt::format("{}: batching dimensions [{}] of {} do not go with [{}] of {}", op, join(of_operand),
                            to_string(operand.shape()), join(of_indices), to_string(indices.shape())));
}

Dims index_batch_of(const char* op, const Tensor& indices, std::int64_t index_vector, std::size_t count,
                    const Location& location) {
    Dims batch = indices.dims();
    const bool implicit = index_vector == indices.rank();
    const bool inside = index_vector >= 0 && index_vector <= indices.rank();
    if (!inside || (implicit ? 1 : indices.dim(index_vector)) != static_cast<std::int64_t>(count))
        fail_at(
            Code::SHAPE_MISMATCH, location,
            fmt::format("{}: the index vector {} does not name {} dimensions", op, to_string(indices.shape()), count));
    if (!implicit) batch.erase(batch.begin() + index_vector);
    return batch;
}

void expect_indices(const char* op, const Operand& indices) {
    if (!is_integer(indices.tensor().type()))
        fail_at(Code::DTYPE_MISMATCH, indices.location(),
                fmt::format("{}: indices must be integers, got {}", op, to_string(indices.tensor().shape())));
}

Dims before(std::int64_t first, Dims dims) {
    dims.insert(dims.begin(), first);
    return dims;
}

}  // namespace podium

#include "podium/models/parameters.h"

namespace podium::models {

void expect_sizes(std::string_view model, std::initializer_list<std::pair<const char*, std::int64_t>> sizes) {
    for (const auto& [name, size] : sizes)
        if (size < 1) fail(Code::INVALID_ARGUMENT, "{}: {} must be at least 1, got {}", model, name, size);
}

Tree first_values(const std::vector<ParameterSpec>& specs, const Key& key, double deviation, DataType type) {
    TreeBuilder<Tensor> tree;
    for (std::size_t i = 0; i < specs.size(); ++i) {
        const auto& [path, dims, start] = specs[i];
        switch (start) {
            case ParameterSpec::Start::ZEROS: tree.add(path, zeros(dims, type)); break;
            case ParameterSpec::Start::COUNT: tree.add(path, zeros(dims, DataType::INT64)); break;
            case ParameterSpec::Start::ONES: tree.add(path, ones(dims, type)); break;
            case ParameterSpec::Start::NORMAL:
                tree.add(path, convert(normal(fold_in(key, static_cast<std::int64_t>(i)), dims) * deviation, type));
                break;
        }
    }
    return tree.build();
}

}  // namespace podium::models

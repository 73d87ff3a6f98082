#include "podium/mesh/strategy.h"

#include <algorithm>
#include <array>

namespace podium::parallel {
namespace {

constexpr std::array TRANSFORMER{
    NameRule{"**.attn.qkv.weight", MODEL, 1, Unit::HEADS},
    NameRule{"**.attn.qkv.bias", MODEL, 1, Unit::HEADS},
    NameRule{"**.attn.q.weight", MODEL, 1, Unit::HEADS},
    NameRule{"**.attn.q.bias", MODEL, 1, Unit::HEADS},
    NameRule{"**.attn.k.*", MODEL, 1, Unit::KEY_HEADS, true},
    NameRule{"**.attn.v.*", MODEL, 1, Unit::KEY_HEADS, true},
    NameRule{"**.attn.out.weight", MODEL, 2, Unit::HEADS},
    NameRule{"**.mlp.gate.weight", EXPERT, 3, Unit::ELEMENTS, false, 3},
    NameRule{"**.mlp.up.weight", EXPERT, 3, Unit::ELEMENTS, false, 3},
    NameRule{"**.mlp.down.weight", EXPERT, 3, Unit::ELEMENTS, false, 3},
    NameRule{"**.mlp.gate.*", MODEL, 1},
    NameRule{"**.mlp.up.*", MODEL, 1},
    NameRule{"**.mlp.down.weight", MODEL, 2},
    NameRule{"wte.weight", MODEL, 2, Unit::ELEMENTS, true},
    NameRule{"head.weight", MODEL, 1, Unit::ELEMENTS, true},
};

bool has_axis(const Mesh& mesh, std::string_view name) {
    return std::ranges::any_of(mesh.axes(), [&](const Mesh::Axis& axis) { return axis.name == name; });
}

std::string divisors(std::int64_t size) {
    constexpr std::int64_t MOST = 64;
    std::string text;
    for (std::int64_t i = 1; i <= std::min(size, MOST); ++i)
        if (size % i == 0) text += (text.empty() ? "" : ", ") + std::to_string(i);
    return text;
}

/// True if the path is of a stack of layers, whose first dimension loops go over.
bool is_stack(std::string_view path) { return path.find('*') != std::string_view::npos; }

class Splitting {
public:
    Splitting(const Mesh& mesh, const Strategy& strategy) : mesh_(mesh), strategy_(strategy) {}

    Split operator()(const std::string& path, const Shape& shape) const {
        for (const auto& rule : strategy_.rules)
            if (matches(rule.pattern, path)) return by_user(rule, path, shape);
        std::vector<std::string> axes(shape.dims.size());
        for (const auto& rule : strategy_.names) apply(rule, path, shape, axes);
        std::vector<std::string> sharded = axes;
        shard_fully(path, shape, sharded);
        for (auto* split : {&axes, &sharded})
            while (!split->empty() && split->back().empty()) split->pop_back();
        const int zero = strategy_.zero;
        return {zero >= 3 ? sharded : axes, zero >= 2 ? sharded : axes, sharded};
    }

private:
    Split by_user(const Rule& rule, const std::string& path, const Shape& shape) const {
        try {
            const Placement placement(mesh_, rule.axes);
            placement.shard_shape(shape);
            return {rule.axes, rule.axes, rule.axes};
        } catch (const Error& error) {
            fail(Code::INVALID_CONFIG, "parallel.rules: \"{}\" for {}: {}", rule.pattern, path, error.message());
        }
    }

    std::int64_t units(Unit unit, std::int64_t size) const {
        if (unit == Unit::ELEMENTS) return size;
        return unit == Unit::HEADS ? strategy_.heads : strategy_.key_heads;
    }

    void apply(const NameRule& rule, const std::string& path, const Shape& shape,
               std::vector<std::string>& axes) const {
        const auto rank = shape.rank();
        if (!has_axis(mesh_, rule.axis) || !matches(rule.pattern, path) || rank < rule.from_end) return;
        if (rule.rank != 0 && rank != rule.rank) return;
        const auto at = static_cast<std::size_t>(rank - rule.from_end);
        const auto parts = mesh_.axis_size(rule.axis), size = shape.dims[at], count = units(rule.unit, size);
        if (size % parts == 0 && count % parts == 0) {
            axes[at] = rule.axis;
            return;
        }
        if (rule.optional) return;
        const bool heads = rule.unit != Unit::ELEMENTS && size % parts == 0;
        fail(Code::INVALID_CONFIG,
             "mesh axis \"{0}\" of {1} does not divide {2} of {3}, {4}: {0} may be {5}; or say how it is split in "
             "parallel.rules, as {{\"{3}\": []}} for not at all",
             rule.axis, parts, heads ? fmt::format("the {} heads", count) : fmt::format("dimension {} ({})", at, size),
             path, to_string(shape), divisors(count));
    }

    /// Splits the longest dimension that the axis divides, of those that nothing splits yet if there is one.
    void shard_fully(const std::string& path, const Shape& shape, std::vector<std::string>& axes) const {
        if (!has_axis(mesh_, FSDP) || shape.count() < strategy_.least_elements) return;
        const auto parts = mesh_.axis_size(FSDP);
        for (const bool again : {false, true}) {
            std::size_t best = shape.dims.size();
            for (std::size_t i = is_stack(path) ? 1 : 0; i < shape.dims.size(); ++i) {
                const auto already = Placement(mesh_, axes).parts(i);
                if ((!again && already > 1) || shape.dims[i] % (parts * already) != 0) continue;
                if (best == shape.dims.size() || shape.dims[i] >= shape.dims[best]) best = i;
            }
            if (best == shape.dims.size()) continue;
            axes[best] += (axes[best].empty() ? "" : ",") + std::string(FSDP);
            return;
        }
    }

    const Mesh& mesh_;
    const Strategy& strategy_;
};

}  // namespace

std::span<const NameRule> transformer_rules() { return TRANSFORMER; }

std::vector<Split> parameter_splits(const Mesh& mesh, const Strategy& strategy, const BasicTree<Shape>& parameters) {
    const Splitting splitting(mesh, strategy);
    std::vector<Split> splits;
    for (std::size_t i = 0; i < parameters.size(); ++i)
        splits.push_back(splitting(parameters.path(i), parameters.leaves()[i]));
    return splits;
}

std::string joined_axes(const Mesh& mesh, std::span<const std::string_view> axes) {
    std::string entry;
    for (const auto& axis : mesh.axes())
        if (std::ranges::find(axes, axis.name) != axes.end()) entry += (entry.empty() ? "" : ",") + axis.name;
    return entry;
}

std::string batch_axes(const Mesh& mesh) { return joined_axes(mesh, std::array{DATA, FSDP}); }

bool is_known_axis(std::string_view name) {
    return name == DATA || name == FSDP || name == MODEL || name == EXPERT || name == SEQ;
}

}  // namespace podium::parallel

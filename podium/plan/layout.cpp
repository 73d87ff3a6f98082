#include "podium/plan/layout.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "podium/base/error.h"

namespace podium::plan {
namespace {

constexpr std::string_view PARAMETERS = "state.parameters.", STACK = "h.*.";
constexpr std::array<std::string_view, 4> AXES{"data", "fsdp", "model", "expert"};
constexpr int BATCH_PRIORITY = 0, MODEL_PRIORITY = 1, FSDP_PRIORITY = 2;

/// What "model" splits. Dimensions count from the end, so that stacks of layers are as single ones.
struct ModelRule {
    std::string_view pattern;
    std::int64_t dimension;
};
constexpr std::array MODEL_RULES{
    ModelRule{"**.attn.qkv.weight", -1}, ModelRule{"**.attn.q.weight", -1},   ModelRule{"**.attn.k.weight", -1},
    ModelRule{"**.attn.v.weight", -1},   ModelRule{"**.attn.qkv.bias", -1},   ModelRule{"**.attn.q.bias", -1},
    ModelRule{"**.attn.k.bias", -1},     ModelRule{"**.attn.v.bias", -1},     ModelRule{"**.attn.out.weight", -2},
    ModelRule{"**.mlp.up.weight", -1},   ModelRule{"**.mlp.gate.weight", -1}, ModelRule{"**.mlp.up.bias", -1},
    ModelRule{"**.mlp.gate.bias", -1},   ModelRule{"**.mlp.down.weight", -2}, ModelRule{"wte.weight", -2},
    ModelRule{"head.weight", -1}};

class Rules {
public:
    explicit Rules(const std::vector<Mesh::Axis>& axes) {
        for (const auto& axis : axes) {
            if (std::ranges::find(AXES, axis.name) == AXES.end())
                fail(Code::INVALID_CONFIG, "mesh axis \"{}\": podium plan splits by {}", axis.name,
                     fmt::join(AXES, ", "));
            sizes_[axis.name] = axis.size;
            if (axis.name == "data" || axis.name == "fsdp") batch_axes_.push_back(axis);
        }
    }

    std::string batch(const Shape& shape) const {
        std::string names;
        std::int64_t count = 1;
        for (const auto& axis : batch_axes_) {
            names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", axis.name);
            count *= axis.size;
        }
        if (shape.rank() == 0 || names.empty()) return whole(shape);
        if (shape.dims[0] % count != 0)
            fail(Code::INVALID_CONFIG,
                 "a batch of {} does not divide over the {} devices of {}; give --set train.batch={}, or a mesh whose "
                 "axes data and fsdp multiply to a divisor of it",
                 shape.dims[0], count, mesh_text(batch_axes_),
                 std::max<std::int64_t>(1, shape.dims[0] / count) * count);
        std::vector<std::string> dims(static_cast<std::size_t>(shape.rank()), "{}");
        dims[0] = fmt::format("{{{}}}p{}", names, BATCH_PRIORITY);
        return fmt::format("[{}]", fmt::join(dims, ", "));
    }

    /// Of the parameter at `path`, or of what the optimizer keeps of it.
    std::string parameter(std::string_view path, const Shape& shape) const {
        const auto rank = static_cast<std::size_t>(shape.rank());
        std::vector<std::string> dims(rank, "{}");
        std::vector<bool> taken(rank);
        const bool stacked = path.starts_with(STACK);
        if (stacked && rank > 0) taken[0] = true;
        const auto split = [&](std::size_t dim, const char* axis, int priority) {
            taken[dim] = true;
            dims[dim] = fmt::format("{{\"{}\"}}p{}", axis, priority);
        };
        const bool has_experts = path.find(".mlp.") != path.npos && rank == (stacked ? 4 : 3);
        if (has_experts && divides("expert", shape.dims[stacked ? 1 : 0]))
            split(stacked ? 1 : 0, "expert", MODEL_PRIORITY);
        for (const auto& rule : MODEL_RULES) {
            const auto dim = shape.rank() + rule.dimension;
            if (!matches(rule.pattern, path) || dim < (stacked ? 1 : 0)) continue;
            const auto at = static_cast<std::size_t>(dim);
            if (!taken[at] && divides("model", shape.dims[at])) split(at, "model", MODEL_PRIORITY);
            break;
        }
        if (rank >= (stacked ? 3U : 2U)) {
            std::optional<std::size_t> largest;
            for (std::size_t i = 0; i < rank; ++i)
                if (!taken[i] && divides("fsdp", shape.dims[i]) && (!largest || shape.dims[i] > shape.dims[*largest]))
                    largest = i;
            if (largest) split(*largest, "fsdp", FSDP_PRIORITY);
        }
        return fmt::format("[{}]", fmt::join(dims, ", "));
    }

    static std::string whole(const Shape& shape) {
        return fmt::format("[{}]",
                           fmt::join(std::vector<std::string>(static_cast<std::size_t>(shape.rank()), "{}"), ", "));
    }

private:
    bool divides(const char* axis, std::int64_t size) const {
        const auto found = sizes_.find(axis);
        return found != sizes_.end() && found->second > 1 && size % found->second == 0;
    }

    std::map<std::string, std::int64_t> sizes_;
    std::vector<Mesh::Axis> batch_axes_;
};

/// Returns the longest path of a parameter of that shape with which the path ends, "mu.wte.weight" with "wte.weight";
/// empty where there is none.
std::string_view parameter_within(std::string_view path, const Shape& shape,
                                  const std::map<std::string_view, const Shape*>& parameters) {
    for (auto at = path.find('.'); at != path.npos; at = path.find('.', at + 1)) {
        const auto found = parameters.find(path.substr(at + 1));
        if (found != parameters.end() && found->second->dims == shape.dims) return found->first;
    }
    return {};
}

}  // namespace

StepLayout step_layout(const LoweredFunction& step, const std::vector<Mesh::Axis>& axes) {
    const Rules rules(axes);
    std::map<std::string_view, const Shape*> parameters;
    for (std::size_t i = 0; i < step.parameters.size(); ++i)
        if (const std::string_view path = step.parameters[i]; path.starts_with(PARAMETERS))
            parameters[path.substr(PARAMETERS.size())] = &step.graph.parameters[i].shape();
    StepLayout layout;
    for (std::size_t i = 0; i < step.parameters.size(); ++i) {
        const std::string_view path = step.parameters[i];
        const Shape& shape = step.graph.parameters[i].shape();
        const auto name =
            path.starts_with(PARAMETERS) ? path.substr(PARAMETERS.size()) : parameter_within(path, shape, parameters);
        layout.parameters.push_back(path.starts_with("batch.") ? rules.batch(shape)
                                    : name.empty()             ? Rules::whole(shape)
                                                               : rules.parameter(name, shape));
    }
    for (const auto reused : step.graph.reuse)
        layout.results.push_back(reused < 0 ? std::string() : layout.parameters[static_cast<std::size_t>(reused)]);
    return layout;
}

std::int64_t device_count(const std::vector<Mesh::Axis>& axes) {
    std::int64_t count = 1;
    for (const auto& axis : axes) count *= axis.size;
    return count;
}

std::string mesh_text(const std::vector<Mesh::Axis>& axes) {
    std::vector<std::string> parts;
    for (const auto& axis : axes) parts.push_back(fmt::format("{}={}", axis.name, axis.size));
    return fmt::format("{}", fmt::join(parts, ","));
}

}  // namespace podium::plan

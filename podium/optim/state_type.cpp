#include "podium/optim/state_type.h"

#include <map>
#include <set>

#include "podium/optim/dynamic_code.h"
#include "podium/optim/tree_math.h"

namespace podium::optim {
namespace {

/// The names of moving means that may be rounded.
const std::map<std::string_view, CodeSign> MOMENTS{
    {"first_moment", CodeSign::SIGNED},       {"momentum", CodeSign::SIGNED},
    {"slow_moment", CodeSign::SIGNED},        {"change", CodeSign::SIGNED},
    {"curvature", CodeSign::SIGNED},          {"second_moment", CodeSign::UNSIGNED},
    {"squared_gradient", CodeSign::UNSIGNED}, {"squared_update", CodeSign::UNSIGNED},
};

constexpr std::string_view ROUNDING = "rounding";

/// Returns where the scales of a moment in 8 bits lie.
std::string scales_of(std::string_view path) { return fmt::format("scales.{}.blocks", path); }

/// Parts that divide by the mean of squares of the updates before: where rounding makes it zero, a step has no bound.
const std::set<std::string_view> DIVIDES_BY_EARLIER_SQUARES{"scale_by_acprop", "scale_by_adopt"};

/// Returns the sign of the moment that lies under a path of the state, "PART.first_moment.PARAMETER"; null for others.
const CodeSign* sign_of(std::string_view path, const std::set<std::string_view>& parameters) {
    std::size_t begin = 0;
    std::string_view part;
    for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', begin)) {
        const std::string_view name = path.substr(begin, dot - begin);
        const auto found = MOMENTS.find(name);
        if (found != MOMENTS.end() && parameters.contains(path.substr(dot + 1))) {
            const bool keeps = found->second == CodeSign::UNSIGNED && DIVIDES_BY_EARLIER_SQUARES.contains(part);
            return keeps ? nullptr : &found->second;
        }
        part = name;
        begin = dot + 1;
    }
    return nullptr;
}

/// Calls f(index, sign) for each leaf of the state that is a moment of floats.
template <class F>
void for_each_moment(const Tree& state, const Tree& parameters, const F& f) {
    const std::set<std::string_view> paths(parameters.paths()->names().begin(), parameters.paths()->names().end());
    for (std::size_t i = 0; i < state.size(); ++i)
        if (const auto* sign = sign_of(state.path(i), paths); sign && is_float(state.leaves()[i].type())) f(i, *sign);
}

/// Returns bf16 numbers whose mean over all bits is x. x: f32; bits: u32 of its shape.
Tensor rounded_at_random(const Tensor& x, const Tensor& bits) {
    const Tensor raised = bitcast_convert(x, DataType::UINT32) + (bits & 0xFFFF);
    const Tensor cut = bitcast_convert(raised & 0xFFFF0000, DataType::FLOAT32);
    return convert(select(is_finite(x), cut, x), DataType::BFLOAT16);
}

/// Returns the state with its moments in bf16, and the key of the next rounding where one is needed.
Tree in_bf16(const Tree& state, const Tree& parameters, const Tensor& random) {
    Tree kept = state;
    const auto [next, own] = split(Key{random});
    bool draws = false;
    for_each_moment(state, parameters, [&](std::size_t i, CodeSign sign) {
        Tensor& leaf = kept.leaves()[i];
        if (size_bytes(leaf.type()) <= size_bytes(DataType::BFLOAT16)) return;
        leaf = convert(leaf, DataType::FLOAT32);
        if (sign == CodeSign::SIGNED) {
            leaf = convert(leaf, DataType::BFLOAT16);
            return;
        }
        leaf = rounded_at_random(leaf, random_bits(fold_in(own, static_cast<std::int64_t>(i)), leaf.dims()));
        draws = true;
    });
    if (draws) kept.set(std::string(ROUNDING), next.data);
    return kept;
}

/// Returns the state with its long moments in 8 bits, and their scales.
Tree in_8bit(const Tree& state, const Tree& parameters) {
    Tree kept = state;
    TreeBuilder<Tensor> scales;
    for_each_moment(state, parameters, [&](std::size_t i, CodeSign sign) {
        if (state.leaves()[i].shape().count() < LEAST_CODED) return;
        const Coded coded = encoded(state.leaves()[i], sign);
        kept.leaves()[i] = coded.codes;
        scales.add(scales_of(state.path(i)), coded.scales);
    });
    return TreeBuilder<Tensor>().add("", kept).add("", scales.build()).build();
}

/// Returns the state as `inner` has it. like: such a state, of which only paths and types count.
Tree widened(const Tree& kept, const Tree& like, const Tree& parameters) {
    Tree state = in_order(kept, like);
    for_each_moment(like, parameters, [&](std::size_t i, CodeSign sign) {
        Tensor& leaf = state.leaves()[i];
        const DataType type = like.leaves()[i].type();
        leaf = leaf.type() == DataType::UINT8 ? decoded({leaf, kept[scales_of(like.path(i))]}, sign, type)
                                              : convert(leaf, type);
    });
    return state;
}

}  // namespace

bool has_moments(const Tree& state, const Tree& parameters) {
    bool found = false;
    for_each_moment(state, parameters, [&](std::size_t, CodeSign) { found = true; });
    return found;
}

GradientTransform stored_in(StateType type, const GradientTransform& inner) {
    if (type == StateType::PARAMETER) return inner;
    const auto narrowed = [type](const Tree& state, const Tree& parameters, const Tensor& random) {
        return type == StateType::BF16 ? in_bf16(state, parameters, random) : in_8bit(state, parameters);
    };
    const auto init = [=](const Tree& parameters) { return narrowed(inner.init(parameters), parameters, key(0).data); };
    const auto update = [=](const Tree& updates, const Tree& state, const Tree& parameters, const StepLoss& loss) {
        const Tree wide = widened(state, inner.init(parameters), parameters);
        const auto [changed, next] = inner.update(updates, wide, parameters, loss);
        const std::string rounding(ROUNDING);
        return std::pair{changed, narrowed(next, parameters, state.contains(rounding) ? state[rounding] : key(0).data)};
    };
    return {inner.name, init, update};
}

}  // namespace podium::optim

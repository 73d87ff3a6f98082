#pragma once

#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "podium/exec/jit.h"
#include "podium/ir/sharding.h"

// Programs that say what each device of a mesh does with its own piece of the tensors. Source: jax.shard_map, whose
// meaning this has with check_vma=False.

namespace podium {

/// How a tensor, or every leaf of a tree, is split: one entry a dimension, as in Placement. {} is whole.
using Split = std::vector<std::string>;

namespace detail {
using DeviceFunction = std::function<Tensors(const Tensors&)>;
/// `f` on the pieces: one split a leaf; `outs` is asked how each result is split.
Tensors shard_map_list(const DeviceFunction& f, const Mesh& mesh, const Tensors& inputs, const std::vector<Split>& ins,
                       const std::function<std::vector<Split>()>& outs, Location location);

template <class T>
concept Several =
    requires { std::tuple_size<T>::value; } && !requires(T t) { t.dims(); } && !requires(T t) { t.size(); };

template <class R, class F>
void for_each_part(R& result, const F& visit) {
    if constexpr (Several<std::remove_const_t<R>>)
        std::apply([&](auto&... part) { (visit(part), ...); }, result);
    else
        visit(result);
}
}  // namespace detail

/// Returns `f` as a function of whole tensors which has each device of the mesh run `f` on its pieces. `in` has one
/// split an argument, `out` one a result: those of a pair or tuple, else one for all leaves. On axes that a split does
/// not name, all devices get the same argument, and must make the same result. Call it inside `jit` with this mesh.
/// `f` sees nothing but its arguments. Throws SHAPE_MISMATCH where an axis does not divide, INVALID_ARGUMENT for
/// tensors from outside.
template <class F>
auto shard_map(F f, const Mesh& mesh, const std::vector<Split>& in, const std::vector<Split>& out,
               Location location = std::source_location::current()) {
    return [=](const auto&... arguments) {
        using R = std::remove_cvref_t<decltype(f(arguments...))>;
        if (in.size() != sizeof...(arguments))
            fail(Code::INVALID_ARGUMENT, "shard_map: {} arguments were given, and splits of {}", sizeof...(arguments),
                 in.size());
        std::tuple<std::remove_cvref_t<decltype(arguments)>...> pieces(arguments...);
        Tensors leaves;
        std::vector<Split> splits;
        std::size_t argument = 0;
        const auto add = [&](const auto& item) {
            for_each_leaf(item, [&](const Tensor& leaf) {
                leaves.push_back(leaf);
                splits.push_back(in[argument]);
            });
            ++argument;
        };
        (add(arguments), ...);
        R result{};
        const auto on_device = [&](const Tensors& given) {
            std::size_t next = 0;
            std::apply([&](auto&... item) { (for_each_leaf(item, [&](Tensor& leaf) { leaf = given[next++]; }), ...); },
                       pieces);
            result = std::apply(f, pieces);
            Tensors made;
            for_each_leaf(result, [&](const Tensor& leaf) { made.push_back(leaf); });
            return made;
        };
        const auto out_splits = [&] {
            std::vector<Split> each;
            std::size_t part = 0;
            detail::for_each_part(result, [&](const auto& item) {
                if (part >= out.size())
                    fail(Code::INVALID_ARGUMENT, "shard_map: there are splits of {} results, and more results",
                         out.size());
                for_each_leaf(item, [&](const Tensor&) { each.push_back(out[part]); });
                ++part;
            });
            return each;
        };
        const Tensors whole = detail::shard_map_list(on_device, mesh, leaves, splits, out_splits, location);
        std::size_t next = 0;
        for_each_leaf(result, [&](Tensor& leaf) { leaf = whole[next++]; });
        return result;
    };
}

// Inside `f`, between the devices that differ on `axes` alone: one axis of the mesh, or several ("data,model"), the
// first outermost. Outside of shard_map they throw FAILED_PRECONDITION. Source: jax.lax, functions of these names.

/// Returns the sum, mean, greatest or least over the devices, element by element. psum and pmean have gradients.
Tensor psum(const Operand& x, const std::string& axes);
Tensor pmean(const Operand& x, const std::string& axes);
Tensor pmax(const Operand& x, const std::string& axes);
Tensor pmin(const Operand& x, const std::string& axes);
/// Returns all devices' tensors one after another along `dimension` (jax.lax.all_gather with tiled=True).
Tensor all_gather(const Operand& x, const std::string& axes, std::int64_t dimension = 0);
/// Returns this device's share along `dimension` of the sum (jax.lax.psum_scatter with tiled=True).
Tensor psum_scatter(const Operand& x, const std::string& axes, std::int64_t dimension = 0);
/// Returns, one after another along `concat`, the parts along `split` that the devices have for this one (tiled=True).
Tensor all_to_all(const Operand& x, const std::string& axes, std::int64_t split, std::int64_t concat);
/// Returns the tensor of the device that sends to this one by `pairs` of (source, target), which count along the axes;
/// zeros where none does.
Tensor ppermute(const Operand& x, const std::string& axes,
                const std::vector<std::pair<std::int64_t, std::int64_t>>& pairs);
/// Returns this device's place along the axes, i32[].
Tensor axis_index(const std::string& axes, Location location = std::source_location::current());
/// Returns the number of devices along the axes.
std::int64_t axis_size(const std::string& axes);

}  // namespace podium

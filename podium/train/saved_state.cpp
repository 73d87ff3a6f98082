#include "podium/train/saved_state.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <future>
#include <thread>

namespace podium::train {
namespace {

bool all_finite(const HostArray& array) {
    bool finite = true;
    with_element_type(array.type(), [&]<class T>() {
        if constexpr (std::is_floating_point_v<T>) {
            T sum = 0;  // one element that is not finite makes the sum of zeros NaN
            for (const T element : array.span<T>()) sum += element * 0;
            finite = sum == 0;
        } else if constexpr (requires(T element) { static_cast<float>(element); }) {
            for (const T element : array.span<T>()) finite = finite && std::isfinite(static_cast<float>(element));
        } else if constexpr (requires(T element) { element.imag(); }) {
            for (const T element : array.span<T>()) finite = finite && std::isfinite(std::norm(element));
        }
    });
    return finite;
}

/// Calls f(0) … f(count - 1) on as many threads as there are cores; throws what one of them threw.
template <class F>
void in_parallel(std::size_t count, const F& f) {
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < count; i = next++) f(i);
    };
    std::vector<std::future<void>> helpers;
    for (std::size_t i = 1; i < std::min<std::size_t>(count, std::thread::hardware_concurrency()); ++i)
        helpers.push_back(std::async(std::launch::async, work));
    work();
    for (auto& helper : helpers) helper.get();
}

/// Returns the tensors under `prefix` on the devices, if they are those that the config says.
Tree on_devices(const checkpoint::Loaded& loaded, const Programs& programs, std::string_view prefix) {
    const auto tensors = loaded.snapshot.tensors.subtree(prefix);
    const auto expected = programs.state_shapes().subtree(prefix);
    const auto refuse = [&](std::string_view path, const std::string& found, const std::string& wanted) {
        fail(Code::CHECKPOINT_CORRUPT,
             "{}: the checkpoint is of another model or optimizer than the run's config: {} is {} in it, and the "
             "config says {}",
             loaded.folder.string(), join_path(prefix, path), found, wanted);
    };
    for (std::size_t i = 0; i < tensors.size(); ++i)
        if (!expected.contains(tensors.path(i)))
            refuse(tensors.path(i), to_string(tensors.leaves()[i].shape()), "there is none");
    TreeBuilder<Tensor> builder;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const auto& path = expected.path(i);
        const auto& shape = expected.leaves()[i];
        if (!tensors.contains(path)) refuse(path, "missing", to_string(shape));
        if (!(tensors[path].shape() == shape)) refuse(path, to_string(tensors[path].shape()), to_string(shape));
        builder.add(path, programs.place(join_path(prefix, path), tensors[path]));
    }
    return builder.build();
}

}  // namespace

checkpoint::Snapshot snapshot_of(const State& state) {
    const Tree all = TreeBuilder<Tensor>()
                         .add("parameters", state.parameters)
                         .add("optimizer", state.optimizer)
                         .add("", state.extra)
                         .build();
    checkpoint::Snapshot snapshot;
    snapshot.tensors = all.map([](const Tensor&) { return HostArray(); });
    std::vector<char> finite(all.size(), 1);
    in_parallel(all.size(), [&](std::size_t i) {
        const auto& array = snapshot.tensors.leaves()[i] = all.leaves()[i].to_host();
        if (i < state.parameters.size()) finite[i] = all_finite(array) ? 1 : 0;
    });
    if (const auto bad = std::ranges::find(finite, 0); bad != finite.end())
        fail(Code::NOT_FINITE, "{} has become NaN or infinite; try a smaller optimizer.learning_rate",
             all.path(static_cast<std::size_t>(bad - finite.begin())));
    const auto key = state.key.data.to_host();
    snapshot.key = {key.span<std::uint32_t>()[0], key.span<std::uint32_t>()[1]};
    return snapshot;
}

Tree parameters_of(const checkpoint::Loaded& loaded, const Programs& programs) {
    const bool has_average = !programs.state_shapes().subtree("average").empty();
    return on_devices(loaded, programs, has_average ? "average" : "parameters");
}

Resumed resume_state(checkpoint::Loaded loaded, const Programs& programs) {
    const Tree all = on_devices(loaded, programs, "");
    TreeBuilder<Tensor> extra;
    for (std::size_t i = 0; i < all.size(); ++i)
        if (!is_under(all.path(i), "parameters") && !is_under(all.path(i), "optimizer"))
            extra.add(all.path(i), all.leaves()[i]);
    const std::span<const std::uint32_t> key(loaded.snapshot.key);
    return {std::move(loaded),
            {all.subtree("parameters"), all.subtree("optimizer"),
             Key{programs.replicate(HostArray::of<std::uint32_t>({2}, key))}, extra.build()}};
}

}  // namespace podium::train

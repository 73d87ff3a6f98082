#pragma once

#include <any>
#include <memory>
#include <mutex>
#include <string>
#include <typeindex>
#include <vector>

#include "podium/exec/compile.h"
#include "podium/exec/evaluate.h"
#include "podium/transform/checks.h"
#include "podium/transform/transform.h"

namespace podium {

/// Splits the leaves whose path matches `pattern` over mesh axes, dimension by dimension ("" is whole, "data,fsdp" two
/// axes).
struct Rule {
    std::string pattern;
    std::vector<std::string> axes;
};

struct JitOptions {
    std::string name = "main";
    std::vector<std::string> names;   ///< of the arguments, in paths and messages; else their numbers
    std::vector<std::size_t> donate;  ///< arguments whose memory the results may take, when given as rvalues
    const Mesh* mesh = nullptr;       ///< devices of the program (copied); else the arguments', else the default device
    std::vector<Rule> shardings;      ///< the first that matches; results reuse their argument's, else match too
    XlaOptions xla;
    Checks checks;  ///< with any, a call waits for its result and throws what the first failed check says
};

/// What jit knows of one trace, for reports.
struct JitStats {
    std::int64_t traces = 0;  ///< programs made; each has its own shapes, structure or static arguments
    std::string
        last_reason;  ///< why the last trace after the first was needed: which argument changed, from what to what
};

/// A traced function that no backend has seen.
struct LoweredFunction {
    Graph graph;
    std::vector<std::string> parameters, results;  ///< the leaves' paths: "state.parameters.wte.weight"
};

namespace detail {

/// A static argument: compared by `==`.
struct Static {
    std::size_t position;  ///< among the arguments
    std::type_index type;
    std::shared_ptr<const void> value;
    bool (*equal)(const void*, const void*);
    bool operator==(const Static& other) const { return type == other.type && equal(value.get(), other.value.get()); }
};

/// The arguments of one call, flat.
struct CallArguments {
    std::vector<Tensor> leaves;
    std::vector<std::uint64_t> structure;
    std::vector<Static> statics;
    std::vector<std::size_t> first_leaf;  ///< of each argument
    std::uint64_t rvalues = 0;            ///< bit i: argument i was given as an rvalue
    void clear();
};

struct Entry;

/// What a trace gives: the result's leaves, their paths, and the result with empty leaves.
struct Traced {
    Tensors leaves;
    std::vector<std::string> paths;
    std::any form;
};
using Trace = std::function<Traced(const Tensors& parameters)>;
using PathsOf = std::function<std::vector<std::string>()>;

class JitCore {
public:
    explicit JitCore(JitOptions options);
    ~JitCore();

    /// Returns the entry for these arguments, which are evaluated first, or null.
    Entry* find(const CallArguments& call);
    /// Returns the entry, traced and compiled.
    Entry* make(const CallArguments& call, const Trace& trace, const PathsOf& argument_paths);
    /// Returns the traced function; no backend is asked.
    LoweredFunction lower(const CallArguments& call, const Trace& trace, const PathsOf& argument_paths) const;
    /// Runs it: one tensor a leaf of the result.
    Tensors run(Entry& entry, const CallArguments& call) const;
    /// Returns the result's form.
    static const std::any& form(const Entry& entry);
    JitStats stats() const;
    const JitOptions& options() const { return options_; }
    static std::shared_ptr<Executable> executable(const Entry& entry);
    std::shared_ptr<Executable> executable() const;
    std::string text() const;

private:
    /// Returns an entry without backend and executable; fills the results' paths.
    std::unique_ptr<Entry> traced_entry(const CallArguments& call, const Trace& trace, const PathsOf& argument_paths,
                                        std::vector<std::string>& result_paths) const;
    std::string difference(const Entry& before, const Entry& now) const;

    Entry* find_locked(const CallArguments& call);
    bool fits(const Entry& entry, const CallArguments& call) const;
    Mesh mesh_for(const CallArguments& call) const;
    /// Marks the leaves whose memory results take; throws DONATED where one is given twice.
    void take(const Entry& entry, const CallArguments& call) const;
    [[noreturn]] void fail_mixed(const Entry& entry, std::size_t leaf, const Mesh& mesh) const;

    JitOptions options_;
    std::optional<Mesh> mesh_;
    const std::string* name_;  ///< of donated tensors' taker; lives as long as the process
    mutable std::mutex mutex_;
    std::vector<std::unique_ptr<Entry>> entries_;
    std::atomic<Entry*> latest_ = nullptr;
    JitStats stats_;
};

}  // namespace detail

/// A compiled function. Calls with leaves of the same shapes, the same structure and equal static arguments share one
/// program; returns at once, and errors of the execution come when a result is read. Copies share the programs.
/// Thread-safe.
template <class F>
class Jitted {
public:
    Jitted(F f, JitOptions options)
        : f_(std::make_shared<F>(std::move(f))), core_(std::make_shared<detail::JitCore>(std::move(options))) {}

    template <class... A>
    auto operator()(A&&... arguments) const {
        using R = std::remove_cvref_t<std::invoke_result_t<const F&, std::remove_cvref_t<A>&...>>;
        static_assert(TreeLike<R>, "jit: the function must return a tree of tensors");
        if (inlining()) return R((*f_)(arguments...));         // inside another transform it is part of that program
        thread_local std::vector<detail::CallArguments> pool;  // keeps the memory of flat arguments between calls
        detail::CallArguments call;
        if (!pool.empty()) {
            call = std::move(pool.back());
            pool.pop_back();
        }
        call.clear();
        std::size_t position = 0;
        (collect(call, std::forward<A>(arguments), position++), ...);
        detail::Entry* entry = core_->find(call);
        if (entry == nullptr) entry = make_entry<R>(call, arguments...);
        R result = std::any_cast<const R&>(detail::JitCore::form(*entry));
        Tensors outputs = core_->run(*entry, call);
        std::size_t next = 0;
        for_each_leaf(result, [&](Tensor& leaf) { leaf = std::move(outputs[next++]); });
        call.clear();
        if (pool.size() < 8) pool.push_back(std::move(call));
        return result;
    }

    /// Returns the program for such arguments, compiled but not run: the arguments need no values.
    template <class... A>
    std::shared_ptr<Executable> compile(A&&... arguments) const {
        using R = std::remove_cvref_t<std::invoke_result_t<const F&, std::remove_cvref_t<A>&...>>;
        detail::CallArguments call;
        std::size_t position = 0;
        (collect(call, std::forward<A>(arguments), position++), ...);
        return detail::JitCore::executable(*make_entry<R>(call, arguments...));
    }

    /// Returns the function for such arguments as a graph; neither they need values nor a backend to be there.
    template <class... A>
    LoweredFunction lower(A&&... arguments) const {
        using R = std::remove_cvref_t<std::invoke_result_t<const F&, std::remove_cvref_t<A>&...>>;
        detail::CallArguments call;
        std::size_t position = 0;
        (collect(call, std::forward<A>(arguments), position++), ...);
        return with_trace<R>([&](const auto& trace, const auto& paths) { return core_->lower(call, trace, paths); },
                             arguments...);
    }

    /// How many programs were made, and why the last one was.
    JitStats stats() const { return core_->stats(); }
    /// The most recently used program; null before the first call.
    std::shared_ptr<Executable> executable() const { return core_->executable(); }
    /// The most recently used program as StableHLO text.
    std::string text() const { return core_->text(); }

private:
    template <class R, class... A>
    detail::Entry* make_entry(const detail::CallArguments& call, const A&... arguments) const {
        return with_trace<R>([&](const auto& trace, const auto& paths) { return core_->make(call, trace, paths); },
                             arguments...);
    }
    /// Calls `use` with what traces the function, and with what names the leaves of its arguments.
    template <class R, class Use, class... A>
    auto with_trace(const Use& use, const A&... arguments) const {
        const auto trace = [&](const Tensors& parameters) {
            std::size_t next = 0;
            std::tuple<A...> given(arguments...);
            std::apply([&](auto&... item) { (replace(item, parameters, next), ...); }, given);
            R result = std::apply(*f_, given);
            detail::Traced traced;
            for_each_path(result, "", [&](const std::string& path, Tensor& leaf) {
                traced.paths.push_back(path);
                traced.leaves.push_back(std::exchange(leaf, Tensor()));
            });
            traced.form = std::move(result);
            return traced;
        };
        return use(trace, [&] {
            std::vector<std::string> paths;
            std::size_t at = 0;
            (append_paths(arguments, core_->options().names, at++, paths), ...);
            return paths;
        });
    }
    template <class T>
    static void collect(detail::CallArguments& call, T&& argument, std::size_t position) {
        using U = std::remove_cvref_t<T>;
        call.first_leaf.push_back(call.leaves.size());
        if constexpr (TreeLike<U>) {
            if constexpr (std::is_rvalue_reference_v<T&&> && !std::is_const_v<std::remove_reference_t<T>>)
                call.rvalues |= std::uint64_t{1} << position;
            for_each_leaf(argument, [&](const Tensor& leaf) { call.leaves.push_back(leaf); });
            append_structure<U>(argument, call.structure);
        } else {
            call.statics.push_back(
                {position, typeid(U), std::make_shared<const U>(argument),
                 [](const void* a, const void* b) { return *static_cast<const U*>(a) == *static_cast<const U*>(b); }});
        }
    }
    template <class T>
    static void replace(T& argument, const Tensors& parameters, std::size_t& next) {
        if constexpr (TreeLike<T>) for_each_leaf(argument, [&](Tensor& leaf) { leaf = parameters[next++]; });
    }
    template <class T>
    static void append_paths(const T& argument, const std::vector<std::string>& names, std::size_t at,
                             std::vector<std::string>& paths) {
        if constexpr (TreeLike<T>)
            for_each_path(argument, at < names.size() ? names[at] : std::to_string(at),
                          [&](const std::string& path, const Tensor&) { paths.push_back(path); });
    }
    std::shared_ptr<const F> f_;
    std::shared_ptr<detail::JitCore> core_;
};

/// Returns `f` as one compiled program a set of shapes. Arguments that are no trees of tensors are static.
template <class F>
Jitted<F> jit(F f, JitOptions options = {}) {
    return Jitted<F>(std::move(f), std::move(options));
}

/// Returns `f` as one compiled program a set of shapes that checks itself: a call throws an error that names the first
/// operation, with its source line, that made a NaN (NOT_FINITE), took an index from outside (OUT_OF_RANGE), or a
/// `check` whose condition does not hold (FAILED_PRECONDITION). Source: jax.experimental.checkify.
template <class F>
Jitted<F> checkify(F f, Checks checks = {.nan = true, .index = true, .condition = true}, JitOptions options = {}) {
    options.checks = checks;
    return jit(std::move(f), std::move(options));
}

}  // namespace podium

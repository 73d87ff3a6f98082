#pragma once

#include <any>
#include <memory>
#include <mutex>
#include <string>
#include <typeindex>
#include <vector>

#include "podium/exec/compile.h"
#include "podium/exec/evaluate.h"
#include "podium/transform/transform.h"

namespace podium {

/// Splits the leaves whose path matches `pattern` over mesh axes, dimension by dimension ("" is whole).
struct Rule {
    std::string pattern;
    std::vector<std::string> axes;
};

struct JitOptions {
    std::string name = "main";
    std::vector<std::string> names;            ///< of the arguments, in paths and messages; else their numbers
    std::vector<std::size_t> donate;           ///< arguments whose memory the results may take, when given as rvalues
    const Mesh* mesh = nullptr;                ///< devices of the program; else the arguments', else the default device
    std::vector<Rule> shardings;               ///< the first that matches; results reuse their argument's, else match too
    XlaOptions xla;
};

/// What jit knows of one trace, for reports.
struct JitStats {
    std::int64_t traces = 0;         ///< programs made; each has its own shapes, structure or static arguments
    std::string last_reason;         ///< why the last trace after the first was needed: which argument changed, from what to what
};

namespace detail {

/// A static argument: compared by `==`.
struct Static {
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

/// Traces on parameters and returns the leaves of the result; keeps the result's form.
using Trace = std::function<Tensors(const Tensors& parameters)>;
/// Returns the path of every leaf of the arguments, and of the traced result.
using PathsOf = std::function<std::vector<std::string>()>;

class JitCore {
public:
    explicit JitCore(JitOptions options);
    ~JitCore();

    /// Returns the entry for these arguments, traced and compiled where there is none yet. `form` receives where the
    /// result's form is kept.
    Entry& entry_for(CallArguments& call, const Trace& trace, const PathsOf& argument_paths, const PathsOf& result_paths);
    /// Runs it: one tensor a leaf of the result.
    Tensors run(Entry& entry, CallArguments& call);
    static std::any& form(Entry& entry);
    JitStats stats() const;
    const JitOptions& options() const { return options_; }
    std::shared_ptr<Executable> executable() const;
    std::string text() const;

private:
    Entry* find(const CallArguments& call) const;
    std::string difference(const CallArguments& call) const;

    JitOptions options_;
    mutable std::mutex mutex_;
    std::vector<std::unique_ptr<Entry>> entries_;
    std::atomic<Entry*> latest_ = nullptr;
    JitStats stats_;
    Graph last_graph_;
};

}  // namespace detail

/// A compiled function. Calls with leaves of the same shapes, the same structure and equal static arguments share one program;
/// returns at once, and errors of the execution come when a result is read. Copies share the programs. Thread-safe.
template <class F>
class Jitted {
public:
    Jitted(F f, JitOptions options) : f_(std::make_shared<F>(std::move(f))), core_(std::make_shared<detail::JitCore>(std::move(options))) {}

    template <class... A>
    auto operator()(A&&... arguments) const {
        using R = std::remove_cvref_t<std::invoke_result_t<const F&, std::remove_cvref_t<A>&...>>;
        static_assert(TreeLike<R>, "jit: the function must return a tree of tensors");
        thread_local std::vector<detail::CallArguments> pool;
        detail::CallArguments call;
        if (!pool.empty()) {
            call = std::move(pool.back());
            pool.pop_back();
        }
        call.clear();
        std::size_t position = 0;
        (collect(call, std::forward<A>(arguments), position++), ...);
        if (trace_level() > 0) return R((*f_)(arguments...));  // inside another trace it is part of that program
        const auto trace = [&](const Tensors& parameters) {
            std::size_t next = 0;
            std::tuple<std::remove_cvref_t<A>...> traced(arguments...);
            std::apply([&](auto&... item) { (replace(item, parameters, next), ...); }, traced);
            form_of_trace<R>() = std::apply(*f_, traced);
            return leaves_of(*form_of_trace<R>());
        };
        const auto argument_paths = [&] {
            std::vector<std::string> paths;
            std::size_t at = 0;
            (append_paths(arguments, core_->options().names, at++, paths), ...);
            return paths;
        };
        const auto result_paths = [&] {
            std::vector<std::string> paths;
            for_each_path(*form_of_trace<R>(), "", [&](const std::string& path, const Tensor&) { paths.push_back(path); });
            return paths;
        };
        detail::Entry& entry = core_->entry_for(call, trace, argument_paths, result_paths);
        std::any& form = detail::JitCore::form(entry);
        if (form_of_trace<R>()) {
            for_each_leaf(*form_of_trace<R>(), [](Tensor& leaf) { leaf = Tensor(); });
            form = std::move(*form_of_trace<R>());
            form_of_trace<R>().reset();
        }
        R result = std::any_cast<const R&>(form);
        Tensors outputs = core_->run(entry, call);
        std::size_t next = 0;
        for_each_leaf(result, [&](Tensor& leaf) { leaf = std::move(outputs[next++]); });
        call.clear();
        if (pool.size() < 8) pool.push_back(std::move(call));
        return result;
    }

    /// How many programs were made, and why the last one was.
    JitStats stats() const { return core_->stats(); }
    /// The most recently compiled program; null before the first call.
    std::shared_ptr<Executable> executable() const { return core_->executable(); }
    /// The most recently traced program as StableHLO text.
    std::string text() const { return core_->text(); }

private:
    template <class T>
    static void collect(detail::CallArguments& call, T&& argument, std::size_t position) {
        using U = std::remove_cvref_t<T>;
        call.first_leaf.push_back(call.leaves.size());
        if constexpr (TreeLike<U>) {
            if constexpr (std::is_rvalue_reference_v<T&&> && !std::is_const_v<std::remove_reference_t<T>>) call.rvalues |= std::uint64_t{1} << position;
            for_each_leaf(argument, [&](const Tensor& leaf) { call.leaves.push_back(leaf); });
            append_structure<U>(argument, call.structure);
        } else {
            call.statics.push_back({typeid(U), std::make_shared<const U>(argument),
                                    [](const void* a, const void* b) { return *static_cast<const U*>(a) == *static_cast<const U*>(b); }});
        }
    }
    template <class T>
    static void replace(T& argument, const Tensors& parameters, std::size_t& next) {
        if constexpr (TreeLike<T>) for_each_leaf(argument, [&](Tensor& leaf) { leaf = parameters[next++]; });
    }
    template <class T>
    static void append_paths(const T& argument, const std::vector<std::string>& names, std::size_t at, std::vector<std::string>& paths) {
        if constexpr (TreeLike<T>)
            for_each_path(argument, at < names.size() ? names[at] : std::to_string(at), [&](const std::string& path, const Tensor&) { paths.push_back(path); });
    }
    /// Where a trace leaves the result's form for the call that started it.
    template <class R>
    static std::optional<R>& form_of_trace() {
        thread_local std::optional<R> form;
        return form;
    }

    std::shared_ptr<const F> f_;
    std::shared_ptr<detail::JitCore> core_;
};

/// Returns `f` as one compiled program a set of shapes. Arguments that are no trees of tensors are static.
template <class F>
Jitted<F> jit(F f, JitOptions options = {}) {
    return Jitted<F>(std::move(f), std::move(options));
}

}  // namespace podium

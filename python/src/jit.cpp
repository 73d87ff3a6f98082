// Compiled Python functions: the programs of one function by the shapes, the structure and the statics of a call.
#include <algorithm>
#include <mutex>

#include "bindings.h"

namespace podium::python {
namespace {

/// What the trace of a Python function gives: leaves, their paths, and what to make of them again.
using PythonTrace = std::function<std::tuple<Tensors, std::vector<std::string>, nb::object>(const Tensors&)>;

/// A Python object that C++ may copy and drop on any thread.
struct Held {
    std::shared_ptr<const void> object;
    nb::object get() const { return nb::borrow(static_cast<PyObject*>(const_cast<void*>(object.get()))); }
};

/// The smallest results of the latest calls: the plugin's data is destroyed with the process, so what still runs then
/// must have ended before.
class Running {
public:
    void add(const Tensors& results) {
        const auto least = std::min_element(results.begin(), results.end(), [](const Tensor& a, const Tensor& b) {
            return a.shape().size_bytes() < b.shape().size_bytes();
        });
        if (least == results.end() || least->shape().size_bytes() > LARGEST) return;
        const std::lock_guard lock(mutex_);
        latest_[next_++ % latest_.size()] = *least;
    }
    void wait() {
        const std::lock_guard lock(mutex_);
        for (auto& tensor : latest_) try {
                if (tensor.defined() && tensor->donated.load() == nullptr) tensor->buffer->wait();
            } catch (const Error&) {  // whoever reads the result is told
            }
        latest_ = {};
    }

private:
    static constexpr std::size_t LARGEST = 1 << 20;
    std::mutex mutex_;
    std::array<Tensor, 16> latest_;
    std::size_t next_ = 0;
};
Running& running() {
    static auto* const running = new Running;  // outlives statics, as the tensors of Python's variables do
    return *running;
}

class Program {
public:
    Program(std::string name, std::vector<std::string> names, const Mesh* mesh,
            const std::vector<std::pair<std::string, std::vector<std::string>>>& shardings)
        : core_(options(std::move(name), std::move(names), mesh, shardings)) {}

    /// Returns the leaves of the result and its form. `form` is a number for structure and statics, `first` the first
    /// leaf of each argument, `donated` which of those give their memory away.
    std::pair<Tensors, nb::object> call(const Tensors& leaves, std::uint64_t form,
                                        const std::vector<std::size_t>& first, std::uint64_t donated,
                                        const PythonTrace& trace,
                                        const std::function<std::vector<std::string>()>& paths) {
        detail::CallArguments arguments;
        arguments.leaves = leaves;
        arguments.structure = {form};
        arguments.first_leaf = first;
        arguments.rvalues = donated;
        Tensors results;
        detail::Entry* entry = nullptr;
        {
            const nb::gil_scoped_release released;
            entry = core_.find(arguments);
            if (entry == nullptr)
                entry = core_.make(arguments, traced(trace), [&] {
                    const nb::gil_scoped_acquire held;
                    return paths();
                });
            results = core_.run(*entry, arguments);
            running().add(results);
        }
        return {std::move(results), std::any_cast<const Held&>(detail::JitCore::form(*entry)).get()};
    }

    std::string text() const { return core_.text(); }
    std::int64_t traces() const { return core_.stats().traces; }
    std::string last_reason() const { return core_.stats().last_reason; }

private:
    static JitOptions options(std::string name, std::vector<std::string> names, const Mesh* mesh,
                              const std::vector<std::pair<std::string, std::vector<std::string>>>& shardings) {
        JitOptions result{.name = std::move(name), .names = std::move(names), .mesh = mesh};
        for (std::size_t i = 0; i < 64; ++i) result.donate.push_back(i);  // the call says which
        for (const auto& [pattern, axes] : shardings) result.shardings.push_back({pattern, axes});
        return result;
    }
    static detail::Trace traced(const PythonTrace& trace) {
        return [&trace](const Tensors& parameters) {
            const nb::gil_scoped_acquire held;
            auto [leaves, paths, form] = trace(parameters);
            return detail::Traced{std::move(leaves), std::move(paths), Held{shared(form)}};
        };
    }

    detail::JitCore core_;
};

}  // namespace

void bind_jit(nb::module_& module) {
    module.def(
        "wait_for_running", [] { running().wait(); }, Released(), "Waits for the programs that run.");
    nb::class_<Program>(module, "Program", "The compiled programs of one function.")
        .def(nb::init<std::string, std::vector<std::string>, const Mesh*,
                      const std::vector<std::pair<std::string, std::vector<std::string>>>&>(),
             "name"_a, "names"_a, "mesh"_a.none(), "shardings"_a)
        .def("call", &Program::call, "leaves"_a, "form"_a, "first"_a, "donated"_a, "trace"_a, "paths"_a)
        .def_prop_ro("text", &Program::text, "The program that ran last, as StableHLO.")
        .def_prop_ro("traces", &Program::traces, "How many programs were made.")
        .def_prop_ro("last_reason", &Program::last_reason, "Why the last one was needed.");
}

}  // namespace podium::python

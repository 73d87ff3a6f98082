#include "podium/runtime/pjrt/executable.h"

#include <algorithm>
#include <mutex>

#include "podium/base/error.h"
#include "podium/runtime/pjrt/compile_options.h"
#include "podium/runtime/pjrt/executable_calls.h"
#include "podium/runtime/pjrt/hlo.h"
#include "podium/runtime/pjrt/hlo_schedule.h"
#include "podium/runtime/pjrt/refusals.h"
#include "podium/runtime/pjrt/types.h"

namespace podium {
namespace {

bool is_described(const PjrtProgram& program) { return program.parameters && program.results && program.reuse; }

PJRT_LoadedExecutable* compile(const PjrtClient& client, const PjrtProgram& program, const XlaOptions& options) {
    if (!is_described(program) && program.mesh.size() > 1 && !program.replicas)
        fail(Code::INVALID_ARGUMENT, "compile {}: on {} devices the placements of parameters and results must be given",
             program.name, program.mesh.size());
    if (options.safe_defaults) expect_possible(program.text, program.name, client.type());
    std::vector<int> ids;
    for (const int device : program.mesh.devices()) ids.push_back(client.device_id(device));
    const auto serialized = compile_options(ids, client.type(), options, program);
    constexpr std::string_view FORMAT = "mlir";
    const PJRT_Program source{.struct_size = PJRT_Program_STRUCT_SIZE,
                              .code = const_cast<char*>(program.text.data()),  // the plugin only reads it
                              .code_size = program.text.size(),
                              .format = FORMAT.data(),
                              .format_size = FORMAT.size()};
    try {
        return client.api()
            .call<&PJRT_Api::PJRT_Client_Compile>({.client = client.handle(),
                                                   .program = &source,
                                                   .compile_options = serialized.data(),
                                                   .compile_options_size = serialized.size()})
            .executable;
    } catch (const OutOfMemory&) {
        throw;
    } catch (const Error& error) {
        throw CompileFailed(Code::COMPILE_FAILED, fmt::format("compile {}: {}", program.name, error.message()));
    }
}

PJRT_LoadedExecutable* load(const PjrtClient& client, std::string_view serialized) {
    return client.api()
        .call<&PJRT_Api::PJRT_Executable_DeserializeAndLoad>({.client = client.handle(),
                                                              .serialized_executable = serialized.data(),
                                                              .serialized_executable_size = serialized.size()})
        .loaded_executable;
}

/// True if both cut `shape` the same way over the same devices.
bool same_place(const Shape& shape, const Placement& a, const Placement& b) {
    if (&a == &b || a == b) return true;
    if (a.mesh.devices() != b.mesh.devices()) return false;
    if (a.shard_shape(shape) != b.shard_shape(shape)) return false;
    for (std::int64_t i = 0; i < a.mesh.size(); ++i)
        if (a.shard_start(shape, i) != b.shard_start(shape, i)) return false;
    return true;
}

std::string describe(const Shape& shape, const Placement& placement) {
    std::string axes;
    for (const auto& axis : placement.axes) axes.append(axes.empty() ? "" : ",").append(axis.empty() ? "-" : axis);
    return fmt::format("{} split [{}] over {} {} device{} from {}", to_string(shape), axes, placement.mesh.size(),
                       name(placement.mesh.type()), placement.mesh.size() == 1 ? "" : "s",
                       placement.mesh.devices().front());
}

std::vector<BufferSpec> whole_on(const Mesh& mesh, const std::vector<Shape>& shapes) {
    const auto placement = std::make_shared<const Placement>(mesh);
    std::vector<BufferSpec> specs;
    specs.reserve(shapes.size());
    for (const auto& shape : shapes) specs.push_back({shape, placement});
    return specs;
}

/// Scratch of one thread's launches: no allocation once it has grown.
struct Scratch {
    std::vector<PJRT_Buffer*> arguments, results;
    std::vector<PJRT_Buffer* const*> argument_lists;
    std::vector<PJRT_Buffer**> result_lists;
};
thread_local Scratch scratch;

}  // namespace

PjrtExecutable::PjrtExecutable(const PjrtClientPtr& client, const PjrtProgram& program, const XlaOptions& options)
    : PjrtExecutable(client, program, compile(*client, program, options)) {}

PjrtExecutable::PjrtExecutable(const PjrtClientPtr& client, const PjrtProgram& program, std::string_view serialized)
    : PjrtExecutable(client, program, load(*client, serialized)) {}

PjrtExecutable::PjrtExecutable(PjrtClientPtr client, const PjrtProgram& program, PJRT_LoadedExecutable* loaded)
    : client_(std::move(client)), mesh_(program.mesh), name_(program.name), loaded_(loaded) {
    try {
        handle_ = client_->api()
                      .call<&PJRT_Api::PJRT_LoadedExecutable_GetExecutable>({.loaded_executable = loaded_})
                      .executable;
        const auto found = is_described(program) ? HloInterface() : hlo_interface(optimized_program());
        std::vector<PjrtSpecPtr> distinct;
        parameters_ = share(program.parameters ? *program.parameters : whole_on(mesh_, found.parameters), distinct);
        results_ = share(program.results ? *program.results : whole_on(mesh_, found.results), distinct);
        reused_ = program.reuse ? *program.reuse : found.reused;
        std::erase(reused_, -1);
        if (result_count() != results_.size())
            fail(Code::INVALID_ARGUMENT, "compile {}: {} results were described, the program has {}", name_,
                 results_.size(), result_count());
    } catch (...) {
        client_->api().call_quietly<&PJRT_Api::PJRT_Executable_Destroy>({.executable = handle_});
        client_->api().call_quietly<&PJRT_Api::PJRT_LoadedExecutable_Destroy>({.executable = loaded_});
        throw;
    }
}

std::vector<PjrtSpecPtr> PjrtExecutable::share(const std::vector<BufferSpec>& specs,
                                               std::vector<PjrtSpecPtr>& distinct) const {
    std::vector<PjrtSpecPtr> shared;
    shared.reserve(specs.size());
    for (const auto& spec : specs) {
        auto known = std::find_if(distinct.begin(), distinct.end(), [&](const PjrtSpecPtr& other) {
            return other->shape == spec.shape && *other->placement == *spec.placement;
        });
        if (known == distinct.end())
            known =
                distinct.insert(known, std::make_shared<const PjrtSpec>(client_, name_, spec.shape, spec.placement));
        shared.push_back(*known);
    }
    return shared;
}

PjrtExecutable::~PjrtExecutable() {
    client_->api().call_quietly<&PJRT_Api::PJRT_Executable_Destroy>({.executable = handle_});
    client_->api().call_quietly<&PJRT_Api::PJRT_LoadedExecutable_Destroy>({.executable = loaded_});
}

std::size_t PjrtExecutable::result_count() const {
    return client_->api().call<&PJRT_Api::PJRT_Executable_NumOutputs>({.executable = handle_}).num_outputs;
}

void PjrtExecutable::fail_argument(std::size_t position, const Buffer& argument) const {
    const auto& expected = *parameters_[position];
    fail(argument.shape().type == expected.shape.type ? Code::SHAPE_MISMATCH : Code::DTYPE_MISMATCH,
         "execute {}: parameter {} is {}, the argument is {}", name_, position,
         describe(expected.shape, *expected.placement), describe(argument.shape(), *argument.placement()));
}

PJRT_Buffer* const* PjrtExecutable::gather_handles(std::span<Buffer* const> arguments) const {
    if (arguments.size() != parameters_.size())
        fail(Code::INVALID_ARGUMENT, "execute {}: the program has {} parameters, {} arguments were given", name_,
             parameters_.size(), arguments.size());
    const auto devices = static_cast<std::size_t>(mesh_.size());
    scratch.arguments.resize(arguments.size() * devices);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const Buffer& argument = *arguments[i];
        const auto& expected = *parameters_[i];
        if (typeid(argument) != typeid(PjrtBuffer))
            fail(Code::INVALID_ARGUMENT, "execute {}: argument {} belongs to another backend", name_, i);
        const auto& buffer = static_cast<const PjrtBuffer&>(argument);
        buffer.expect_not_donated();
        if (&buffer.spec() != &expected) {
            if (buffer.spec().client != client_)
                fail(Code::INVALID_ARGUMENT, "execute {}: argument {} belongs to another client", name_, i);
            if (buffer.shape() != expected.shape ||
                !same_place(expected.shape, *buffer.placement(), *expected.placement))
                fail_argument(i, argument);
        }
        for (std::size_t d = 0; d < devices; ++d) scratch.arguments[d * arguments.size() + i] = buffer.shard(d);
    }
    return scratch.arguments.data();
}

void PjrtExecutable::mark_donated(std::span<Buffer* const> arguments, std::span<const std::int64_t> keep) const {
    for (const auto parameter : reused_)
        if (std::find(keep.begin(), keep.end(), parameter) == keep.end())
            static_cast<PjrtBuffer*>(arguments[static_cast<std::size_t>(parameter)])->mark_donated();
}

std::vector<BufferPtr> PjrtExecutable::execute(std::span<Buffer* const> arguments, std::span<const std::int64_t> keep) {
    const auto* const handles = gather_handles(arguments);
    const auto devices = static_cast<std::size_t>(mesh_.size());
    scratch.results.resize(results_.size() * devices);
    scratch.argument_lists.resize(devices);
    scratch.result_lists.resize(devices);
    for (std::size_t d = 0; d < devices; ++d) {
        scratch.argument_lists[d] = handles + d * arguments.size();
        scratch.result_lists[d] = scratch.results.data() + d * results_.size();
    }
    PJRT_ExecuteOptions options{.struct_size = PJRT_ExecuteOptions_STRUCT_SIZE,
                                .non_donatable_input_indices = keep.data(),
                                .num_non_donatable_input_indices = keep.size()};
    {
        std::unique_lock lock(client_->launch_mutex(), std::defer_lock);
        if (devices > 1) lock.lock();
        try {
            client_->api().call<&PJRT_Api::PJRT_LoadedExecutable_Execute>(
                {.executable = loaded_,
                 .options = &options,
                 .argument_lists = scratch.argument_lists.data(),
                 .num_devices = devices,
                 .num_args = arguments.size(),
                 .output_lists = scratch.result_lists.data()});
        } catch (const Error& error) {
            raise(error.code(), fmt::format("execute {}: {}", name_, error.message()), error.context());
        }
    }
    mark_donated(arguments, keep);
    std::vector<BufferPtr> results;
    results.reserve(results_.size());
    for (std::size_t i = 0; i < results_.size(); ++i)
        results.push_back(std::make_shared<PjrtBuffer>(results_[i], scratch.results.data() + i, results_.size()));
    return results;
}

CompiledMemory PjrtExecutable::memory() const { return memory_of(client_->api(), handle_); }

std::string PjrtExecutable::optimized_program() const { return optimized_program_of(client_->api(), handle_); }

std::string PjrtExecutable::serialized() const {
    const auto& api = client_->api();
    if (!api.has<&PJRT_Api::PJRT_Executable_Serialize>()) return {};
    const auto result = api.call<&PJRT_Api::PJRT_Executable_Serialize>({.executable = handle_});
    std::string bytes(result.serialized_bytes, result.serialized_bytes_size);
    result.serialized_executable_deleter(result.serialized_executable);
    return bytes;
}

std::string PjrtExecutable::optimized_text() const { return hlo_listing(optimized_program()); }

Schedule PjrtExecutable::schedule() const { return hlo_schedule(optimized_program()); }

}  // namespace podium

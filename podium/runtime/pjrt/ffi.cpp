#include "podium/runtime/pjrt/ffi.h"

#include <xla_ffi_c_api.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <set>

#include "podium/ir/custom_operator.h"
#include "podium/runtime/pjrt/kernels.h"
#include "podium/runtime/pjrt/library_operators.h"
#include "podium/runtime/pjrt/types.h"

namespace podium {
namespace {

/// The part of the extension that is used. Source: xla/pjrt/c/pjrt_c_api_ffi_extension.h, which no package carries.
struct RegisterHandler {
    std::size_t struct_size;
    const char* target_name;
    std::size_t target_name_size;
    XLA_FFI_Handler* handler;
    const char* platform_name;
    std::size_t platform_name_size;
    std::uint32_t traits;
};
struct FfiExtension {
    PJRT_Extension_Base base;
    void* register_type;
    void* add_user_data;
    PJRT_Error* (*register_handler)(RegisterHandler*);
};

/// The calls of one for_each. Whoever runs takes the next one; a task that comes late finds none.
struct Work {
    std::int64_t count;
    const std::function<void(std::int64_t)>* function;  ///< lives until `left` is 0
    std::atomic<std::int64_t> next = 0, left;
    std::mutex mutex;
    std::exception_ptr error;

    Work(std::int64_t calls, const std::function<void(std::int64_t)>& f) : count(calls), function(&f), left(calls) {}

    void run() noexcept {
        for (auto i = next++; i < count; i = next++) {
            try {
                (*function)(i);
            } catch (...) {
                const std::lock_guard lock(mutex);
                error = std::current_exception();
            }
            if (--left == 0) left.notify_all();
        }
    }
};

/// Frees the error; returns whether there was one.
bool has_failed(const XLA_FFI_CallFrame& frame, XLA_FFI_Error* error) {
    if (error == nullptr) return false;
    XLA_FFI_Error_Destroy_Args args{.struct_size = XLA_FFI_Error_Destroy_Args_STRUCT_SIZE, .error = error};
    frame.api->XLA_FFI_Error_Destroy(&args);
    return true;
}

std::int64_t pool_threads(const XLA_FFI_CallFrame& frame) {
    std::int64_t threads = 1;
    XLA_FFI_ThreadPool_NumThreads_Args args{
        .struct_size = XLA_FFI_ThreadPool_NumThreads_Args_STRUCT_SIZE, .ctx = frame.ctx, .num_threads = &threads};
    return has_failed(frame, frame.api->XLA_FFI_ThreadPool_NumThreads(&args)) ? 1 : threads;
}

/// Runs the calls on this thread and those of the plugin's pool that are free. It waits for no task to begin: all
/// threads of the pool may be in here at once.
void for_each(const XLA_FFI_CallFrame& frame, std::int64_t count, const std::function<void(std::int64_t)>& f) {
    const auto work = std::make_shared<Work>(count, f);
    const auto helpers = std::min(count, pool_threads(frame)) - 1;
    for (std::int64_t i = 0; i < helpers; ++i) {
        auto shared = std::make_unique<std::shared_ptr<Work>>(work);
        XLA_FFI_ThreadPool_Schedule_Args args{
            .struct_size = XLA_FFI_ThreadPool_Schedule_Args_STRUCT_SIZE,
            .ctx = frame.ctx,
            .task =
                [](void* data) {
                    const std::unique_ptr<std::shared_ptr<Work>> mine(static_cast<std::shared_ptr<Work>*>(data));
                    (*mine)->run();
                },
            .data = shared.get()};
        if (has_failed(frame, frame.api->XLA_FFI_ThreadPool_Schedule(&args))) break;  // this thread does it all
        static_cast<void>(shared.release());                                          // the task's own now
    }
    work->run();
    for (auto left = work->left.load(); left > 0; left = work->left.load()) work->left.wait(left);
    if (work->error) std::rethrow_exception(work->error);
}

HostArray view_of(const void* argument) {
    const auto& buffer = *static_cast<const XLA_FFI_Buffer*>(argument);
    const auto type = find_xla_type(static_cast<std::uint64_t>(buffer.dtype));
    if (!type) fail(Code::UNIMPLEMENTED, "a buffer of XLA's type {}", static_cast<int>(buffer.dtype));
    return {Shape(*type, Dims(buffer.dims, buffer.dims + buffer.rank)), static_cast<const std::byte*>(buffer.data),
            nullptr};
}

std::string_view text_of(const void* span) {
    const auto& bytes = *static_cast<const XLA_FFI_ByteSpan*>(span);
    return {bytes.ptr, bytes.len};
}

CallSetting setting_of(XLA_FFI_AttrType type, const void* attribute) {
    if (type == XLA_FFI_AttrType_STRING) return std::string(text_of(attribute));
    const auto& scalar = *static_cast<const XLA_FFI_Scalar*>(attribute);
    switch (scalar.dtype) {
        case XLA_FFI_DataType_PRED: return *static_cast<const bool*>(scalar.value);
        case XLA_FFI_DataType_F64: return *static_cast<const double*>(scalar.value);
        default: return *static_cast<const std::int64_t*>(scalar.value);
    }
}

void* cuda_stream(const XLA_FFI_CallFrame& frame) {
    XLA_FFI_Stream_Get_Args args{.struct_size = XLA_FFI_Stream_Get_Args_STRUCT_SIZE, .ctx = frame.ctx};
    if (has_failed(frame, frame.api->XLA_FFI_Stream_Get(&args))) fail(Code::INTERNAL, "the program has no stream");
    return args.stream;
}

XLA_FFI_Error* error_of(const XLA_FFI_CallFrame& frame, Code code, const char* message) {
    const bool is_theirs = code <= Code::UNAUTHENTICATED;  // what XLA's codes have not is said by the message
    XLA_FFI_Error_Create_Args args{
        .struct_size = XLA_FFI_Error_Create_Args_STRUCT_SIZE,
        .message = message,
        .errc = is_theirs ? static_cast<XLA_FFI_Error_Code>(code) : XLA_FFI_Error_Code_INVALID_ARGUMENT};
    return frame.api->XLA_FFI_Error_Create(&args);
}

/// The plugin asks once which version of the interface we were compiled for. What we use of it is in both 0.2 and 0.3,
/// and plugins refuse handlers that are newer than they are: we are as old as the plugin.
void describe(const XLA_FFI_CallFrame& frame) {
    auto& metadata = *reinterpret_cast<XLA_FFI_Metadata_Extension*>(frame.extension_start)->metadata;
    metadata.api_version.major_version = XLA_FFI_API_MAJOR;
    metadata.api_version.minor_version = std::min(XLA_FFI_API_MINOR, frame.api->api_version.minor_version);
}

void run(const XLA_FFI_CallFrame& frame, bool is_cuda) {
    CallSettings settings;
    for (std::int64_t i = 0; i < frame.attrs.size; ++i)
        settings.emplace(text_of(frame.attrs.names[i]), setting_of(frame.attrs.types[i], frame.attrs.attrs[i]));
    const auto name = settings.extract(std::string(OPERATOR_SETTING));
    std::vector<HostArray> operands, results;
    for (std::int64_t i = 0; i < frame.args.size; ++i) operands.push_back(view_of(frame.args.args[i]));
    for (std::int64_t i = 0; i < frame.rets.size; ++i) results.push_back(view_of(frame.rets.rets[i]));
    run_operator(operator_rules(std::get<std::string>(name.mapped())),
                 {operands, results, settings, [&](std::int64_t count, const auto& f) { for_each(frame, count, f); },
                  is_cuda ? cuda_stream(frame) : nullptr});
}

template <bool IS_CUDA>
XLA_FFI_Error* handle(XLA_FFI_CallFrame* frame) {
    if (frame->extension_start != nullptr && frame->extension_start->type == XLA_FFI_Extension_Metadata) {
        describe(*frame);
        return nullptr;
    }
    try {
        run(*frame, IS_CUDA);
        return nullptr;
    } catch (const Error& error) {
        return error_of(*frame, error.code(), error.message().c_str());
    } catch (const std::exception& error) {
        return error_of(*frame, Code::INTERNAL, error.what());
    }
}

const FfiExtension* extension_of(const PjrtApi& api) {
    for (const auto* each = api.table()->extension_start; each != nullptr; each = each->next)
        if (each->type == PJRT_Extension_Type_FFI && each->struct_size >= sizeof(FfiExtension))
            return reinterpret_cast<const FfiExtension*>(each);
    return nullptr;
}

}  // namespace

bool register_operators(const PjrtApi& api, DeviceType type) {
    static std::mutex mutex;
    static std::set<const PJRT_Api*> done;
    const auto* const extension = extension_of(api);
    const bool is_cuda = type == DeviceType::CUDA;
    if (extension == nullptr || (!is_cuda && type != DeviceType::CPU)) return false;
    const std::lock_guard lock(mutex);
    define_kernels();
    define_library_operators();
    if (!done.insert(api.table()).second) return true;
    const std::string_view platform = is_cuda ? "CUDA" : "Host";
    RegisterHandler args{.struct_size = sizeof(RegisterHandler),
                         .target_name = OPERATOR_TARGET.data(),
                         .target_name_size = OPERATOR_TARGET.size(),
                         .handler = is_cuda ? handle<true> : handle<false>,
                         .platform_name = platform.data(),
                         .platform_name_size = platform.size()};
    if (auto* const error = extension->register_handler(&args); error != nullptr)
        api.raise_error(error, "registering operators");
    return true;
}

}  // namespace podium

#include "podium/runtime/pjrt/api.h"

#include <algorithm>
#include <array>

#include "podium/base/error.h"

namespace podium {
namespace {

/// Memory and quota share RESOURCE_EXHAUSTED; the words tell them apart.
bool is_about_memory(std::string_view message) {
    constexpr std::array WORDS{"memory", "Memory", "allocat", "Allocat", "OOM", "Oom", "HBM"};
    return std::any_of(WORDS.begin(), WORDS.end(),
                       [&](const char* word) { return message.find(word) != std::string_view::npos; });
}

}  // namespace

void PjrtApi::destroy(PJRT_Error* error) const noexcept {
    if (!error) return;
    PJRT_Error_Destroy_Args args{.struct_size = PJRT_Error_Destroy_Args_STRUCT_SIZE, .error = error};
    api_->PJRT_Error_Destroy(&args);
}

void PjrtApi::raise_error(PJRT_Error* error, std::string_view what) const {
    PJRT_Error_Message_Args text{.struct_size = PJRT_Error_Message_Args_STRUCT_SIZE, .error = error};
    api_->PJRT_Error_Message(&text);
    const std::string message(text.message, text.message_size);
    PJRT_Error_GetCode_Args kind{.struct_size = PJRT_Error_GetCode_Args_STRUCT_SIZE, .error = error};
    destroy(api_->PJRT_Error_GetCode(&kind));
    destroy(error);
    auto code = static_cast<Code>(kind.code);
    if (code == Code::RESOURCE_EXHAUSTED && is_about_memory(message)) code = Code::OUT_OF_MEMORY;
    raise(code, fmt::format("{}: {}", what, message));
}

void PjrtApi::raise_missing(std::string_view function) const {
    fail(Code::UNIMPLEMENTED, "{}: the plugin (PJRT {}.{}) does not have this function", function,
         api_->pjrt_api_version.major_version, api_->pjrt_api_version.minor_version);
}

void PjrtApi::await(PJRT_Event* event, std::string_view what) const {
    PJRT_Event_Await_Args args{.struct_size = PJRT_Event_Await_Args_STRUCT_SIZE, .event = event};
    PJRT_Error* error = api_->PJRT_Event_Await(&args);
    call_quietly<&PJRT_Api::PJRT_Event_Destroy>({.event = event});
    if (error) raise_error(error, what);
}

}  // namespace podium

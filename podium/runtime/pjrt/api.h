#pragma once

#include <pjrt_c_api.h>

#include <string>
#include <string_view>

#include "podium/runtime/pjrt/args_size.h"

namespace podium {

namespace detail {

template <class Method>
struct PjrtMethod;
template <class Return, class Args>
struct PjrtMethod<Return (*PJRT_Api::*)(Args*)> {
    using Arguments = Args;
};

/// Returns "PJRT_Client_Create" for PJRT_Client_Create_Args, out of the compiler's spelling of this function.
template <class Args>
consteval std::string_view pjrt_function_name() {
    std::string_view text = __PRETTY_FUNCTION__;
    text.remove_prefix(text.find("PJRT_"));
    return text.substr(0, text.find("_Args"));
}

}  // namespace detail

/// The function table of one plugin. One checked call serves all of it:
///     api.call<&PJRT_Api::PJRT_Client_Create>({.create_options = options.data(), .num_options =
///     options.size()}).client
class PjrtApi {
public:
    explicit PjrtApi(const PJRT_Api* api) : api_(api) {}

    /// Returns the arguments as the plugin filled them; throws the plugin's error, or UNIMPLEMENTED where its table
    /// lacks the function.
    template <auto METHOD>
    auto call(typename detail::PjrtMethod<decltype(METHOD)>::Arguments args) const {
        using Args = decltype(args);
        if (PJRT_Error* error = invoke<METHOD>(args)) raise_error(error, detail::pjrt_function_name<Args>());
        return args;
    }

    /// The same for destructors and callbacks: an error is dropped, nothing throws.
    template <auto METHOD>
    void call_quietly(typename detail::PjrtMethod<decltype(METHOD)>::Arguments args) const noexcept {
        if (has<METHOD>()) {
            args.struct_size = PJRT_ARGS_SIZE<decltype(args)>;
            destroy((api_->*METHOD)(&args));
        }
    }

    /// True if the plugin's table, which may be older than our header, has the function.
    template <auto METHOD>
    bool has() const noexcept {
        const auto* field = reinterpret_cast<const char*>(&(api_->*METHOD));
        const auto end = field + sizeof(void*) - reinterpret_cast<const char*>(api_);
        return static_cast<std::size_t>(end) <= api_->struct_size && api_->*METHOD != nullptr;
    }

    /// Waits for `event`, destroys it, and throws its error under the name of `what`.
    void await(PJRT_Event* event, std::string_view what) const;
    /// Throws `error` as a podium Error whose message starts with `what`; destroys it.
    [[noreturn]] void raise_error(PJRT_Error* error, std::string_view what) const;
    /// Frees `error`, which may be null.
    void destroy(PJRT_Error* error) const noexcept;

    const PJRT_Api* table() const { return api_; }

private:
    template <auto METHOD, class Args>
    PJRT_Error* invoke(Args& args) const {
        if (!has<METHOD>()) raise_missing(detail::pjrt_function_name<Args>());
        args.struct_size = PJRT_ARGS_SIZE<Args>;
        return (api_->*METHOD)(&args);
    }
    [[noreturn]] void raise_missing(std::string_view function) const;

    const PJRT_Api* api_;
};

}  // namespace podium

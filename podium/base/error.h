#pragma once

#include <fmt/format.h>

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace podium {

/// What went wrong, by kind: gRPC's and PJRT's status codes, then podium's own.
enum class Code {
    OK = 0,
    CANCELLED = 1,
    UNKNOWN = 2,
    INVALID_ARGUMENT = 3,
    DEADLINE_EXCEEDED = 4,
    NOT_FOUND = 5,
    ALREADY_EXISTS = 6,
    PERMISSION_DENIED = 7,
    RESOURCE_EXHAUSTED = 8,
    FAILED_PRECONDITION = 9,
    ABORTED = 10,
    OUT_OF_RANGE = 11,
    UNIMPLEMENTED = 12,
    INTERNAL = 13,
    UNAVAILABLE = 14,
    DATA_LOSS = 15,
    UNAUTHENTICATED = 16,
    SHAPE_MISMATCH = 100,
    DTYPE_MISMATCH,
    TRACED_VALUE,
    DONATED,
    OUT_OF_MEMORY,
    COMPILE_FAILED,
    CHECKPOINT_CORRUPT,
    INVALID_CONFIG,
    INVALID_DATA,
    NOT_FINITE,
    PREEMPTED,
};

/// Returns the enumerator's own spelling, "SHAPE_MISMATCH".
std::string_view name(Code code);

/// The one error class. `what()` is the message followed by the context, one line each.
class Error : public std::exception {
public:
    Error(Code code, std::string message, std::string context = {});

    Code code() const noexcept { return code_; }
    /// Says what was asked, what was found, and what to do.
    const std::string& message() const noexcept { return message_; }
    /// Where it happened: a source line, a file, a device; empty where unknown.
    const std::string& context() const noexcept { return context_; }
    const char* what() const noexcept override { return text_.c_str(); }

private:
    Code code_;
    std::string message_, context_, text_;
};

/// The kinds that callers handle have types of their own to catch.
class OutOfMemory : public Error {
public:
    using Error::Error;
};
class CompileFailed : public Error {
public:
    using Error::Error;
};
class CheckpointCorrupt : public Error {
public:
    using Error::Error;
};
class InvalidConfig : public Error {
public:
    using Error::Error;
};
class Preempted : public Error {
public:
    using Error::Error;
};

/// Throws the error type that belongs to `code`.
[[noreturn]] void raise(Code code, std::string message, std::string context = {});

/// Throws `code` with a formatted message.
template <class... Args>
[[noreturn]] void fail(Code code, fmt::format_string<Args...> format, Args&&... args) {
    raise(code, fmt::format(format, std::forward<Args>(args)...));
}

/// A value, or the error why there is none; for operations where failing is an ordinary answer.
template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::move(value)) {}
    Result(Error error) : state_(std::move(error)) {}

    bool ok() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return ok(); }
    const Error& error() const { return std::get<1>(state_); }
    /// Returns the value; throws the error where there is none.
    T& value() & {
        if (!ok()) raise(error().code(), error().message(), error().context());
        return std::get<0>(state_);
    }
    const T& value() const& { return const_cast<Result*>(this)->value(); }
    T&& value() && { return std::move(value()); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

private:
    std::variant<T, Error> state_;
};

}  // namespace podium

#include "podium/base/error.h"

namespace podium {

std::string_view name(Code code) {
    switch (code) {
        case Code::OK: return "OK";
        case Code::CANCELLED: return "CANCELLED";
        case Code::UNKNOWN: return "UNKNOWN";
        case Code::INVALID_ARGUMENT: return "INVALID_ARGUMENT";
        case Code::DEADLINE_EXCEEDED: return "DEADLINE_EXCEEDED";
        case Code::NOT_FOUND: return "NOT_FOUND";
        case Code::ALREADY_EXISTS: return "ALREADY_EXISTS";
        case Code::PERMISSION_DENIED: return "PERMISSION_DENIED";
        case Code::RESOURCE_EXHAUSTED: return "RESOURCE_EXHAUSTED";
        case Code::FAILED_PRECONDITION: return "FAILED_PRECONDITION";
        case Code::ABORTED: return "ABORTED";
        case Code::OUT_OF_RANGE: return "OUT_OF_RANGE";
        case Code::UNIMPLEMENTED: return "UNIMPLEMENTED";
        case Code::INTERNAL: return "INTERNAL";
        case Code::UNAVAILABLE: return "UNAVAILABLE";
        case Code::DATA_LOSS: return "DATA_LOSS";
        case Code::UNAUTHENTICATED: return "UNAUTHENTICATED";
        case Code::SHAPE_MISMATCH: return "SHAPE_MISMATCH";
        case Code::DTYPE_MISMATCH: return "DTYPE_MISMATCH";
        case Code::TRACED_VALUE: return "TRACED_VALUE";
        case Code::DONATED: return "DONATED";
        case Code::OUT_OF_MEMORY: return "OUT_OF_MEMORY";
        case Code::COMPILE_FAILED: return "COMPILE_FAILED";
        case Code::CHECKPOINT_CORRUPT: return "CHECKPOINT_CORRUPT";
        case Code::INVALID_CONFIG: return "INVALID_CONFIG";
        case Code::INVALID_DATA: return "INVALID_DATA";
        case Code::NOT_FINITE: return "NOT_FINITE";
        case Code::PREEMPTED: return "PREEMPTED";
    }
    return "UNKNOWN";
}

Error::Error(Code code, std::string message, std::string context)
    : code_(code),
      message_(std::move(message)),
      context_(std::move(context)),
      text_(context_.empty() ? message_ : message_ + "\n  at " + context_) {}

void raise(Code code, std::string message, std::string context) {
    switch (code) {
        case Code::OUT_OF_MEMORY: throw OutOfMemory(code, std::move(message), std::move(context));
        case Code::COMPILE_FAILED: throw CompileFailed(code, std::move(message), std::move(context));
        case Code::CHECKPOINT_CORRUPT: throw CheckpointCorrupt(code, std::move(message), std::move(context));
        case Code::INVALID_CONFIG: throw InvalidConfig(code, std::move(message), std::move(context));
        case Code::PREEMPTED: throw Preempted(code, std::move(message), std::move(context));
        default: throw Error(code, std::move(message), std::move(context));
    }
}

}  // namespace podium

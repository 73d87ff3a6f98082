#include "podium/cli/exit_codes.h"

namespace podium {

int exit_code(Code code) {
    switch (code) {
        case Code::OK: return EXIT_DONE;
        case Code::INVALID_ARGUMENT:
        case Code::INVALID_CONFIG:
        case Code::NOT_FOUND:
        case Code::ALREADY_EXISTS:
        case Code::PERMISSION_DENIED:
        case Code::OUT_OF_RANGE:
        case Code::SHAPE_MISMATCH:
        case Code::DTYPE_MISMATCH: return EXIT_USAGE;
        case Code::INVALID_DATA: return EXIT_DATA;
        case Code::CHECKPOINT_CORRUPT:
        case Code::DATA_LOSS:
        case Code::RESOURCE_EXHAUSTED: return EXIT_CHECKPOINT;  // of the disk: memory has a code of its own
        case Code::UNAVAILABLE:
        case Code::UNIMPLEMENTED:
        case Code::FAILED_PRECONDITION:
        case Code::DEADLINE_EXCEEDED:
        case Code::CANCELLED:
        case Code::ABORTED:
        case Code::COMPILE_FAILED: return EXIT_DEVICE;
        case Code::OUT_OF_MEMORY: return EXIT_MEMORY;
        case Code::NOT_FINITE: return EXIT_NUMERICS;
        case Code::UNAUTHENTICATED: return EXIT_CLOUD;
        case Code::PREEMPTED: return EXIT_PREEMPTED;
        case Code::UNKNOWN:
        case Code::INTERNAL:
        case Code::TRACED_VALUE:
        case Code::DONATED: return EXIT_DEFECT;
    }
    return EXIT_DEFECT;
}

}  // namespace podium

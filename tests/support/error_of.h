#pragma once

#include <functional>

#include "podium/base/error.h"

namespace podium::test {

/// Returns the error that `action` throws; one of code OK where it throws none.
inline Error error_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error;
    }
    return {Code::OK, "nothing was thrown"};
}

}  // namespace podium::test

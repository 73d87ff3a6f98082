#pragma once

#include <gtest/gtest.h>

#include <string_view>
#include <utility>

#include "podium/base/error.h"

namespace podium {

/// For tests: expects that `action()` throws an Error of `code` whose message contains `part`.
template <class Action>
void expect_error(Code code, std::string_view part, Action&& action) {
    try {
        std::forward<Action>(action)();
        ADD_FAILURE() << "nothing was thrown; expected " << name(code) << ": " << part;
    } catch (const Error& error) {
        EXPECT_EQ(name(error.code()), name(code));
        EXPECT_NE(error.message().find(part), std::string::npos) << error.message() << "\n  lacks: " << part;
    }
}

}  // namespace podium

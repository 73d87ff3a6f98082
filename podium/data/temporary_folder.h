#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "podium/base/error.h"

namespace podium::data {

/// For tests: a new folder that goes away with the object.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "podium-data-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) fail(Code::INTERNAL, "cannot make the folder '{}'", pattern);
        path_ = pattern;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::string operator/(std::string_view name) const { return (path_ / name).string(); }
    void write(std::string_view name, std::string_view text) const {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name, std::ios::binary) << text;
    }

private:
    std::filesystem::path path_;
};

/// Runs `f` and expects an error of that code whose message contains `part`.
template <class F>
void expect_error(Code code, std::string_view part, F&& f) {
    try {
        f();
        ADD_FAILURE() << "no error; expected " << name(code) << ": " << part;
    } catch (const Error& error) {
        EXPECT_EQ(name(error.code()), name(code));
        EXPECT_NE(error.message().find(part), std::string::npos) << error.message() << "\n  lacks: " << part;
    }
}

}  // namespace podium::data

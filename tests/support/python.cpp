#include "tests/support/python.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

#include "podium/base/file.h"
#include "tests/support/temporary_folder.h"

namespace podium::test {

std::filesystem::path python_path() {
    const char* const chosen = std::getenv("PODIUM_PYTHON");
    return chosen != nullptr ? chosen : std::filesystem::path(PODIUM_SOURCE_DIR) / "build/venv/bin/python";
}

std::string run_python(const std::string& script, const std::vector<std::string>& arguments) {
    return run_python_of(python_path(), script, arguments);
}

std::string run_python_of(const std::filesystem::path& interpreter, const std::string& script,
                          const std::vector<std::string>& arguments) {
    const std::string& python = interpreter.native();
    if (::access(python.c_str(), X_OK) != 0)
        throw std::runtime_error(fmt::format("no Python at {}: run ./dev setup, or set PODIUM_PYTHON", python));
    const TemporaryFolder folder;
    const std::string out = folder / "out", err = folder / "err";

    std::vector<std::string> words{python, "-c", script};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv(words.size() + 1);  // the last is null
    for (std::size_t i = 0; i < words.size(); ++i) argv[i] = words[i].data();

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT, 0600);
    ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT, 0600);
    pid_t child = 0;
    const int error = ::posix_spawn(&child, python.c_str(), &actions, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::runtime_error(fmt::format("{}: {}", python, std::generic_category().message(error)));

    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        throw std::runtime_error(fmt::format("the Python script failed:\n{}", read_file(err)));
    return read_file(out);
}

}  // namespace podium::test

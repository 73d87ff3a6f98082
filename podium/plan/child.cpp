#include "podium/plan/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <thread>

#include "podium/base/error.h"

namespace podium::plan {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto BETWEEN_LOOKS = std::chrono::milliseconds(20);
constexpr std::size_t LONGEST_WORDS = 500;

std::string last_line(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::string line, last;
    while (std::getline(in, line))
        if (!line.empty()) last = line.substr(0, LONGEST_WORDS);
    return last;
}

pid_t start(const std::vector<std::string>& command, const std::filesystem::path& errors) {
    auto words = command;
    std::vector<char*> pointers(words.size() + 1);  // the last is null
    for (std::size_t i = 0; i < words.size(); ++i) pointers[i] = words[i].data();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    pid_t child = 0;
    const int error = posix_spawn(&child, pointers[0], &actions, nullptr, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0)
        fail(Code::INTERNAL, "plan: cannot start {}: {}", command.front(), std::generic_category().message(error));
    return child;
}

}  // namespace

ChildEnd run_child(const std::vector<std::string>& command, const std::filesystem::path& errors, double timeout_s) {
    const pid_t child = start(command, errors);
    const auto until = Clock::now() + std::chrono::duration<double>(timeout_s);
    ChildEnd end;
    int status = 0;
    while (true) {
        const pid_t done = waitpid(child, &status, end.timed_out ? 0 : WNOHANG);
        if (done == child) break;
        if (done < 0 && errno != EINTR)
            fail(Code::INTERNAL, "plan: cannot wait: {}", std::generic_category().message(errno));
        if (done == 0 && Clock::now() > until) {
            end.timed_out = true;
            kill(child, SIGKILL);
        }
        if (done == 0) std::this_thread::sleep_for(BETWEEN_LOOKS);
    }
    end.how = WIFEXITED(status) ? fmt::format("exit code {}", WEXITSTATUS(status))
                                : fmt::format("SIG{}", sigabbrev_np(WTERMSIG(status)));
    end.last_words = last_line(errors);
    return end;
}

}  // namespace podium::plan

#include "podium/cli/child_process.h"

#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>

#include "podium/base/error.h"

namespace podium {
namespace {

constexpr std::string_view FLAG = "--in-child";

int wait_for_exit(pid_t child) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) fail(Code::INTERNAL, "child: cannot wait: {}", std::generic_category().message(errno));
    return status;
}

}  // namespace

void add_child_flag(CLI::App& verb, bool& is_child) { verb.add_flag(std::string(FLAG), is_child)->group(""); }

int run_in_child(std::span<const std::string> words, std::string_view what) {
    std::vector<std::string> arguments{"podium"};
    arguments.insert(arguments.end(), words.begin(), words.end());
    arguments.emplace_back(FLAG);
    std::vector<char*> pointers(arguments.size() + 1);  // the last is null
    for (std::size_t i = 0; i < arguments.size(); ++i) pointers[i] = arguments[i].data();
    pid_t child = 0;
    std::fflush(stdout);
    if (const int error = posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, pointers.data(), environ))
        fail(Code::INTERNAL, "child: cannot start: {}", std::generic_category().message(error));
    const int status = wait_for_exit(child);
    if (WIFEXITED(status)) return WEXITSTATUS(status);
    const int signal = WTERMSIG(status);
    if (signal == SIGALRM)
        fail(Code::DEADLINE_EXCEEDED, "{}: not done within its --timeout; nothing was written", what);
    if (signal == SIGKILL)
        fail(Code::OUT_OF_MEMORY, "{}: the process was killed (SIGKILL), most often because memory ran out", what);
    fail(Code::UNAVAILABLE,
         "{}: the plugin's process died of SIG{} ({}); nothing was written. Another --flag or device may avoid it",
         what, sigabbrev_np(signal), strsignal(signal));
}

void follow_parent(unsigned timeout_s) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    alarm(timeout_s);
}

}  // namespace podium

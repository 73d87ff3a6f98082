#include "podium/proof/child.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "podium/base/error.h"

namespace podium::proof {
namespace {

/// The child's life; never returns.
[[noreturn]] void live(int pipe_end, const std::function<void(const Report&)>& work, unsigned silence_s) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    if (const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC); nowhere >= 0) ::dup2(nowhere, STDERR_FILENO);
    FILE* const out = ::fdopen(pipe_end, "w");
    const auto report = [&](std::string_view line) {
        ::alarm(silence_s);
        std::fwrite(line.data(), 1, line.size(), out);
        std::fputc('\n', out);
        std::fflush(out);
    };
    int code = 0;
    try {
        ::alarm(silence_s);
        work(report);
    } catch (const Error& error) {
        report(std::string("!") + error.what());
        code = 1;
    } catch (...) {  // a plugin threw through its C interface
        std::abort();
    }
    ::_exit(code);  // the plugin's own exit handlers have nothing to say
}

}  // namespace

std::string run_in_fork(const std::function<void(const Report&)>& work, const Report& receive, unsigned silence_s) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        fail(Code::INTERNAL, "child: no pipe: {}", std::generic_category().message(errno));
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child < 0) fail(Code::INTERNAL, "child: cannot start: {}", std::generic_category().message(errno));
    if (child == 0) {
        ::close(ends[0]);
        live(ends[1], work, silence_s);
    }
    ::close(ends[1]);
    FILE* const in = ::fdopen(ends[0], "r");
    char* line = nullptr;
    std::size_t capacity = 0;
    std::string failure;
    while (::getline(&line, &capacity, in) > 0) {
        std::string_view text(line);
        text.remove_suffix(text.ends_with('\n') ? 1 : 0);
        text.starts_with('!') ? static_cast<void>(failure = text.substr(1)) : receive(text);
    }
    std::free(line);
    std::fclose(in);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!failure.empty()) fail(Code::UNAVAILABLE, "{}", failure);
    if (WIFEXITED(status)) return WEXITSTATUS(status) == 0 ? "" : fmt::format("exit code {}", WEXITSTATUS(status));
    if (WTERMSIG(status) == SIGALRM) return fmt::format("silent for {} s", silence_s);
    return fmt::format("SIG{}", sigabbrev_np(WTERMSIG(status)));
}

}  // namespace podium::proof

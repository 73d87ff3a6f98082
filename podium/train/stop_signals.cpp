#include "podium/train/stop_signals.h"

#include <unistd.h>

namespace podium::train {
namespace {

constexpr int EXIT_INTERRUPTED = 128 + SIGINT;
volatile std::sig_atomic_t asked_by = 0;
volatile std::sig_atomic_t interrupted = 0;

extern "C" void ask_to_stop(int signal) {
    if (signal == SIGINT) {
        if (interrupted != 0) ::_exit(EXIT_INTERRUPTED);
        interrupted = 1;
    }
    asked_by = signal;
}

}  // namespace

StopSignals::StopSignals() {
    asked_by = 0;
    interrupted = 0;
    struct sigaction action {};
    action.sa_handler = ask_to_stop;
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGTERM, &action, &terminate_before_);
    ::sigaction(SIGINT, &action, &interrupt_before_);
}

StopSignals::~StopSignals() {
    ::sigaction(SIGTERM, &terminate_before_, nullptr);
    ::sigaction(SIGINT, &interrupt_before_, nullptr);
}

bool StopSignals::requested() const { return asked_by != 0; }
std::string_view StopSignals::name() const { return asked_by == SIGTERM ? "SIGTERM" : "SIGINT"; }

}  // namespace podium::train

#pragma once

#include <filesystem>
#include <memory>
#include <vector>

namespace podium {

/// The dashboard's HTTP server on the loopback address: `/` is the page, `/events` a text/event-stream of what the runs
/// write, `/runs` and `/curves?run=0&buckets=400` JSON, `/metrics` for Prometheus. Requests that name another host are
/// refused, so that no page of another site can read through a name of its own.
class DashboardServer {
public:
    /// Starts to serve; port 0 is one that is free. Throws UNAVAILABLE where the port is taken, and as `WatchedRuns`.
    DashboardServer(const std::vector<std::filesystem::path>& runs, int port);
    DashboardServer(const DashboardServer&) = delete;
    DashboardServer& operator=(const DashboardServer&) = delete;
    ~DashboardServer();

    int port() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// True if a Host header names this machine's loopback: "localhost", "127.0.0.1", "[::1]", with any port.
bool is_loopback(std::string_view host);

}  // namespace podium

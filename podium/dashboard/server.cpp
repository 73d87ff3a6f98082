#include "podium/dashboard/server.h"

#include <httplib.h>

#include <atomic>
#include <charconv>

#include "podium/base/error.h"
#include "podium/dashboard/page.h"
#include "podium/dashboard/watched_runs.h"

namespace podium {
namespace {

constexpr const char* ADDRESS = "127.0.0.1";
constexpr std::size_t THREADS = 32;
constexpr int MOST_STREAMS = 24;  // each keeps a thread
constexpr std::size_t BUCKETS = 400, MOST_BUCKETS = 4000;
constexpr std::chrono::seconds HEARTBEAT{5};
constexpr std::chrono::milliseconds GATHERING{20};  // lines of a fast run travel together

/// Returns the parameter as a number, or `otherwise` where it is missing. Throws INVALID_ARGUMENT.
template <class T>
T parameter(const httplib::Request& request, const char* name, T otherwise) {
    if (!request.has_param(name)) return otherwise;
    const std::string text = request.get_param_value(name);
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        fail(Code::INVALID_ARGUMENT, "{}={} is no integer", name, text);
    return value;
}

void say(httplib::Response& response, int status, const std::string& words) {
    response.status = status;
    response.set_content(words + "\n", "text/plain; charset=utf-8");
}

}  // namespace

bool is_loopback(std::string_view host) {
    const auto colon = host.rfind(':');
    if (colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos)
        host = host.substr(0, colon);
    return host == "127.0.0.1" || host == "localhost" || host == "[::1]";
}

struct DashboardServer::State {
    explicit State(const std::vector<std::filesystem::path>& folders) : runs(folders) {}

    void stream(httplib::Response& response) {
        if (streams >= MOST_STREAMS) return say(response, 503, "too many pages are open");
        ++streams;
        const auto moment = std::make_shared<std::uint64_t>(runs.present());
        const auto greeted = std::make_shared<bool>(false);
        response.set_chunked_content_provider(
            "text/event-stream",
            [this, moment, greeted](std::size_t, httplib::DataSink& sink) {
                auto news = runs.wait(*moment, *greeted ? HEARTBEAT : std::chrono::seconds(0));
                if (runs.stopped()) return false;
                *moment = news.next;
                if (news.text.empty()) news.text = *greeted ? ": still here\n\n" : "retry: 1000\n\n";
                *greeted = true;
                const bool written = sink.write(news.text.data(), news.text.size());
                if (written) std::this_thread::sleep_for(GATHERING);
                return written;
            },
            [this](bool) { --streams; });
    }

    void route() {
        server.new_task_queue = [] { return new httplib::ThreadPool(THREADS); };
        server.set_tcp_nodelay(true);
        server.set_keep_alive_timeout(1);                   // so that ending does not wait long for idle connections
        server.set_socket_options([](socket_t listening) {  // the library's own share the port with another process
            const int yes = 1;
            ::setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        });
        server.set_default_headers(
            {{"Cache-Control", "no-store"},
             {"Content-Security-Policy",
              "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; "
              "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
             {"Referrer-Policy", "no-referrer"},
             {"X-Content-Type-Options", "nosniff"}});
        server.set_pre_routing_handler([](const httplib::Request& request, httplib::Response& response) {
            if (is_loopback(request.get_header_value("Host"))) return httplib::Server::HandlerResponse::Unhandled;
            say(response, 403, "this page is served to 127.0.0.1 and localhost only");
            return httplib::Server::HandlerResponse::Handled;
        });
        server.set_exception_handler(
            [](const httplib::Request&, httplib::Response& response, std::exception_ptr thrown) {
                try {
                    std::rethrow_exception(std::move(thrown));
                } catch (const Error& error) {
                    say(response, error.code() == Code::OUT_OF_RANGE ? 404 : 400, error.message());
                } catch (const std::exception& error) {
                    say(response, 500, error.what());
                }
            });
        server.Get("/", [](const httplib::Request&, httplib::Response& response) {
            response.set_content(std::string(DASHBOARD_PAGE), "text/html; charset=utf-8");
        });
        server.Get("/runs", [this](const httplib::Request&, httplib::Response& response) {
            response.set_content(fmt::format("{{\"format\": 1, \"runs\": {}}}", runs.summaries_json()),
                                 "application/json");
        });
        server.Get("/curves", [this](const httplib::Request& request, httplib::Response& response) {
            const auto run = parameter<std::size_t>(request, "run", 0);
            const auto buckets = std::min(MOST_BUCKETS, parameter<std::size_t>(request, "buckets", BUCKETS));
            const StepRange range{parameter(request, "first", StepRange{}.first),
                                  parameter(request, "last", StepRange{}.last)};
            response.set_content(
                fmt::format("{{\"format\": 1, \"curves\": {}}}", runs.curves_json(run, buckets, range)),
                "application/json");
        });
        server.Get("/events", [this](const httplib::Request&, httplib::Response& response) { stream(response); });
        server.Get("/metrics", [this](const httplib::Request&, httplib::Response& response) {
            response.set_content(runs.prometheus(), "text/plain; version=0.0.4; charset=utf-8");
        });
    }

    WatchedRuns runs;
    httplib::Server server;
    std::atomic<int> streams = 0;
    int port = 0;
    std::thread thread;
};

DashboardServer::DashboardServer(const std::vector<std::filesystem::path>& runs, int port)
    : state_(std::make_unique<State>(runs)) {
    auto& server = state_->server;
    state_->route();
    state_->port = port;
    if (port == 0)
        state_->port = server.bind_to_any_port(ADDRESS);
    else if (!server.bind_to_port(ADDRESS, port))
        state_->port = -1;
    if (state_->port < 0)
        fail(Code::UNAVAILABLE, "cannot listen on {}:{}; it may be taken: give another --port, or none", ADDRESS, port);
    state_->thread = std::thread([&server] { server.listen_after_bind(); });
}

DashboardServer::~DashboardServer() {
    state_->runs.stop();
    while (!state_->server.is_running()) std::this_thread::yield();
    state_->server.stop();
    state_->thread.join();
}

int DashboardServer::port() const { return state_->port; }

}  // namespace podium

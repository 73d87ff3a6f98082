#include "podium/dashboard/watched_runs.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "podium/base/error.h"
#include "podium/dashboard/prometheus.h"
#include "podium/runs/run_files.h"
#include "podium/runs/run_json.h"

namespace podium {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t KEPT_MESSAGES = 4096;
constexpr std::chrono::seconds STATE_PAUSE{1};

std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

WatchedRuns::WatchedRuns(const std::vector<std::filesystem::path>& runs, std::chrono::milliseconds pause)
    : pause_(pause) {
    for (const auto& folder : runs) {
        expect_run(folder);
        runs_.push_back({folder, RunLog(folder), {}, {}});
        runs_.back().log.update();
        runs_.back().state = state_of(folder, runs_.back().log);
    }
    thread_ = std::jthread([this](const std::stop_token& stop) { follow(stop); });
}

void WatchedRuns::say(std::string_view kind, const std::string& data) {
    messages_.push_back(fmt::format("event: {}\ndata: {}\n\n", kind, data));
    if (messages_.size() <= KEPT_MESSAGES) return;
    messages_.pop_front();
    ++first_;
}

bool WatchedRuns::look() {
    const auto before = first_ + messages_.size();
    for (std::size_t i = 0; i < runs_.size(); ++i) {
        auto& run = runs_[i];
        const auto generation = run.log.generation();
        try {
            run.log.update([&](const RunEvent& event) {
                if (run.log.generation() != generation) return;  // told below, all at once
                say("line", fmt::format("{{\"run\": {}, \"line\": {}}}", i, to_json(event)));
            });
            if (run.log.generation() != generation || !run.problem.empty())
                say("anew", fmt::format("{{\"run\": {}}}", i));
            run.problem.clear();
        } catch (const Error& error) {
            if (run.problem != error.message()) say("problem", text_of({{"run", i}, {"message", error.message()}}));
            run.problem = error.message();
        }
    }
    return first_ + messages_.size() != before;
}

void WatchedRuns::follow(const std::stop_token& stop) {
    auto looked_at_states = std::chrono::steady_clock::now();
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
        bool news = look();
        if (const auto now = std::chrono::steady_clock::now(); news || now - looked_at_states >= STATE_PAUSE) {
            looked_at_states = now;
            for (std::size_t i = 0; i < runs_.size(); ++i) {
                const auto state = state_of(runs_[i].folder, runs_[i].log);
                if (state == runs_[i].state) continue;
                runs_[i].state = state;
                say("state", text_of({{"run", i}, {"state", state}}));
                news = true;
            }
        }
        if (news) changed_.notify_all();
        std::condition_variable_any().wait_for(lock, stop, pause_, [] { return false; });
    }
}

std::uint64_t WatchedRuns::present() const {
    const std::lock_guard lock(mutex_);
    return first_ + messages_.size();
}

WatchedRuns::News WatchedRuns::wait(std::uint64_t moment, std::chrono::milliseconds patience) const {
    std::unique_lock lock(mutex_);
    const auto present = [&] { return first_ + messages_.size(); };
    changed_.wait_for(lock, patience, [&] { return stopped_ || present() > moment; });
    News news{{}, present()};
    if (moment < first_) {
        news.text = "event: late\ndata: {}\n\n";
        return news;
    }
    for (auto at = moment; at < news.next; ++at) news.text += messages_[at - first_];
    return news;
}

void WatchedRuns::stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
}

bool WatchedRuns::stopped() const {
    const std::lock_guard lock(mutex_);
    return stopped_;
}

std::string WatchedRuns::summaries_json() const {
    const std::lock_guard lock(mutex_);
    Json all = Json::array();
    for (const auto& run : runs_) all.push_back(to_json(summary_of(run.folder, run.log)));
    return text_of(all);
}

std::string WatchedRuns::curves_json(std::size_t run, std::size_t buckets, StepRange range) const {
    const std::lock_guard lock(mutex_);
    if (run >= runs_.size()) fail(Code::OUT_OF_RANGE, "there is no run {}; there are {}", run, runs_.size());
    return text_of(podium::curves_json(runs_[run].log, buckets, range));
}

std::string WatchedRuns::prometheus() const {
    const std::lock_guard lock(mutex_);
    std::vector<ScrapedRun> scraped;
    scraped.reserve(runs_.size());
    for (const auto& run : runs_) scraped.push_back({summary_of(run.folder, run.log), &run.log});
    return prometheus_text(scraped);
}

}  // namespace podium

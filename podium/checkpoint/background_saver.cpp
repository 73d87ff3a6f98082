#include "podium/checkpoint/background_saver.h"

#include <chrono>

#include "podium/base/log.h"

namespace podium::checkpoint {

BackgroundSaver::BackgroundSaver(std::filesystem::path run, SaveOptions options)
    : run_(std::move(run)), options_(options) {}

BackgroundSaver::~BackgroundSaver() {
    try {
        wait();
    } catch (const std::exception& error) {
        logger().error("the last checkpoint was not saved: {}", error.what());
    }
}

void BackgroundSaver::submit(Snapshot snapshot) {
    wait();
    running_ = std::async(std::launch::async, [run = run_, options = options_, snapshot = std::move(snapshot)] {
        return save(run, snapshot, options);
    });
}

std::vector<Saved> BackgroundSaver::poll() {
    if (running_.valid() && running_.wait_for(std::chrono::seconds(0)) == std::future_status::ready) wait();
    return std::exchange(finished_, {});
}

void BackgroundSaver::wait() {
    if (running_.valid()) finished_.push_back(running_.get());
}

}  // namespace podium::checkpoint

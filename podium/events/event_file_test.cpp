#include "podium/events/event_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "podium/base/error.h"
#include "podium/base/file.h"

namespace podium {
namespace {

using testing::HasSubstr;

RunEvent step(std::int64_t number) { return {"step", {{"step", number}, {"loss", 1.5}, {"tokens_per_s", 10.0}}}; }

class EventFile : public testing::Test {
protected:
    EventFile() {
        std::string folder = testing::TempDir() + "podium_events_XXXXXX";
        folder_ = ::mkdtemp(folder.data());
        path_ = folder_ / "metrics.jsonl";
    }
    ~EventFile() override { std::filesystem::remove_all(folder_); }

    std::filesystem::path folder_, path_;
};

Code code_of(const std::function<void()>& action, std::string_view message) {
    try {
        action();
    } catch (const Error& error) {
        EXPECT_THAT(error.message(), HasSubstr(message));
        return error.code();
    }
    return Code::OK;
}

TEST_F(EventFile, WhatIsWrittenIsReadAndTheSinkSeesTheSameLines) {
    std::string seen;
    const std::vector<RunEvent> events{
        step(1), {"checkpoint", {{"step", 1}, {"path", "checkpoints/1"}}}, {"end", {{"step", 1}, {"reason", "done"}}}};
    for (const RunEvent& event : events)  // a writer each: opening appends
        EventWriter(path_, [&](std::string_view line) { seen += std::string(line) + "\n"; }).write(event);
    EXPECT_EQ(read_events(path_), events);
    EXPECT_EQ(read_file(path_), seen);
}

TEST_F(EventFile, ATornLastLineIsNotReadAndIsCutOffBeforeTheNextOne) {
    EventWriter(path_).write(step(1));
    const std::string whole = read_file(path_);
    const std::string next = to_json(step(2));
    for (std::size_t length = 0; length <= next.size(); ++length) {
        std::ofstream(path_, std::ios::trunc) << whole << next.substr(0, length);
        ASSERT_EQ(read_events(path_).size(), 1U) << "torn after " << length << " bytes";
        EventWriter(path_).write(step(3));
        const auto events = read_events(path_);
        ASSERT_EQ(events.size(), 2U) << "torn after " << length << " bytes";
        ASSERT_EQ(events[1].step(), 3);
    }
}

TEST_F(EventFile, LinesFromManyThreadsStayWhole) {
    EventWriter writer(path_);
    std::vector<std::thread> threads(4);
    for (std::size_t t = 0; t < threads.size(); ++t)
        threads[t] = std::thread([&writer, t] {
            for (std::size_t i = 0; i < 250; ++i) writer.write(step(static_cast<std::int64_t>(t * 250 + i)));
        });
    for (auto& thread : threads) thread.join();
    std::vector<std::int64_t> steps;
    for (const RunEvent& event : read_events(path_)) steps.push_back(event.step().value());
    std::sort(steps.begin(), steps.end());
    ASSERT_EQ(steps.size(), 1000U);
    for (std::int64_t i = 0; i < 1000; ++i) EXPECT_EQ(steps[static_cast<std::size_t>(i)], i);
}

TEST_F(EventFile, AFullDiskIsAnErrorThatLeavesWholeLines) {
    EventWriter writer(path_);
    writer.write(step(1));
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{std::filesystem::file_size(path_) + 20, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const Code code = code_of([&] { writer.write(step(2)); }, "cannot append to the events file");
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    std::signal(SIGXFSZ, handler);
    EXPECT_EQ(code, Code::RESOURCE_EXHAUSTED);
    writer.write(step(3));
    EXPECT_EQ(read_events(path_).size(), 2U);
}

TEST_F(EventFile, ABadLineIsNamedByItsNumber) {
    EventWriter(path_).write(step(1));
    std::ofstream(path_, std::ios::app) << "{\"format\": 9}\nnonsense\n";
    EXPECT_EQ(code_of([&] { read_events(path_); }, "metrics.jsonl:2: event format 9 is newer"), Code::UNIMPLEMENTED);
    std::ofstream(path_, std::ios::trunc) << to_json(step(1)) << "\n\n";
    EXPECT_EQ(code_of([&] { read_events(path_); }, "metrics.jsonl:2: expected one JSON object"), Code::INVALID_DATA);
    EXPECT_EQ(code_of([&] { truncate_after(path_, 1); }, "metrics.jsonl:2: "), Code::INVALID_DATA);
}

TEST_F(EventFile, AFileThatCannotBeOpenedIsNamed) {
    EXPECT_EQ(code_of([&] { read_events(path_); }, "metrics.jsonl"), Code::NOT_FOUND);
    EXPECT_EQ(code_of([&] { EventWriter(folder_ / "absent" / "x"); }, "absent/x: No such file"), Code::NOT_FOUND);
}

TEST_F(EventFile, LaterStepsAreRemovedAndTheOtherLinesStayByteForByte) {
    {
        EventWriter writer(path_);
        for (std::int64_t i = 1; i <= 4; ++i) writer.write(step(i));
        writer.write({"eval", {{"step", 2}, {"loss", 1.0}}});
        writer.write({"eval", {{"step", 4}, {"loss", 1.0}}});
        writer.write({"checkpoint", {{"step", 2}, {"path", "checkpoints/2"}}});
        writer.write({"checkpoint", {{"step", 4}, {"path", "checkpoints/4"}}});
        writer.write({"warning", {{"message", "late"}, {"step", 4}}});
        writer.write({"end", {{"step", 4}, {"reason", "preempted"}}});
    }
    const std::string before = read_file(path_);
    std::ofstream(path_, std::ios::app) << "{\"format\": 1, \"ev";
    truncate_after(path_, 4);
    EXPECT_EQ(read_file(path_), before);
    truncate_after(path_, 2);
    std::vector<std::string> names;
    for (const RunEvent& event : read_events(path_))
        names.push_back(event.name + " " + std::to_string(event.step().value()));
    EXPECT_THAT(names, testing::ElementsAre("step 1", "step 2", "eval 2", "checkpoint 2", "warning 4", "end 4"));
    EXPECT_TRUE(before.starts_with(read_file(path_).substr(0, 100)));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1) << "a temporary file was left behind";
    truncate_after(folder_ / "absent.jsonl", 0);
}

TEST_F(EventFile, AFailedRewriteLeavesTheFileAsItWas) {
    for (std::int64_t i = 1; i <= 3; ++i) EventWriter(path_).write(step(i));
    const std::string before = read_file(path_);
    for (const std::string_view fault : {"enospc:WRITE:1", "enospc:FSYNC:1", "enospc:RENAME:1"}) {
        set_file_fault_hook(parse_file_fault(fault));
        EXPECT_NE(code_of([&] { truncate_after(path_, 1); }, ""), Code::OK) << fault;
        set_file_fault_hook({});
        EXPECT_EQ(read_file(path_), before) << fault;
    }
}

}  // namespace
}  // namespace podium

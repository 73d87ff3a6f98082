#include "podium/events/event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "podium/base/error.h"

namespace podium {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const EventTime MORNING = *parse_time("2026-11-21T07:00:00.123Z");
constexpr double INFINITE = std::numeric_limits<double>::infinity();

TEST(RunEvent, AStepIsOneLineThatBeginsAsTheContractSays) {
    const RunEvent event{"step", {{"step", 12}, {"loss", 2.5}, {"tokens_per_s", 1e5}}, MORNING};
    EXPECT_EQ(to_json(event), R"({"format": 1, "event": "step", "step": 12, "loss": 2.5, "tokens_per_s": 100000.0, )"
                              R"("time": "2026-11-21T07:00:00.123Z"})");
}

TEST(RunEvent, ANumberThatIsNotFiniteIsNullAndNamed) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const RunEvent event{
        "step", {{"step", 1}, {"loss", nan}, {"tokens_per_s", -INFINITE}, {"peak", INFINITE}}, MORNING};
    const std::string line = to_json(event);
    EXPECT_THAT(line, HasSubstr(R"("loss": null, "tokens_per_s": null, "peak": null, )"
                                R"("nonfinite": {"loss": "nan", "tokens_per_s": "-inf", "peak": "inf"})"));
    const RunEvent again = parse_event(line, "test");
    EXPECT_TRUE(std::isnan(again.number("loss").value()));
    EXPECT_EQ(again.number("tokens_per_s"), -INFINITE);
    EXPECT_EQ(again.number("peak"), INFINITE);
    EXPECT_EQ(again.find("nonfinite"), nullptr);
}

TEST(RunEvent, EveryRowOfTheSchemaIsWrittenAndReadBack) {
    for (const EventRow& row : event_schema()) {
        RunEvent event{std::string(row.name), {}, MORNING};
        for (const EventFieldRow& field : row.fields)
            event.fields.emplace_back(field.name, field.kind == FieldKind::INTEGER ? EventValue(7)
                                                  : field.kind == FieldKind::NUMBER
                                                      ? EventValue(0.1)
                                                      : EventValue("a \"b\"\n\xf0\x9f\x98\x80"));
        EXPECT_EQ(parse_event(to_json(event), "test"), event);
        for (std::size_t i = 0; i < row.fields.size(); ++i) {
            RunEvent lacking = event;
            lacking.fields.erase(lacking.fields.begin() + static_cast<std::ptrdiff_t>(i));
            if (row.fields[i].required)
                EXPECT_THROW(to_json(lacking), Error) << row.name << " without " << row.fields[i].name;
            else
                EXPECT_EQ(parse_event(to_json(lacking), "test"), lacking);
            RunEvent mistyped = event;
            mistyped.fields[i].second = true;
            EXPECT_THROW(to_json(mistyped), Error) << row.name << " with a mistyped " << row.fields[i].name;
        }
    }
}

TEST(RunEvent, RandomNumbersKeepTheirBits) {
    for (std::uint64_t seed = 0; seed < 5000; ++seed) {
        std::mt19937_64 random(seed);
        const double value = std::bit_cast<double>(random());
        const auto integer = static_cast<std::int64_t>(random());
        const RunEvent event{"warning", {{"message", "x"}, {"value", value}, {"integer", integer}}, MORNING};
        const RunEvent again = parse_event(to_json(event), "test");
        ASSERT_EQ(*again.find("integer"), EventValue(integer)) << "seed " << seed;
        const double found = again.number("value").value();
        ASSERT_TRUE(std::isnan(value) ? std::isnan(found)
                                      : std::bit_cast<std::uint64_t>(found) == std::bit_cast<std::uint64_t>(value))
            << "seed " << seed;
    }
}

TEST(RunEvent, TextThatIsNoUtf8IsStillOneLineOfJson) {
    const std::string line = to_json({"warning", {{"message", "bad \xff byte\n"}}, MORNING});
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_TRUE(nlohmann::json::accept(line));
}

TEST(RunEvent, WhatTheSchemaDoesNotKnowIsReadButNotWritten) {
    EXPECT_THROW(to_json({"chekpoint", {{"step", 1}}}), Error);
    EXPECT_THROW(to_json({"warning", {{"message", "x"}, {"time", 1}}}), Error);
    const auto event =
        parse_event(R"({"format": 1, "event": "later", "x": true, "time": "2026-11-21T07:00:00.123Z"})", "test");
    EXPECT_EQ(event.name, "later");
    EXPECT_EQ(*event.find("x"), EventValue(true));
}

TEST(RunEvent, WrongLinesAreRefusedWithTheReason) {
    const std::string time = R"("time": "2026-11-21T07:00:00.123Z"})";
    const std::vector<std::pair<std::string, std::string>> table{
        {"", "m.jsonl:3: expected one JSON object"},
        {"[1]", "expected one JSON object"},
        {"{\"a\": 1} x", "expected one JSON object"},
        {"{}", "lacks \"format\""},
        {R"({"format": "1"})", "\"format\" is not an integer from 1"},
        {R"({"format": 0})", "\"format\" is not an integer from 1"},
        {R"({"format": 1.5})", "\"format\" is not an integer from 1"},
        {R"({"format": 2, "future": []})", "event format 2 is newer than 1, the newest this podium reads; update"},
        {R"({"format": 18446744073709551615})", "event format 18446744073709551615 is newer"},
        {R"({"format": -1})", "\"format\" is not an integer from 1"},
        {R"({"format": 1})", "lacks \"event\""},
        {R"({"format": 1, "event": "end"})", "lacks \"time\""},
        {R"({"format": 1, "event": 3, )" + time, "\"event\" is not text"},
        {R"({"format": 1, "event": "end", "time": "2026-02-30T07:00:00.123Z"})", "\"time\" is not of the form"},
        {R"({"format": 1, "event": "end", "time": 5})", "\"time\" is not of the form"},
        {R"({"format": 1, "event": "eval", "loss": 1, )" + time, R"(the event "eval" lacks its field "step")"},
        {R"({"format": 1, "event": "eval", "loss": "x", "step": 1, )" + time,
         "\"loss\" of the event \"eval\" is not a"},
        {R"({"format": 1, "event": "eval", "loss": null, "step": 1, )" + time, "\"nonfinite\" does not say which"},
        {R"({"format": 1, "event": "eval", "loss": null, "nonfinite": {"loss": "big"}, "step": 1, )" + time,
         "\"nonfinite\" does not say which"},
        {R"({"format": 1, "event": "eval", "loss": 1, "step": 9223372036854775808, )" + time, "neither number"},
        {R"({"format": 1, "event": "x", "a": [], )" + time, "the field \"a\" is neither number, text nor boolean"},
    };
    for (const auto& [line, message] : table) try {
            parse_event(line, "m.jsonl:3");
            ADD_FAILURE() << "accepted " << line;
        } catch (const Error& error) {
            EXPECT_THAT(error.message(), HasSubstr(message));
            EXPECT_THAT(error.message(), StartsWith("m.jsonl:3: "));
        }
}

TEST(RunEvent, RandomBytesGiveErrorsAndNothingElse) {
    const std::string line = to_json({"eval", {{"step", 3}, {"loss", INFINITE}}, MORNING});
    const std::string alphabet = "{}[]\",:0123456789.eE-+ntfu\\ ";
    int refused = 0;
    for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
        std::mt19937_64 random(seed);
        std::string text = seed % 2 == 0 ? line : std::string(random() % 100, ' ');
        for (char& each : text)
            if (seed % 2 == 1 || random() % 30 == 0)
                each = seed % 3 == 0 ? static_cast<char>(random()) : alphabet[random() % alphabet.size()];
        try {
            parse_event(text, "fuzz");
        } catch (const Error&) {
            ++refused;
        } catch (const std::exception& error) {
            FAIL() << "seed " << seed << ": " << error.what() << "\n" << text;
        }
    }
    EXPECT_GT(refused, 10'000);
    EXPECT_THROW(parse_event(std::string(1 << 20, '['), "fuzz"), Error);
}

TEST(EventTime, TextAndMomentAreTheSame) {
    for (const std::string_view text :
         {"1970-01-01T00:00:00.000Z", "2024-02-29T23:59:59.999Z", "1969-12-31T23:59:59.001Z",
          "0000-01-01T00:00:00.000Z", "9999-12-31T00:00:00.000Z"})
        EXPECT_EQ(to_string(parse_time(text).value()), text);
    EXPECT_EQ(parse_time("1970-01-02T00:00:00.005Z")->time_since_epoch().count(), 86'400'005);
    for (const std::string_view text :
         {"", "2026-11-21", "2026-11-21T07:00:00Z", "2026-11-21T07:00:00.123", "2026-11-21T24:00:00.000Z",
          "2026-11-21T07:60:00.000Z", "2026-11-21T07:00:60.000Z", "2026-13-21T07:00:00.000Z",
          "2026-11-21 07:00:00.123Z", "2026-11-2xT07:00:00.123Z"})
        EXPECT_EQ(parse_time(text), std::nullopt) << text;
}

}  // namespace
}  // namespace podium

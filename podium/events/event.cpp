#include "podium/events/event.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "podium/base/error.h"

namespace podium {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::milliseconds;

constexpr std::array STEP_FIELDS{
    EventFieldRow{"step", FieldKind::INTEGER, true, "number of finished steps"},
    EventFieldRow{"loss", FieldKind::NUMBER, true, "training loss of the step"},
    EventFieldRow{"tokens_per_s", FieldKind::NUMBER, true, "tokens (or samples) a second since the step line before"},
    EventFieldRow{"seconds", FieldKind::NUMBER, false, "time spent in steps since the step line before"},
    EventFieldRow{"peak_share", FieldKind::NUMBER, false,
                  "matrix products a second, over what the devices reach at best, where that is known"},
    EventFieldRow{"gradient_norm", FieldKind::NUMBER, false, "norm of all gradients together"},
    EventFieldRow{"update_ratio", FieldKind::NUMBER, false, "norm of the update over that of the parameters"},
    EventFieldRow{"loss_scale", FieldKind::NUMBER, false, "what an f16 loss was multiplied by"},
    EventFieldRow{"skipped_steps", FieldKind::INTEGER, false, "steps so far whose scaled gradients overflowed"},
    EventFieldRow{"rate_scale", FieldKind::NUMBER, false, "what a plateau has left of the learning rate"},
    EventFieldRow{"data_seconds", FieldKind::NUMBER, false, "of them, waiting for the next batch to be read"},
    EventFieldRow{"eval_seconds", FieldKind::NUMBER, false, "time spent evaluating since the step line before"},
    EventFieldRow{"save_seconds", FieldKind::NUMBER, false, "time that saving held training up since then"},
    EventFieldRow{"learning_rate", FieldKind::NUMBER, false, "that the step was made with"},
    EventFieldRow{"memory_bytes", FieldKind::INTEGER, false, "in use on the device; on the CPU, by the process"},
    EventFieldRow{"memory_limit_bytes", FieldKind::INTEGER, false, "that the device has; on the CPU, the machine"},
};
constexpr std::array CHECKPOINT_FIELDS{
    EventFieldRow{"step", FieldKind::INTEGER, true, "step that the checkpoint holds"},
    EventFieldRow{"path", FieldKind::TEXT, true, "its folder"},
};
constexpr std::array EVAL_FIELDS{
    EventFieldRow{"step", FieldKind::INTEGER, true, "step whose parameters were used"},
    EventFieldRow{"loss", FieldKind::NUMBER, true, "mean loss of the held-out data"},
    EventFieldRow{"accuracy", FieldKind::NUMBER, false, "share of its targets that the model holds likeliest"},
};
constexpr std::array RESUME_FIELDS{
    EventFieldRow{"step", FieldKind::INTEGER, true, "step of the checkpoint that training goes on from"},
};
constexpr std::array RECOVERY_FIELDS{
    EventFieldRow{"step", FieldKind::INTEGER, true, "last finished step"},
    EventFieldRow{"remedy", FieldKind::TEXT, true, "what was tried: a row of the recovery table"},
    EventFieldRow{"reason", FieldKind::TEXT, true, "the error"},
    EventFieldRow{"from_step", FieldKind::INTEGER, true, "step that training goes on from"},
    EventFieldRow{"steps_redone", FieldKind::INTEGER, true, "finished steps that are lost"},
    EventFieldRow{"seconds", FieldKind::NUMBER, true, "time lost: those steps, compiling and loading"},
};
constexpr std::array SAMPLE_FIELDS{
    EventFieldRow{"step", FieldKind::INTEGER, true, "step whose parameters were used"},
    EventFieldRow{"prompt", FieldKind::TEXT, true, "what the text goes on from"},
    EventFieldRow{"text", FieldKind::TEXT, true, "what the model made"},
};
constexpr std::array WARNING_FIELDS{
    EventFieldRow{"message", FieldKind::TEXT, true, "what to know"},
};
constexpr std::array END_FIELDS{
    EventFieldRow{"step", FieldKind::INTEGER, true, "last finished step"},
    EventFieldRow{"reason", FieldKind::TEXT, true, "done, stopped early, preempted, or the name of the error's code"},
};
constexpr std::array<EventRow, 8> SCHEMA{{
    {"step", "a training step finished", STEP_FIELDS},
    {"checkpoint", "a checkpoint was committed", CHECKPOINT_FIELDS},
    {"eval", "the held-out data was evaluated", EVAL_FIELDS},
    {"resume", "training goes on from a checkpoint", RESUME_FIELDS},
    {"recovery", "the run got itself out of trouble, or tried to", RECOVERY_FIELDS},
    {"sample", "the model was let go on with a text", SAMPLE_FIELDS},
    {"warning", "something to know went wrong and was handled", WARNING_FIELDS},
    {"end", "the run stops here", END_FIELDS},
}};

/// Names that every line has beside its event's own fields.
constexpr std::array<std::string_view, 4> RESERVED{"format", "event", "time", "nonfinite"};

bool is_reserved(std::string_view name) { return std::find(RESERVED.begin(), RESERVED.end(), name) != RESERVED.end(); }

bool has_kind(const EventValue& value, FieldKind kind) {
    switch (kind) {
        case FieldKind::INTEGER: return std::holds_alternative<std::int64_t>(value);
        case FieldKind::NUMBER: return std::holds_alternative<double>(value) || has_kind(value, FieldKind::INTEGER);
        case FieldKind::TEXT: break;
    }
    return std::holds_alternative<std::string>(value);
}

std::string_view name_of(FieldKind kind) {
    return kind == FieldKind::INTEGER ? "an integer" : kind == FieldKind::NUMBER ? "a number" : "text";
}

const EventRow* row_of(std::string_view name) {
    const auto found =
        std::find_if(SCHEMA.begin(), SCHEMA.end(), [&](const EventRow& row) { return row.name == name; });
    return found == SCHEMA.end() ? nullptr : &*found;
}

/// Returns in what an event departs from its row; empty where in nothing.
std::string defect_of(const RunEvent& event, const EventRow& row) {
    for (const EventFieldRow& field : row.fields) {
        const EventValue* value = event.find(field.name);
        if (value == nullptr && field.required)
            return fmt::format("the event \"{}\" lacks its field \"{}\"", event.name, field.name);
        if (value != nullptr && !has_kind(*value, field.kind))
            return fmt::format("the field \"{}\" of the event \"{}\" is not {}", field.name, event.name,
                               name_of(field.kind));
    }
    return {};
}

std::string json_text(std::string_view text) { return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string_view nonfinite_name(double value) { return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf"; }

std::optional<double> nonfinite_named(std::string_view name) {
    constexpr double INFINITE = std::numeric_limits<double>::infinity();
    if (name == "nan") return std::numeric_limits<double>::quiet_NaN();
    if (name == "inf") return INFINITE;
    if (name == "-inf") return -INFINITE;
    return std::nullopt;
}

std::string value_text(const EventValue& value) {
    return std::visit(
        [](const auto& v) -> std::string {
            if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::string>)
                return json_text(v);
            else
                return Json(v).dump();  // null for what is not finite
        },
        value);
}

/// Reads one line's object; its errors say where.
class LineReader {
public:
    LineReader(std::string_view line, std::string_view where) : where_(where) {
        thread_local simdjson::dom::parser parser;  // keeps its memory from line to line
        if (parser.parse(line.data(), line.size()).get(object_) != simdjson::SUCCESS)
            refuse("expected one JSON object");
    }
    RunEvent read() const {
        expect_format();
        const auto name = member("event").get_string();
        const auto time = member("time").get_string();
        if (name.error() != simdjson::SUCCESS) refuse("\"event\" is not text");
        const auto moment = time.error() == simdjson::SUCCESS ? parse_time(time.value_unsafe()) : std::nullopt;
        if (!moment) refuse("\"time\" is not of the form 2026-11-21T07:00:00.123Z");
        RunEvent event{std::string(name.value_unsafe()), {}, *moment};
        event.fields.reserve(object_.size());
        for (const auto& [key, value] : object_)
            if (!is_reserved(key)) event.fields.emplace_back(key, value_of(key, value));
        const EventRow* row = row_of(event.name);
        const auto defect = row != nullptr ? defect_of(event, *row) : std::string();
        if (!defect.empty()) refuse(defect);
        return event;
    }

private:
    using Element = simdjson::dom::element;

    [[noreturn]] void refuse(std::string_view message) const { fail(Code::INVALID_DATA, "{}: {}", where_, message); }

    Element member(std::string_view name) const {
        Element found;
        if (object_.at_key(name).get(found) != simdjson::SUCCESS) refuse(fmt::format("an event lacks \"{}\"", name));
        return found;
    }
    void expect_format() const {
        std::uint64_t format = 0;
        if (member("format").get(format) != simdjson::SUCCESS || format == 0)
            refuse("\"format\" is not an integer from 1");
        if (format > EVENT_FORMAT)
            fail(Code::UNIMPLEMENTED,
                 "{}: event format {} is newer than {}, the newest this podium reads; update podium", where_, format,
                 EVENT_FORMAT);
    }
    EventValue value_of(std::string_view key, Element value) const {
        using Type = simdjson::dom::element_type;
        switch (value.type()) {
            case Type::BOOL: return bool{value};
            case Type::STRING: return std::string(std::string_view{value});
            case Type::DOUBLE: return double{value};
            case Type::INT64: return std::int64_t{value};
            case Type::NULL_VALUE: return nonfinite(key);
            default: refuse(fmt::format("the field \"{}\" is neither number, text nor boolean", key));
        }
    }
    double nonfinite(std::string_view key) const {
        std::string_view name;
        if (object_.at_key("nonfinite").at_key(key).get(name) == simdjson::SUCCESS)
            if (const auto value = nonfinite_named(name)) return *value;
        refuse(fmt::format("the field \"{}\" is null, and \"nonfinite\" does not say which number that is", key));
    }

    std::string_view where_;
    simdjson::dom::object object_;
};

}  // namespace

EventTime now() { return std::chrono::floor<milliseconds>(std::chrono::system_clock::now()); }

std::string to_string(EventTime time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

std::optional<EventTime> parse_time(std::string_view text) {
    static constexpr std::string_view FORM = "dddd-dd-ddTdd:dd:dd.dddZ";
    if (text.size() != FORM.size()) return std::nullopt;
    for (std::size_t i = 0; i < FORM.size(); ++i)
        if (FORM[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != FORM[i]) return std::nullopt;
    const auto number = [&](std::size_t begin, std::size_t count) {
        int value = 0;
        std::from_chars(text.data() + begin, text.data() + begin + count, value);
        return value;
    };
    const std::chrono::year_month_day date(std::chrono::year(number(0, 4)),
                                           std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                           std::chrono::day(static_cast<unsigned>(number(8, 2))));
    if (!date.ok() || number(11, 2) > 23 || number(14, 2) > 59 || number(17, 2) > 59) return std::nullopt;
    return std::chrono::sys_days(date) + std::chrono::hours(number(11, 2)) + std::chrono::minutes(number(14, 2)) +
           std::chrono::seconds(number(17, 2)) + milliseconds(number(20, 3));
}

const EventValue* RunEvent::find(std::string_view field) const {
    const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.first == field; });
    return found == fields.end() ? nullptr : &found->second;
}

std::optional<double> RunEvent::number(std::string_view field) const {
    const EventValue* value = find(field);
    if (value == nullptr) return std::nullopt;
    if (const auto* integer = std::get_if<std::int64_t>(value)) return static_cast<double>(*integer);
    if (const auto* real = std::get_if<double>(value)) return *real;
    return std::nullopt;
}

std::optional<std::int64_t> RunEvent::step() const {
    const EventValue* value = find("step");
    const auto* integer = value != nullptr ? std::get_if<std::int64_t>(value) : nullptr;
    return integer != nullptr ? std::optional(*integer) : std::nullopt;
}

std::span<const EventRow> event_schema() { return SCHEMA; }

std::string scalar_name(const RunEvent& event, std::string_view field) {
    if (event.name == "step") return fmt::format("train/{}", field);
    if (event.name == "eval") return fmt::format("validation/{}", field);
    return fmt::format("{}/{}", event.name, field);
}

std::string to_json(const RunEvent& event) {
    const EventRow* row = row_of(event.name);
    if (row == nullptr) fail(Code::INVALID_ARGUMENT, "there is no event \"{}\" in the schema", event.name);
    if (const auto defect = defect_of(event, *row); !defect.empty()) fail(Code::INVALID_ARGUMENT, "{}", defect);
    std::string line = fmt::format("{{\"format\": {}, \"event\": {}", EVENT_FORMAT, json_text(event.name));
    std::string nonfinite;
    for (const auto& [key, value] : event.fields) {
        if (is_reserved(key)) fail(Code::INVALID_ARGUMENT, "the field name \"{}\" is taken; choose another", key);
        line += fmt::format(", {}: {}", json_text(key), value_text(value));
        if (const auto* real = std::get_if<double>(&value); real != nullptr && !std::isfinite(*real))
            nonfinite +=
                fmt::format("{}{}: \"{}\"", nonfinite.empty() ? "" : ", ", json_text(key), nonfinite_name(*real));
    }
    if (!nonfinite.empty()) line += ", \"nonfinite\": {" + nonfinite + "}";
    return line + fmt::format(", \"time\": \"{}\"}}", to_string(event.time));
}

RunEvent parse_event(std::string_view line, std::string_view where) { return LineReader(line, where).read(); }

}  // namespace podium

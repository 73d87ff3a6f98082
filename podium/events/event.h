#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace podium {

/// The version of every line that this program writes, and the newest it reads.
inline constexpr std::uint64_t EVENT_FORMAT = 1;

/// A moment in UTC, to the millisecond.
using EventTime = std::chrono::sys_time<std::chrono::milliseconds>;
/// Returns the present moment.
EventTime now();
/// Returns "2026-11-21T07:00:00.123Z"; years 0 to 9999.
std::string to_string(EventTime time);
/// Returns the moment that such a text names, or nothing.
std::optional<EventTime> parse_time(std::string_view text);

using EventValue = std::variant<bool, std::int64_t, double, std::string>;
using EventField = std::pair<std::string, EventValue>;

/// One thing that happened in a run: a line of `metrics.jsonl` and of `podium train --json`.
/// `RunEvent{"step", {{"step", 12}, {"loss", 2.5}, {"tokens_per_s", 1e5}}}` is stamped with the present moment.
struct RunEvent {
    std::string name;                ///< a row of `event_schema`
    std::vector<EventField> fields;  ///< in the order of writing; more than the schema's are welcome
    EventTime time = now();

    /// Returns the field's value, or null.
    const EventValue* find(std::string_view field) const;
    /// Returns the field as a number, or nothing where it is missing or none.
    std::optional<double> number(std::string_view field) const;
    /// Returns the step that the event speaks of, or nothing.
    std::optional<std::int64_t> step() const;
    bool operator==(const RunEvent&) const = default;
};

enum class FieldKind { INTEGER, NUMBER, TEXT };

/// One field that an event has.
struct EventFieldRow {
    std::string_view name;
    FieldKind kind;
    bool required;
    std::string_view help;
};
/// One kind of event.
struct EventRow {
    std::string_view name, help;
    std::span<const EventFieldRow> fields;
};
/// Returns the rows that writer, reader and documentation share.
std::span<const EventRow> event_schema();

/// Returns the name under which plots and TensorBoard show a number of an event: "train/loss" of a step line,
/// "validation/loss" of an eval line, else "checkpoint/bytes".
std::string scalar_name(const RunEvent& event, std::string_view field);

/// Returns the event as one line of JSON, without its newline. Floats round-trip; one that is not finite is null, and
/// `"nonfinite": {"loss": "nan"}` says which ("nan", "inf", "-inf").
/// Throws INVALID_ARGUMENT for a name that is not in the schema and for a missing or mistyped field.
std::string to_json(const RunEvent& event);

/// Returns the event that a line holds; names and fields beyond the schema are kept. Throws INVALID_DATA, and
/// UNIMPLEMENTED for a newer format; `where` opens messages.
RunEvent parse_event(std::string_view line, std::string_view where);

}  // namespace podium

#include "podium/models/foreign_config.h"

#include <cmath>

#include "podium/base/error.h"
#include "podium/base/file.h"

namespace podium::models {
namespace {

using nlohmann::json;

constexpr int DEPTH_LIMIT = 16;

}  // namespace

json read_json_object(const std::filesystem::path& path) {
    const std::string text = read_file(path);
    const auto watch = [&](int depth, json::parse_event_t, json&) {
        if (depth > DEPTH_LIMIT) fail(Code::INVALID_DATA, "{}: nests too deep", path.string());
        return true;
    };
    try {
        json object = json::parse(text, watch);
        if (!object.is_object()) fail(Code::INVALID_DATA, "{}: is no JSON object", path.string());
        return object;
    } catch (const json::exception& error) {
        fail(Code::INVALID_DATA, "{}: is no JSON: {}", path.string(), error.what());
    }
}

ForeignConfig ForeignConfig::of_folder(const std::filesystem::path& folder) {
    const auto path = folder / "config.json";
    return {path.string(), read_json_object(path)};
}

bool ForeignConfig::has(const std::string& field) const { return object_.contains(field) && !object_[field].is_null(); }

void ForeignConfig::refuse(const std::string& field, std::string_view wanted) const {
    const auto found = has(field) ? object_[field].dump(-1, ' ', true, json::error_handler_t::replace) : "absent";
    fail(Code::INVALID_DATA, "{}: {} is {}; wanted {}", file_, field, found.substr(0, 80), wanted);
}

std::int64_t ForeignConfig::size(const std::string& field, std::int64_t most) const {
    const auto wanted = [&] { return fmt::format("a whole number of 1 to {}", most); };
    if (!has(field) || !object_[field].is_number_unsigned()) refuse(field, wanted());
    const auto value = object_[field].get<std::uint64_t>();
    if (value < 1 || value > static_cast<std::uint64_t>(most)) refuse(field, wanted());
    return static_cast<std::int64_t>(value);
}
std::int64_t ForeignConfig::size_or(const std::string& field, std::int64_t absent, std::int64_t most) const {
    return has(field) ? size(field, most) : absent;
}

double ForeignConfig::number(const std::string& field) const {
    if (!has(field) || !object_[field].is_number()) refuse(field, "a number");
    const auto value = object_[field].get<double>();
    if (!std::isfinite(value)) refuse(field, "a finite number");
    return value;
}
double ForeignConfig::number_or(const std::string& field, double absent) const {
    return has(field) ? number(field) : absent;
}

bool ForeignConfig::flag_or(const std::string& field, bool absent) const {
    if (!has(field)) return absent;
    if (!object_[field].is_boolean()) refuse(field, "true or false");
    return object_[field].get<bool>();
}

std::string ForeignConfig::text(const std::string& field) const {
    if (!has(field) || !object_[field].is_string()) refuse(field, "a text");
    return object_[field].get<std::string>();
}
std::string ForeignConfig::text_or(const std::string& field, const std::string& absent) const {
    return has(field) ? text(field) : absent;
}

std::vector<std::string> ForeignConfig::texts(const std::string& field) const {
    std::vector<std::string> list;
    if (!has(field)) return list;
    if (!object_[field].is_array()) refuse(field, "a list of texts");
    for (const auto& item : object_[field]) {
        if (!item.is_string()) refuse(field, "a list of texts");
        list.push_back(item.get<std::string>());
    }
    return list;
}

ForeignConfig ForeignConfig::section(const std::string& field) const {
    if (!has(field)) return {file_ + ": " + field, json::object()};
    if (!object_[field].is_object()) refuse(field, "an object");
    return {file_ + ": " + field, object_[field]};
}

}  // namespace podium::models

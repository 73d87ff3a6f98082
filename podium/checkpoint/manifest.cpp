#include "podium/checkpoint/manifest.h"

#include <xxhash.h>

#include "podium/arrays/foreign_bytes.h"

namespace podium::checkpoint {
namespace {

using nlohmann::json;

constexpr std::size_t SIZE_LIMIT_BYTES = 100'000'000;
constexpr int DEPTH_LIMIT = 36;  // copying recurses: a hostile depth must not reach it
constexpr const char* HASH = "xxh3_128";

constexpr std::string_view NO_HASH = "00000000000000000000000000000000";

/// Puts `now` where the text has its own hash: it is the last key, so the last such string is the one.
void replace_hash(std::string& text, std::string_view before, std::string_view now) {
    const auto position = text.rfind(before);
    if (before.size() != NO_HASH.size() || position == text.npos)
        fail(Code::INVALID_DATA, "manifest: damaged, \"{}\" is no hash", before);
    text.replace(position, before.size(), now);
}

using Kind = bool (json::*)() const noexcept;

const json& field(const json& object, const char* name, Kind is_kind) {
    const auto found = object.find(name);
    if (found == object.end() || !(*found.*is_kind)())
        fail(Code::INVALID_DATA, "manifest: \"{}\" is missing or of the wrong kind", name);
    return *found;
}

std::string text_field(const json& object, const char* name) {
    return field(object, name, &json::is_string).get<std::string>();
}

/// Returns an unsigned number of at most `limit`.
std::uint64_t checked_number(const json& value, std::uint64_t limit) {
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > limit)
        fail(Code::INVALID_DATA, "manifest: {} is no number from 0 to {}", value.dump(), limit);
    return value.get<std::uint64_t>();
}

std::uint64_t number_field(const json& object, const char* name, std::uint64_t limit = UINT64_MAX) {
    return checked_number(field(object, name, &json::is_number), limit);
}

bool is_plain_file_name(std::string_view name) {
    return name.ends_with(".safetensors") && !name.starts_with('.') && name.find('/') == name.npos &&
           name.find('\0') == name.npos;
}

TensorRecord parse_record(const std::string& path, const json& fields) {
    if (!fields.is_object()) fail(Code::INVALID_DATA, "manifest: tensor \"{}\" is no object", path);
    TensorRecord record;
    record.file = text_field(fields, "file");
    record.hash = text_field(fields, HASH);
    const auto type = data_type_named(text_field(fields, "dtype"));
    if (!type) fail(Code::INVALID_DATA, "manifest: tensor \"{}\" has no data type that podium knows", path);
    record.shape.type = *type;
    for (const auto& dim : field(fields, "shape", &json::is_array))
        record.shape.dims.push_back(static_cast<std::int64_t>(checked_number(dim, INT64_MAX)));
    if (!checked_size_bytes(*type, record.shape.dims))
        fail(Code::INVALID_DATA, "manifest: tensor \"{}\" cannot have the shape {}", path, to_string(record.shape));
    if (!is_plain_file_name(record.file))
        fail(Code::INVALID_DATA, "manifest: tensor \"{}\" lies in \"{}\", which is no plain .safetensors file name",
             path, record.file);
    return record;
}

json parse_json(std::string_view text) {
    if (text.size() > SIZE_LIMIT_BYTES) fail(Code::INVALID_DATA, "manifest: {} bytes are too many", text.size());
    const auto watch = [](int depth, json::parse_event_t, json&) {
        if (depth > DEPTH_LIMIT) fail(Code::INVALID_DATA, "manifest: it nests too deep");
        return true;
    };
    try {
        return json::parse(text, watch);
    } catch (const json::exception& error) {
        fail(Code::INVALID_DATA, "manifest: no JSON: {}", error.what());
    }
}

}  // namespace

std::string hash_of(std::span<const std::byte> bytes) {
    const auto hash = XXH3_128bits(bytes.data(), bytes.size());
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

std::string to_text(const Manifest& manifest) {
    const auto& snapshot = manifest.snapshot;
    json tensors = json::object();
    for (const auto& [path, record] : manifest.tensors)
        tensors[path] = {{"file", record.file},
                         {"dtype", name(record.shape.type)},
                         {"shape", record.shape.dims},
                         {HASH, record.hash}};
    const json object{{"format", FORMAT},          {"step", snapshot.step},
                      {"cursor", snapshot.cursor}, {"key", snapshot.key},
                      {"config", snapshot.config}, {"tensors", std::move(tensors)},
                      {"extra", snapshot.extra},   {HASH, NO_HASH}};
    try {
        std::string text = object.dump(1) + '\n';
        replace_hash(text, NO_HASH, hash_of(std::as_bytes(std::span(text))));
        return text;
    } catch (const json::exception& error) {
        fail(Code::INVALID_ARGUMENT, "checkpoint: a text is not UTF-8: {}", error.what());
    }
}

Manifest parse_manifest(std::string_view text) {
    const json object = parse_json(text);
    if (!object.is_object()) fail(Code::INVALID_DATA, "manifest: no JSON object");
    if (const auto format = number_field(object, "format"); format != FORMAT)
        fail(Code::INVALID_DATA, "manifest: format {}; this podium reads format {}: update it?", format, FORMAT);
    const auto hash = text_field(object, HASH);
    std::string without_hash(text);
    replace_hash(without_hash, hash, NO_HASH);
    if (hash != hash_of(std::as_bytes(std::span(without_hash))))
        fail(Code::INVALID_DATA, "manifest: damaged, its hash does not match");

    Manifest manifest;
    auto& snapshot = manifest.snapshot;
    snapshot.step = static_cast<std::int64_t>(number_field(object, "step", INT64_MAX));
    snapshot.cursor = number_field(object, "cursor");
    const auto& key = field(object, "key", &json::is_array);
    if (key.size() != snapshot.key.size()) fail(Code::INVALID_DATA, "manifest: \"key\" is not two numbers");
    for (std::size_t i = 0; i < snapshot.key.size(); ++i)
        snapshot.key[i] = static_cast<std::uint32_t>(checked_number(key[i], UINT32_MAX));
    snapshot.config = text_field(object, "config");
    snapshot.extra = field(object, "extra", &json::is_object);
    for (const auto& [path, fields] : field(object, "tensors", &json::is_object).items())
        manifest.tensors.emplace(path, parse_record(path, fields));
    return manifest;
}

}  // namespace podium::checkpoint

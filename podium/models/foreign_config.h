#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace podium::models {

/// Returns the JSON object that a file holds; throws INVALID_DATA, naming the file, where it holds none.
nlohmann::json read_json_object(const std::filesystem::path& path);

/// A config.json, or an object in it, whose values are not trusted. A null counts as absent. Every error is
/// INVALID_DATA and names file and field.
class ForeignConfig {
public:
    ForeignConfig(std::string file, nlohmann::json object) : file_(std::move(file)), object_(std::move(object)) {}
    /// Returns that of a folder.
    static ForeignConfig of_folder(const std::filesystem::path& folder);

    const std::string& file() const { return file_; }
    const nlohmann::json& object() const { return object_; }
    bool has(const std::string& field) const;
    /// Returns a whole number of 1 to `most`.
    std::int64_t size(const std::string& field, std::int64_t most = MOST) const;
    std::int64_t size_or(const std::string& field, std::int64_t absent, std::int64_t most = MOST) const;
    double number(const std::string& field) const;
    double number_or(const std::string& field, double absent) const;
    bool flag_or(const std::string& field, bool absent) const;
    std::string text(const std::string& field) const;
    std::string text_or(const std::string& field, const std::string& absent) const;
    /// Returns a list of texts; empty where there is none.
    std::vector<std::string> texts(const std::string& field) const;
    /// Returns the object at `field`; an empty one where there is none.
    ForeignConfig section(const std::string& field) const;
    [[noreturn]] void refuse(const std::string& field, std::string_view wanted) const;

    static constexpr std::int64_t MOST = 1 << 24;  ///< of a width: two of them make no tensor too large to count
    static constexpr std::int64_t MOST_HEADS = 1 << 16;
    static constexpr std::int64_t MOST_LAYERS = 10'000;  ///< as many names fit a file

private:
    std::string file_;
    nlohmann::json object_;
};

}  // namespace podium::models

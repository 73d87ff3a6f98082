#include "podium/cli/program_options.h"

#include <charconv>

#include "podium/arrays/npy.h"

namespace podium {
namespace {

/// Returns the two sides of "left=right"; throws INVALID_ARGUMENT naming the flag.
std::pair<std::string, std::string> sides(std::string_view verb, const std::string& text, std::string_view flag,
                                          std::string_view form) {
    const auto equals = text.find('=');
    if (equals == 0 || equals == std::string::npos)
        fail(Code::INVALID_ARGUMENT, "{}: {} wants {}, not \"{}\"", verb, flag, form, text);
    return {text.substr(0, equals), text.substr(equals + 1)};
}

/// Returns the number that the whole text is, or nothing.
template <class T>
std::optional<T> number(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

XlaOptions::Value flag_value(const std::string& text) {
    if (text == "true" || text == "false") return text == "true";
    if (const auto integer = number<std::int64_t>(text)) return *integer;
    if (const auto real = number<double>(text)) return *real;
    return text;
}

}  // namespace

std::map<std::string, XlaOptions::Value> xla_flags(std::string_view verb, const std::vector<std::string>& texts) {
    std::map<std::string, XlaOptions::Value> flags;
    for (const auto& text : texts) {
        const auto [name, value] = sides(verb, text, "--flag", "NAME=VALUE");
        flags[name] = flag_value(value);
    }
    return flags;
}

std::map<std::size_t, std::string> files_by_position(std::string_view verb, std::string_view flag,
                                                     const std::vector<std::string>& texts) {
    std::map<std::size_t, std::string> files;
    for (const auto& text : texts) {
        const auto [left, file] = sides(verb, text, flag, "POSITION=FILE.npy");
        const auto position = number<std::size_t>(left);
        if (!position)
            fail(Code::INVALID_ARGUMENT, "{}: {} wants POSITION=FILE.npy, \"{}\" is no position", verb, flag, left);
        if (!files.emplace(*position, file).second)
            fail(Code::INVALID_ARGUMENT, "{}: {} {} is given twice", verb, flag, *position);
    }
    return files;
}

std::map<std::string, std::string> files_by_name(std::string_view verb, std::string_view flag,
                                                 const std::vector<std::string>& texts) {
    std::map<std::string, std::string> files;
    for (const auto& text : texts) {
        const auto [name, file] = sides(verb, text, flag, "NAME=FILE.npy");
        if (!files.emplace(name, file).second)
            fail(Code::INVALID_ARGUMENT, "{}: {} {} is given twice", verb, flag, name);
    }
    return files;
}

HostArray read_value(std::string_view verb, std::string_view what, const std::string& file, const Shape& expected) {
    HostArray array = read_npy(file);
    if (is_nameless(expected.type) && array.shape() == Shape(DataType::UINT8, expected.dims))
        array = HostArray(expected, array.data(), array.owner());
    if (array.shape() != expected)
        fail(array.type() == expected.type ? Code::SHAPE_MISMATCH : Code::DTYPE_MISMATCH, "{}: {} is {}, {} holds {}",
             verb, what, to_string(expected), file, to_string(array.shape()));
    return array;
}

}  // namespace podium

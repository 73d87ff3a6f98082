#include "podium/arrays/safetensors.h"

#include <cstring>
#include <nlohmann/json.hpp>

#include "podium/arrays/foreign_bytes.h"

namespace podium {
namespace {

using nlohmann::json;

constexpr std::size_t HEADER_LIMIT_BYTES = 100'000'000;  // upstream's own
constexpr int HEADER_DEPTH_LIMIT = 3;                    // names, a tensor's fields, the numbers of a field
constexpr std::size_t ALIGNMENT_BYTES = 64;
constexpr std::string_view METADATA = "__metadata__";

struct TypeName {
    DataType type;
    std::string_view name;
};
/// What the format has a name for.
constexpr auto TYPE_NAMES = std::to_array<TypeName>({{DataType::BOOL, "BOOL"},
                                                     {DataType::INT8, "I8"},
                                                     {DataType::INT16, "I16"},
                                                     {DataType::INT32, "I32"},
                                                     {DataType::INT64, "I64"},
                                                     {DataType::UINT8, "U8"},
                                                     {DataType::UINT16, "U16"},
                                                     {DataType::UINT32, "U32"},
                                                     {DataType::UINT64, "U64"},
                                                     {DataType::FLOAT8_E4M3FN, "F8_E4M3"},
                                                     {DataType::FLOAT8_E5M2, "F8_E5M2"},
                                                     {DataType::FLOAT8_E8M0FNU, "F8_E8M0"},
                                                     {DataType::FLOAT16, "F16"},
                                                     {DataType::BFLOAT16, "BF16"},
                                                     {DataType::FLOAT32, "F32"},
                                                     {DataType::FLOAT64, "F64"},
                                                     {DataType::COMPLEX64, "C64"}});

std::string_view name_of_type(const std::string& tensor, DataType type) {
    const auto* row = std::ranges::find(TYPE_NAMES, type, &TypeName::type);
    if (row == TYPE_NAMES.end())
        fail(Code::INVALID_ARGUMENT, "safetensors: the format has no name for {}, the type of '{}'; convert it",
             name(type), tensor);
    return row->name;
}

/// Returns JSON text; throws INVALID_ARGUMENT for strings that are not UTF-8.
std::string dump(const json& value) {
    try {
        return value.dump();
    } catch (const json::exception& error) {
        fail(Code::INVALID_ARGUMENT, "safetensors: a name or text is not UTF-8: {}", error.what());
    }
}

/// Returns the header, entries in the tree's order, padded so that the data is aligned in the file.
std::string header_of(const BasicTree<HostArray>& tensors, const SafetensorsMetadata& metadata) {
    std::vector<std::string> entries;
    if (!metadata.empty()) entries.push_back(fmt::format("\"{}\":{}", METADATA, dump(json(metadata))));
    std::size_t begin = 0;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const auto& array = tensors.leaves()[i];
        if (tensors.path(i) == METADATA)
            fail(Code::INVALID_ARGUMENT, "safetensors: the name {} is reserved; rename the tensor", METADATA);
        const std::size_t end = begin + array.size_bytes();
        entries.push_back(fmt::format(R"({}:{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})",
                                      dump(json(tensors.path(i))), name_of_type(tensors.path(i), array.type()),
                                      join(array.shape().dims), begin, end));
        begin = end;
    }
    std::string header = fmt::format("{{{}}}", fmt::join(entries, ","));
    if (header.size() > HEADER_LIMIT_BYTES - ALIGNMENT_BYTES)
        fail(Code::INVALID_ARGUMENT, "safetensors: a header of {} bytes is longer than the format's {}", header.size(),
             HEADER_LIMIT_BYTES);
    const std::size_t used = sizeof(std::uint64_t) + header.size();
    return header.append((ALIGNMENT_BYTES - used % ALIGNMENT_BYTES) % ALIGNMENT_BYTES, ' ');
}

/// The header as JSON, and its names in the order of the text, which the JSON object forgets.
struct Header {
    json object;
    std::vector<std::string> names;
};

Header parse_header(std::string_view text) {
    Header header;
    if (!text.starts_with('{')) fail(Code::INVALID_DATA, "the header is no JSON object: it does not start with {{");
    if (text.find('\0') != text.npos)  // the JSON library would take it for the end of the text
        fail(Code::INVALID_DATA, "the header is no JSON: it has a zero byte");
    const auto watch = [&](int depth, json::parse_event_t event, json& value) {
        const bool opens = event == json::parse_event_t::object_start || event == json::parse_event_t::array_start;
        if (opens && depth >= HEADER_DEPTH_LIMIT) fail(Code::INVALID_DATA, "the header nests too deep");
        if (event == json::parse_event_t::key && depth == 1) header.names.push_back(value.get<std::string>());
        return true;
    };
    try {
        header.object = json::parse(text, watch);
    } catch (const json::exception& error) {
        fail(Code::INVALID_DATA, "the header is no JSON: {}", error.what());
    }
    if (header.object.size() != header.names.size()) fail(Code::INVALID_DATA, "the header has a name twice");
    return header;
}

/// Where one tensor lies in the data.
struct Entry {
    std::string name;
    Shape shape;
    std::size_t begin, end;
};

Entry parse_entry(const std::string& name, const json& fields) {
    const auto refuse = [&](std::string_view reason) { fail(Code::INVALID_DATA, "tensor \"{}\": {}", name, reason); };
    const auto are_sizes = [](const json& numbers) {
        return numbers.is_array() && std::ranges::all_of(numbers, [](const json& number) {
                   return number.is_number_unsigned() && number.get<std::uint64_t>() <= INT64_MAX;
               });
    };
    if (!fields.is_object() || !fields.contains("dtype") || !fields.contains("shape") ||
        !fields.contains("data_offsets"))
        refuse("the entry lacks dtype, shape or data_offsets");
    const auto &type = fields["dtype"], &shape = fields["shape"], &offsets = fields["data_offsets"];
    const auto* const row = type.is_string()
                                ? std::ranges::find(TYPE_NAMES, type.get_ref<const std::string&>(), &TypeName::name)
                                : TYPE_NAMES.end();
    if (row == TYPE_NAMES.end()) refuse(fmt::format("podium has no data type {}", type.dump()));
    if (!are_sizes(shape)) refuse("the shape is no list of sizes");
    if (!are_sizes(offsets) || offsets.size() != 2) refuse("data_offsets are not two offsets");
    Entry entry{name, Shape(row->type, shape.get<Dims>()), offsets[0].get<std::size_t>(),
                offsets[1].get<std::size_t>()};
    const auto size = checked_size_bytes(entry.shape.type, entry.shape.dims);
    if (!size || entry.begin > entry.end || entry.end - entry.begin != *size)
        refuse(fmt::format("{} does not take the bytes {} to {}", to_string(entry.shape), entry.begin, entry.end));
    return entry;
}

/// Returns the entries in the order of their bytes; empty tensors keep the header's order.
std::vector<Entry> parse_entries(const Header& header, std::size_t data_size) {
    std::vector<Entry> entries;
    for (const auto& name : header.names) {
        const auto& fields = header.object[name];
        if (name != METADATA)
            entries.push_back(parse_entry(name, fields));
        else if (!fields.is_object() || !std::ranges::all_of(fields, [](const json& text) { return text.is_string(); }))
            fail(Code::INVALID_DATA, "{} holds something other than strings", METADATA);
    }
    std::ranges::stable_sort(entries, {}, [](const Entry& entry) { return std::pair(entry.begin, entry.end); });
    std::size_t expected = 0;
    for (const auto& entry : entries) {
        if (entry.begin != expected)
            fail(Code::INVALID_DATA, "tensor \"{}\" starts at byte {} and not at {}: the file has a gap or an overlap",
                 entry.name, entry.begin, expected);
        expected = entry.end;
    }
    if (expected != data_size)
        fail(Code::INVALID_DATA, "the tensors take {} bytes, the file has {}", expected, data_size);
    return entries;
}

BasicTree<HostArray> parse_safetensors(const MappedFile& file) {
    const auto text = file.text();
    std::uint64_t length = 0;
    if (text.size() < sizeof(length)) fail(Code::INVALID_DATA, "{} bytes are too few for a header", text.size());
    std::memcpy(&length, text.data(), sizeof(length));  // little-endian
    if (length > HEADER_LIMIT_BYTES || length > text.size() - sizeof(length))
        fail(Code::INVALID_DATA, "the header's length of {} bytes is beyond the file or the limit of {}", length,
             HEADER_LIMIT_BYTES);
    const auto header = parse_header(text.substr(sizeof(length), length));
    const auto data = file.bytes().subspan(sizeof(length) + length);
    TreeBuilder<HostArray> tensors;
    for (auto& entry : parse_entries(header, data.size()))
        tensors.add(entry.name, array_over(std::move(entry.shape), data.data() + entry.begin, file.owner()));
    return tensors.build();
}

}  // namespace

void write_safetensors(FileWriter& file, const BasicTree<HostArray>& tensors, const SafetensorsMetadata& metadata) {
    const std::string header = header_of(tensors, metadata);
    const std::uint64_t length = header.size();
    file.write(std::as_bytes(std::span(&length, 1)));  // little-endian
    file.write(header);
    for (const auto& array : tensors.leaves()) file.write(std::span(array.data(), array.size_bytes()));
}

void write_safetensors(const std::filesystem::path& path, const BasicTree<HostArray>& tensors,
                       const SafetensorsMetadata& metadata) {
    write_atomically(path, [&](FileWriter& file) { write_safetensors(file, tensors, metadata); });
}

BasicTree<HostArray> read_safetensors(const std::filesystem::path& path) {
    const MappedFile file(path);
    try {
        return parse_safetensors(file);
    } catch (const Error& error) {
        fail(error.code(), "cannot read {}: {}", path.string(), error.message());
    }
}

}  // namespace podium

#include "podium/onnx/tensor_reader.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "podium/arrays/foreign_bytes.h"
#include "podium/onnx/definition.h"

namespace podium::onnx {
namespace {

constexpr auto TYPES_BY_NUMBER = std::to_array<std::pair<std::int64_t, DataType>>({
    {1, DataType::FLOAT32},
    {2, DataType::UINT8},
    {3, DataType::INT8},
    {4, DataType::UINT16},
    {5, DataType::INT16},
    {6, DataType::INT32},
    {7, DataType::INT64},
    {9, DataType::BOOL},
    {10, DataType::FLOAT16},
    {11, DataType::FLOAT64},
    {12, DataType::UINT32},
    {13, DataType::UINT64},
    {14, DataType::COMPLEX64},
    {15, DataType::COMPLEX128},
    {16, DataType::BFLOAT16},
    {17, DataType::FLOAT8_E4M3FN},
    {18, DataType::FLOAT8_E4M3FNUZ},
    {19, DataType::FLOAT8_E5M2},
    {20, DataType::FLOAT8_E5M2FNUZ},
    {21, DataType::UINT4},
    {22, DataType::INT4},
    {23, DataType::FLOAT4_E2M1FN},
    {24, DataType::FLOAT8_E8M0FNU},
    {25, DataType::UINT2},
    {26, DataType::INT2},
});

/// The members of a TensorProto as they stand there.
struct TensorFields {
    std::string name;
    Dims dims;
    std::int64_t type = 0;
    std::optional<WireField> raw;
    std::vector<WireField> numbers;  ///< of the typed lists, which may come in pieces
    int list = 0;                    ///< which list that is
    std::map<std::string, std::string, std::less<>> external;
    bool outside = false;
    std::size_t at = 0;
};

constexpr int FLOAT_LIST = 4, INT32_LIST = 5, TEXT_LIST = 6, INT64_LIST = 7, DOUBLE_LIST = 10, UINT64_LIST = 11;

TensorFields fields_of(const WireField& message) {
    TensorFields tensor{.at = message.at};
    read_fields(
        message.bytes,
        [&](const WireField& field) {
            switch (field.field) {
                case 1: read_numbers(field, [&](std::int64_t size) { tensor.dims.push_back(size); }); break;
                case 2: tensor.type = static_cast<std::int64_t>(field.number); break;
                case FLOAT_LIST:
                case INT32_LIST:
                case TEXT_LIST:
                case INT64_LIST:
                case DOUBLE_LIST:
                case UINT64_LIST:
                    tensor.list = field.field;
                    tensor.numbers.push_back(field);
                    break;
                case 8: tensor.name = field.bytes; break;
                case 9: tensor.raw = field; break;
                case 13: {
                    std::string key, value;
                    read_fields(
                        field.bytes, [&](const WireField& entry) { (entry.field == 1 ? key : value) = entry.bytes; },
                        field.at);
                    tensor.external[key] = value;
                    break;
                }
                case 14: tensor.outside = field.number == 1; break;
                default: break;
            }
        },
        message.at);
    return tensor;
}

std::uint64_t external_number(const TensorFields& tensor, const Source& source, std::string_view key,
                              std::uint64_t otherwise) {
    const auto found = tensor.external.find(key);
    if (found == tensor.external.end()) return otherwise;
    const std::string& text = found->second;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        source.refuse(tensor.at, fmt::format("tensor \"{}\": its external {} is no number", tensor.name, key));
    return number;
}

/// Returns the bytes with each element of fewer than 8 bits in a byte of its own; the first ones are the low bits.
HostArray unpacked(const Shape& shape, std::string_view bytes) {
    auto array = HostArray::uninitialized(shape);
    const auto bits = size_bits(shape.type);
    const auto each = 8 / bits;
    const bool is_signed = is_signed_integer(shape.type);
    auto* out = reinterpret_cast<std::uint8_t*>(array.mutable_data());
    for (std::size_t i = 0; i < static_cast<std::size_t>(shape.count()); ++i) {
        const auto byte = static_cast<std::uint8_t>(bytes[i / each]);
        auto value = static_cast<unsigned>(byte >> (i % each * bits)) & ((1U << bits) - 1);
        if (is_signed && (value >> (bits - 1)) != 0) value |= 0xFFU << bits;
        out[i] = static_cast<std::uint8_t>(value);
    }
    return array;
}

/// Returns how many bytes a tensor of this shape takes in a file; nothing where 63 bits cannot count them.
std::optional<std::size_t> stored_size(const Shape& shape) {
    const auto size = checked_size_bytes(shape.type, shape.dims);
    if (!size) return std::nullopt;
    const auto bits = size_bits(shape.type);
    const bool packed = bits < 8 && shape.type != DataType::BOOL;
    return packed ? (*size * bits + 7) / 8 : *size;
}

HostArray over_bytes(const Shape& shape, std::string_view bytes, std::shared_ptr<const void> owner) {
    if (size_bits(shape.type) < 8 && shape.type != DataType::BOOL) return unpacked(shape, bytes);
    return array_over(shape, reinterpret_cast<const std::byte*>(bytes.data()), std::move(owner));
}

/// Returns the numbers of a typed list as the bytes that raw data would have.
std::string bytes_of_list(const TensorFields& tensor, DataType type) {
    std::string bytes;
    const bool packed = size_bits(type) < 8 && type != DataType::BOOL;
    const std::size_t width = packed ? 1 : size_bytes(type);
    for (const auto& field : tensor.numbers) {
        if (tensor.list == FLOAT_LIST || tensor.list == DOUBLE_LIST) {
            if (field.bytes.data() != nullptr)
                bytes += field.bytes;
            else
                bytes.append(reinterpret_cast<const char*>(&field.number), tensor.list == FLOAT_LIST ? 4 : 8);
        } else {
            read_numbers(field, [&](std::int64_t number) {
                bytes.append(reinterpret_cast<const char*>(&number), width);  // the low bytes come first
            });
        }
    }
    return bytes;
}

bool list_fits(int list, DataType type) {
    switch (list) {
        case FLOAT_LIST: return type == DataType::FLOAT32 || type == DataType::COMPLEX64;
        case DOUBLE_LIST: return type == DataType::FLOAT64 || type == DataType::COMPLEX128;
        case INT64_LIST: return type == DataType::INT64;
        case UINT64_LIST: return type == DataType::UINT32 || type == DataType::UINT64;
        default: return list == INT32_LIST && size_bytes(type) <= 4 && type != DataType::FLOAT32;
    }
}

}  // namespace

std::optional<DataType> data_type_numbered(std::int64_t number) {
    const auto* row = std::ranges::find(TYPES_BY_NUMBER, number, &std::pair<std::int64_t, DataType>::first);
    return row == TYPES_BY_NUMBER.end() ? std::nullopt : std::optional(row->second);
}

std::int64_t number_of(DataType type) {
    const auto* row = std::ranges::find(TYPES_BY_NUMBER, type, &std::pair<std::int64_t, DataType>::second);
    if (row == TYPES_BY_NUMBER.end())
        fail(Code::INVALID_ARGUMENT, "onnx: the format has no number for {}; convert it", name(type));
    return row->first;
}

NamedArray read_tensor(const WireField& message, Source& source) {
    const TensorFields tensor = fields_of(message);
    const auto refuse = [&](const std::string& reason) {
        source.refuse(tensor.at, fmt::format("tensor \"{}\": {}", tensor.name, reason));
    };
    const auto type = data_type_numbered(tensor.type);
    if (!type) refuse(fmt::format("element type {} is of no numbers", tensor.type));
    const Shape shape(*type, tensor.dims);
    const auto size = stored_size(shape);
    if (!size) refuse(fmt::format("its dimensions [{}] are no sizes that fit", join(tensor.dims)));
    const auto expect_size = [&](std::size_t found) {
        if (found != *size) refuse(fmt::format("{} takes {} bytes, {} are there", to_string(shape), *size, found));
    };
    if (tensor.outside) {
        const auto place = tensor.external.find("location");
        if (place == tensor.external.end()) refuse("its data is external and it does not say where");
        const Source::External wanted{.tensor = tensor.name,
                                      .location = place->second,
                                      .offset = external_number(tensor, source, "offset", 0),
                                      .size = external_number(tensor, source, "length", *size),
                                      .at = tensor.at};
        expect_size(wanted.size);
        const auto [bytes, owner] = source.external(wanted);
        return {tensor.name, over_bytes(shape, bytes, owner)};
    }
    if (tensor.raw) {
        expect_size(tensor.raw->bytes.size());
        return {tensor.name, over_bytes(shape, tensor.raw->bytes, source.owner())};
    }
    if (!tensor.numbers.empty() && !list_fits(tensor.list, *type))
        refuse(fmt::format("list {} does not hold {}", tensor.list, name(*type)));
    const auto bytes = std::make_shared<const std::string>(bytes_of_list(tensor, *type));
    const bool packed = size_bits(*type) < 8 && *type != DataType::BOOL;
    if (packed && bytes->size() == static_cast<std::size_t>(shape.count()) && bytes->size() != *size)
        refuse("its small elements are not packed");
    expect_size(bytes->size());
    return {tensor.name, over_bytes(shape, *bytes, bytes)};
}

NamedArray read_sparse_tensor(const WireField& message, Source& source) {
    std::optional<NamedArray> values, indices;
    Dims dims;
    read_fields(
        message.bytes,
        [&](const WireField& field) {
            if (field.field == 1) values = read_tensor(field, source);
            if (field.field == 2) indices = read_tensor(field, source);
            if (field.field == 3) read_numbers(field, [&](std::int64_t size) { dims.push_back(size); });
        },
        message.at);
    const auto refuse = [&](const std::string& reason) { source.refuse(message.at, "sparse tensor: " + reason); };
    if (!values || !indices || indices->array.type() != DataType::INT64) refuse("it has no values or no indices");
    const auto size = checked_size_bytes(values->array.type(), dims);
    constexpr std::size_t LIMIT_BYTES = std::size_t{1} << 28;
    if (!size || *size > LIMIT_BYTES) refuse(fmt::format("its dimensions [{}] are no sizes that fit", join(dims)));
    const auto count = values->array.count(), rank = static_cast<std::int64_t>(dims.size());
    const bool flat = indices->array.shape().rank() == 1;
    if (indices->array.count() != (flat ? count : count * rank)) refuse("it has not one index for each value");
    HostArray dense(Shape(values->array.type(), dims));
    const Dims strides = row_major_strides(dims);
    const auto places = indices->array.span<std::int64_t>();
    const auto width = size_bytes(dense.type());
    for (std::int64_t i = 0; i < count; ++i) {
        std::int64_t place = flat ? places[static_cast<std::size_t>(i)] : 0;
        for (std::int64_t d = 0; !flat && d < rank; ++d) {
            const auto at = places[static_cast<std::size_t>(i * rank + d)];
            if (at < 0 || at >= dims[static_cast<std::size_t>(d)]) refuse("an index is outside of its dimensions");
            place += at * strides[static_cast<std::size_t>(d)];
        }
        if (place < 0 || place >= dense.count()) refuse("an index is outside of its dimensions");
        std::memcpy(dense.mutable_data() + static_cast<std::size_t>(place) * width,
                    values->array.data() + static_cast<std::size_t>(i) * width, width);
    }
    return {values->name, dense};
}

}  // namespace podium::onnx

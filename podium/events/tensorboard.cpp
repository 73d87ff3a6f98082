#include "podium/events/tensorboard.h"

#include <fcntl.h>
#include <png.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cmath>
#include <limits>
#include <system_error>

#include "podium/base/error.h"
#include "podium/base/file.h"
#include "podium/base/wire.h"

namespace podium {
namespace {

constexpr auto CRC_TABLE = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        std::uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78U : 0);
        table[i] = crc;
    }
    return table;
}();

template <class T>
std::string_view bytes_of(const T& value) {
    return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::uint32_t masked_crc(std::string_view bytes) {
    const std::uint32_t crc = crc32c(bytes);
    return (crc >> 15 | crc << 17) + 0xA282EAD8U;
}

std::string record(std::string_view data) {
    const std::uint64_t size = data.size();
    const std::uint32_t size_crc = masked_crc(bytes_of(size)), data_crc = masked_crc(data);
    std::string text;
    for (const auto part : {bytes_of(size), bytes_of(size_crc), data, bytes_of(data_crc)}) text += part;
    return text;
}

double seconds(EventTime time) { return std::chrono::duration<double>(time.time_since_epoch()).count(); }

WireWriter scalar_value(double value) { return WireWriter().floating(2, static_cast<float>(value)); }

WireWriter text_value(std::string_view text) {
    constexpr int STRINGS = 7;  // DT_STRING
    return WireWriter()
        .message(8, WireWriter().integer(1, STRINGS).message(2, {}).bytes(8, text))
        .message(9, WireWriter().message(1, WireWriter().bytes(1, "text")));
}

std::string packed(const std::vector<double>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)};
}

constexpr std::size_t SIGN = 2048;  // the bin of -0.0: sign, exponent and three bits of the fraction are a bin's number
constexpr std::size_t INFINITE_BIN = 2040;
constexpr double MAX = std::numeric_limits<double>::max();

double lower_limit(std::size_t bin) { return std::bit_cast<float>(static_cast<std::uint32_t>(bin) << 20); }

std::string file_name() {
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    return fmt::format("events.out.tfevents.{:.0f}.{}.{}", std::floor(seconds(now())), host.data(), ::getpid());
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
    std::uint32_t crc = ~0U;
    for (const char byte : bytes) crc = CRC_TABLE[(crc ^ static_cast<unsigned char>(byte)) & 255] ^ crc >> 8;
    return ~crc;
}

Histogram Histogram::of(std::span<const float> values) {
    std::vector<std::uint32_t> bins(2 * SIGN);
    Histogram result{.min = INFINITY, .max = -INFINITY};
    for (const float value : values) {
        if (!std::isfinite(value)) continue;
        const double number = value;
        ++bins[std::bit_cast<std::uint32_t>(value) >> 20];
        result.min = std::min(result.min, number);
        result.max = std::max(result.max, number);
        result.sum += number;
        result.sum_of_squares += number * number;
        ++result.count;
    }
    if (result.count == 0) return {};
    const auto show = [&](double limit, std::uint32_t count) {
        const bool wider = count == 0 && !result.counts.empty() && result.counts.back() == 0;
        if (wider) {
            result.limits.back() = limit;
        } else {
            result.limits.push_back(limit);
            result.counts.push_back(count);
        }
    };
    for (std::size_t bin = SIGN; bin-- > 0;) show(-lower_limit(bin), bins[SIGN + bin]);
    for (std::size_t bin = 0; bin < SIGN; ++bin) show(bin + 1 < INFINITE_BIN ? lower_limit(bin + 1) : MAX, bins[bin]);
    if (result.counts.back() == 0) {
        result.limits.pop_back();
        result.counts.pop_back();
    }
    return result;
}

std::string to_png(const GreyImage& image) {
    png_image header{};
    header.version = PNG_IMAGE_VERSION;
    header.width = static_cast<png_uint_32>(image.width);
    header.height = static_cast<png_uint_32>(image.height);
    header.format = PNG_FORMAT_GRAY;
    if (image.pixels.size() != static_cast<std::size_t>(image.width * image.height) || image.pixels.empty())
        fail(Code::INVALID_ARGUMENT, "png: {} bytes are no picture of {} rows of {}", image.pixels.size(), image.height,
             image.width);
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(header);
    std::string png(size, '\0');
    if (png_image_write_to_memory(&header, png.data(), &size, 0, image.pixels.data(), 0, nullptr) == 0)
        fail(Code::INTERNAL, "png: {}", header.message);
    png.resize(size);
    return png;
}

TensorBoardWriter::TensorBoardWriter(const std::filesystem::path& folder) {
    make_directories(folder);
    path_ = folder / file_name();
    descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (descriptor_ < 0)
        fail(Code::UNAVAILABLE, "cannot make {}: {}", path_.string(), std::generic_category().message(errno));
    append(record(WireWriter().floating(1, seconds(now())).bytes(3, "brain.Event:2").text()));
}

TensorBoardWriter::~TensorBoardWriter() { ::close(descriptor_); }

void TensorBoardWriter::append(std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    while (!bytes.empty()) {
        const auto written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR)
            fail(errno == ENOSPC || errno == EDQUOT ? Code::RESOURCE_EXHAUSTED : Code::UNAVAILABLE,
                 "cannot append to {}: {}", path_.string(), std::generic_category().message(errno));
        bytes.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
}

void TensorBoardWriter::add(std::int64_t step, EventTime time, const WireWriter& summary) {
    append(record(WireWriter().floating(1, seconds(time)).integer(2, step).message(5, summary).text()));
}

void TensorBoardWriter::summary(std::string_view tag, std::int64_t step, EventTime time, WireWriter value) {
    value.bytes(1, tag);
    add(step, time, WireWriter().message(1, value));
}

void TensorBoardWriter::scalar(std::string_view tag, std::int64_t step, double value, EventTime time) {
    summary(tag, step, time, scalar_value(value));
}

void TensorBoardWriter::text(std::string_view tag, std::int64_t step, std::string_view text, EventTime time) {
    summary(tag, step, time, text_value(text));
}

void TensorBoardWriter::histogram(std::string_view tag, std::int64_t step, const Histogram& histogram, EventTime time) {
    summary(tag, step, time,
            WireWriter().message(5, WireWriter()
                                        .floating(1, histogram.min)
                                        .floating(2, histogram.max)
                                        .floating(3, histogram.count)
                                        .floating(4, histogram.sum)
                                        .floating(5, histogram.sum_of_squares)
                                        .bytes(6, packed(histogram.limits))
                                        .bytes(7, packed(histogram.counts))));
}

void TensorBoardWriter::image(std::string_view tag, std::int64_t step, const GreyImage& image, EventTime time) {
    constexpr int GREY = 1;
    summary(
        tag, step, time,
        WireWriter().message(
            4, WireWriter().integer(1, image.height).integer(2, image.width).integer(3, GREY).bytes(4, to_png(image))));
}

void TensorBoardWriter::write(const RunEvent& event) {
    WireWriter values;  // all in one record
    for (const auto& [field, value] : event.fields) {
        const auto* words = std::get_if<std::string>(&value);
        const auto number = event.number(field);
        if (field == "step" || (words == nullptr && !number)) continue;
        WireWriter one = words != nullptr ? text_value(*words) : scalar_value(*number);
        values.message(1, one.bytes(1, scalar_name(event, field)));
    }
    if (!values.text().empty()) add(event.step().value_or(0), event.time, values);
}

}  // namespace podium

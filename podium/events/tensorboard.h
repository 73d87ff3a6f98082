#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "podium/base/wire.h"
#include "podium/events/event.h"

namespace podium {

/// How often values fall between two neighbouring limits, of which there are eight an octave.
struct Histogram {
    double min = 0, max = 0, sum = 0, sum_of_squares = 0, count = 0;
    std::vector<double> limits;  ///< of the buckets, their upper ends; neighbours that are empty are one bucket
    std::vector<double> counts;  ///< one a limit

    /// Returns the histogram of the finite ones of `values`.
    static Histogram of(std::span<const float> values);
};

/// A picture in grey, one byte a pixel, row by row.
struct GreyImage {
    std::int64_t height = 0, width = 0;
    std::vector<std::uint8_t> pixels;
};
/// Returns the picture as a PNG file.
std::string to_png(const GreyImage& image);

/// Writes an event file that TensorBoard reads. A session writes one file of its own, which TensorBoard shows as the
/// continuation of those before it in the folder. Any thread may call. Sources: tensorflow/core/util/event.proto and
/// framework/summary.proto; the framing of records is lib/io/record_writer.cc's.
class TensorBoardWriter {
public:
    /// Makes `folder` and a new file events.out.tfevents.* in it.
    explicit TensorBoardWriter(const std::filesystem::path& folder);
    TensorBoardWriter(const TensorBoardWriter&) = delete;
    TensorBoardWriter& operator=(const TensorBoardWriter&) = delete;
    ~TensorBoardWriter();

    /// Writes the event's numbers as scalars under `scalar_name`, and its texts as text.
    void write(const RunEvent& event);
    void scalar(std::string_view tag, std::int64_t step, double value, EventTime time = now());
    void histogram(std::string_view tag, std::int64_t step, const Histogram& histogram, EventTime time = now());
    /// `text` is Markdown.
    void text(std::string_view tag, std::int64_t step, std::string_view text, EventTime time = now());
    void image(std::string_view tag, std::int64_t step, const GreyImage& image, EventTime time = now());

private:
    void add(std::int64_t step, EventTime time, const WireWriter& summary);
    void summary(std::string_view tag, std::int64_t step, EventTime time, WireWriter value);
    void append(std::string_view bytes);

    std::filesystem::path path_;
    int descriptor_;
    std::mutex mutex_;
};

/// Returns the checksum that event files carry: CRC-32C. Source: RFC 3720, section 12.1.
std::uint32_t crc32c(std::string_view bytes);

}  // namespace podium

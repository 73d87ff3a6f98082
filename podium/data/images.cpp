#include "podium/data/images.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>

#include "podium/arrays/npz.h"
#include "podium/base/error.h"
#include "podium/data/byte_stream.h"
#include "podium/data/find_files.h"
#include "podium/data/permutation.h"

namespace podium::data {
namespace {

constexpr std::uint64_t HELD_OUT_KEY = 0x68656c642d6f7574;
constexpr std::uint64_t SHUFFLE_STREAM = 1, VIEW_STREAM = 2, VALIDATION_STREAM = 3;
constexpr std::int64_t MOST_CLASSES = 1 << 20;

std::uint64_t unsigned_of(std::int64_t number) { return static_cast<std::uint64_t>(number); }

/// Returns the pixels as u8 or f32[count, height, width, channels].
HostArray four_dimensions(const HostArray& pixels, const std::string& path) {
    const auto& dims = pixels.shape().dims;
    const bool fits = (dims.size() == 3 || dims.size() == 4) && pixels.count() > 0;
    const auto type = pixels.type();
    if (!fits || (type != DataType::UINT8 && type != DataType::FLOAT32 && type != DataType::FLOAT64))
        fail(Code::INVALID_DATA,
             "data: the images in {} are {}; give u8, f32 or f64[count, height, width] or [count, height, width, "
             "channels]",
             path, to_string(pixels.shape()));
    Dims wanted = dims;
    if (wanted.size() == 3) wanted.push_back(1);
    if (type != DataType::FLOAT64) return pixels.reshaped(std::move(wanted));
    HostArray floats(Shape(DataType::FLOAT32, std::move(wanted)));
    std::ranges::transform(pixels.span<double>(), floats.mutable_span<float>().begin(),
                           [](double value) { return static_cast<float>(value); });
    return floats;
}

void add_labels(const HostArray& labels, std::int64_t count, const std::string& path, LabelledImages& images) {
    if (labels.shape().rank() != 1 || labels.count() != count || is_float(labels.type()))
        fail(Code::INVALID_DATA, "data: the labels in {} are {}; give one integer for each of {} images", path,
             to_string(labels.shape()), count);
    for (std::int64_t i = 0; i < count; ++i) {
        const double label = labels.as_double(i);
        if (!(label >= 0 && label < static_cast<double>(MOST_CLASSES)))
            fail(Code::INVALID_DATA, "data: label {} in {} is {}; give 0 to {}", i, path, label, MOST_CLASSES - 1);
        images.labels.push_back(static_cast<std::int32_t>(label));
        images.classes = std::max<std::int64_t>(images.classes, images.labels.back() + 1);
    }
}

HostArray joined(const std::vector<HostArray>& parts, const std::vector<FoundFile>& files) {
    if (parts.size() == 1) return parts.front();
    Shape shape = parts.front().shape();
    for (std::size_t i = 1; i < parts.size(); ++i) {
        Dims expected = shape.dims;
        expected[0] = parts[i].shape().dims[0];
        if (parts[i].shape() != Shape(shape.type, expected))
            fail(Code::INVALID_DATA, "data: the images in {} are {}, those in {} {}", files[i].path,
                 to_string(parts[i].shape()), files[0].path, to_string(parts[0].shape()));
        shape.dims[0] += expected[0];
    }
    HostArray whole(shape);
    auto* to = whole.mutable_data();
    for (const auto& part : parts) to = std::copy_n(part.data(), part.size_bytes(), to);
    return whole;
}

LabelledImages read_images_of(const std::vector<FoundFile>& files, const ImageNames& names) {
    LabelledImages images;
    std::vector<HostArray> parts;
    for (const auto& file : files) {
        parts.push_back(four_dimensions(read_npz(file.path, names.images), file.path));
        images.counts.push_back(parts.back().shape().dims[0]);
        add_labels(read_npz(file.path, names.labels), images.counts.back(), file.path, images);
    }
    images.pixels = joined(parts, files);
    return images;
}

void check(const ImageOptions& options) {
    expect_batch(options.batch);
    expect_fraction(options.validation_fraction);
    if (options.crop < 0) fail(Code::INVALID_ARGUMENT, "data: crop is {}; give at least 0", options.crop);
}

}  // namespace

LabelledImages read_images(const std::vector<std::string>& paths, const ImageNames& names) {
    return read_images_of(find_files(paths), names);
}

ImageCorpus::ImageCorpus(ImageOptions options) : options_(std::move(options)) {
    check(options_);
    auto files = find_files(options_.paths);
    const auto training_files = files.size();
    if (!options_.validation_paths.empty()) {
        const auto held_out = find_files(options_.validation_paths);
        files.insert(files.end(), held_out.begin(), held_out.end());
        validation_is_last_ = true;
    }
    auto images = read_images_of(files, options_.names);
    const auto count = unsigned_of(images.pixels.shape().dims[0]);
    if (validation_is_last_) {
        for (std::size_t i = training_files; i < files.size(); ++i) validation_ += unsigned_of(images.counts[i]);
    } else {
        validation_ = static_cast<std::uint64_t>(options_.validation_fraction * static_cast<double>(count));
        if (options_.validation_fraction > 0 && validation_ == 0)
            warnings_.emplace_back(
                fmt::format("data: {} images are too few to hold some out: there is no validation loss", count));
    }
    training_ = count - validation_;
    classes_ = images.classes;
    fingerprint_ = data::fingerprint(files);
    images_ = std::make_shared<const LabelledImages>(std::move(images));
    if (unsigned_of(options_.crop) >= unsigned_of(std::min(image_dims()[0], image_dims()[1])))
        fail(Code::INVALID_ARGUMENT, "data: crop is {}, the images are {} x {}; give less", options_.crop,
             image_dims()[0], image_dims()[1]);
    measure();
}

Dims ImageCorpus::image_dims() const {
    const auto& dims = images_->pixels.shape().dims;
    return {dims[1], dims[2], dims[3]};
}

float ImageCorpus::pixel(std::uint64_t at) const {
    const auto& pixels = images_->pixels;
    if (pixels.type() == DataType::UINT8) return static_cast<float>(static_cast<std::uint8_t>(pixels.data()[at])) / 255;
    return pixels.span<float>()[at];
}

/// Finds each channel's mean and deviation over the training pictures.
void ImageCorpus::measure() {
    const auto dims = image_dims();
    const auto channels = unsigned_of(dims[2]), size = unsigned_of(dims[0] * dims[1]) * channels;
    std::vector<double> sum(channels), squares(channels);
    for (std::uint64_t i = 0; i < training_; ++i) {
        const auto picture = training_picture(i);  // the first epoch: each once
        for (std::uint64_t at = 0; at < size; ++at) {
            const double value = pixel(picture * size + at);
            sum[at % channels] += value;
            squares[at % channels] += value * value;
        }
    }
    const auto count = static_cast<double>(training_) * static_cast<double>(dims[0] * dims[1]);
    for (std::uint64_t channel = 0; channel < channels; ++channel) {
        const double mean = sum[channel] / count, variance = squares[channel] / count - mean * mean;
        if (!std::isfinite(mean)) fail(Code::INVALID_DATA, "data: the images hold pixels that are no numbers");
        shift_.push_back(static_cast<float>(mean));
        scale_.push_back(variance > 1e-12 ? static_cast<float>(1 / std::sqrt(variance)) : 1.0F);
    }
}

std::uint64_t ImageCorpus::training_picture(std::uint64_t sample) const {
    const auto key = mix(mix(options_.seed, sample / training_), SHUFFLE_STREAM);
    const auto place = Permutation(training_, key)(sample % training_);
    return validation_is_last_ ? place : Permutation(training_ + validation_, HELD_OUT_KEY)(validation_ + place);
}

std::uint64_t ImageCorpus::validation_picture(std::uint64_t index) const {
    const auto place = Permutation(validation_, mix(HELD_OUT_KEY, VALIDATION_STREAM))(index % validation_);
    return validation_is_last_ ? training_ + place : Permutation(training_ + validation_, HELD_OUT_KEY)(place);
}

ImageCorpus::View ImageCorpus::view_of(std::uint64_t sample) const {
    const auto draw = [&](std::uint64_t what) { return mix(mix(mix(options_.seed, sample), VIEW_STREAM), what); };
    const auto moved = [&](std::uint64_t what) {
        return static_cast<std::int64_t>(draw(what) % unsigned_of(2 * options_.crop + 1)) - options_.crop;
    };
    return {options_.flip && draw(0) % 2 == 1, moved(1), moved(2)};
}

void ImageCorpus::write(std::uint64_t picture, const View& view, float* out) const {
    const auto dims = image_dims();
    const auto height = dims[0], width = dims[1], channels = dims[2];
    const auto start = picture * unsigned_of(height * width * channels);
    for (std::int64_t row = 0; row < height; ++row)
        for (std::int64_t column = 0; column < width; ++column) {
            const auto from_row = row - view.down;
            const auto shown = column - view.right;
            const auto from_column = view.mirrored ? width - 1 - shown : shown;
            const bool is_border = from_row < 0 || from_row >= height || from_column < 0 || from_column >= width;
            const auto at = start + unsigned_of((from_row * width + from_column) * channels);
            for (std::int64_t channel = 0; channel < channels; ++channel) {
                const auto c = static_cast<std::size_t>(channel);
                *out++ = ((is_border ? 0 : pixel(at + unsigned_of(channel))) - shift_[c]) * scale_[c];
            }
        }
}

/// Returns the pictures, and their views, that `choose` names for samples cursor … cursor + batch - 1.
template <class Choose>
Batch ImageCorpus::pictures(std::uint64_t cursor, std::int64_t batch, const Choose& choose) const {
    expect_batch(batch);
    const auto dims = image_dims();
    Batch result{HostArray(Shape(DataType::FLOAT32, {batch, dims[0], dims[1], dims[2]})),
                 HostArray(Shape(DataType::INT32, {batch})), cursor};
    float* const out = result.inputs.mutable_span<float>().data();
    const auto labels = result.targets.mutable_span<std::int32_t>();
    for (std::uint64_t i = 0; i < unsigned_of(batch); ++i) {
        const auto [picture, view] = choose(cursor + i);
        write(picture, view, out + i * unsigned_of(dims[0] * dims[1] * dims[2]));
        labels[i] = images_->labels[picture];
    }
    return result;
}

Batch ImageCorpus::batch_at(std::uint64_t cursor, std::int64_t batch) const {
    return pictures(cursor, batch, [&](std::uint64_t i) { return std::pair(training_picture(i), view_of(i)); });
}

std::unique_ptr<Loader> ImageCorpus::loader(std::uint64_t cursor) const {
    return std::make_unique<Loader>([corpus = *this](std::uint64_t at) { return corpus.batch_at(at); }, cursor,
                                    options_.batch);
}

Batch ImageCorpus::validation_batch(std::uint64_t index, std::int64_t batch) const {
    expect_validation_batch(index, batch);
    return pictures(index * unsigned_of(batch), batch,
                    [&](std::uint64_t i) { return std::pair(validation_picture(i), View()); });
}

}  // namespace podium::data

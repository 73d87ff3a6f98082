#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "podium/data/corpus.h"

namespace podium::data {

/// Pictures and what each shows.
struct LabelledImages {
    HostArray pixels;                  ///< u8 (0 to 255) or f32[count, height, width, channels]
    std::vector<std::int32_t> labels;  ///< from 0
    std::int64_t classes = 0;          ///< the greatest label, and one
    std::vector<std::int64_t> counts;  ///< of the pictures in each file
};

/// What the arrays in .npz files are called.
struct ImageNames {
    std::string images = "images", labels = "labels";
};
/// Returns the pictures of .npz files (found as `find_files` does), one after another: arrays of u8, f32 or f64 pixels
/// [count, height, width] or [count, height, width, channels], and of as many integers. Throws INVALID_DATA.
LabelledImages read_images(const std::vector<std::string>& paths, const ImageNames& names = {});

struct ImageOptions {
    std::vector<std::string> paths;
    ImageNames names;
    std::int64_t batch = 16;
    double validation_fraction = 0.1;           // of the pictures
    std::vector<std::string> validation_paths;  // held out instead of the fraction
    std::uint64_t seed = 0;                     // of shuffle and augmentation; what is held out does not depend on it
    bool flip = false;                          // mirrors half of the training pictures
    std::int64_t crop = 0;                      // moves them by up to so many pixels, over a border of zeros
};

/// Labelled pictures in memory, each channel shifted and scaled to mean 0 and deviation 1 of the training pictures.
/// Inputs f32[batch, height, width, channels], targets i32[batch]. Copies share the pictures.
class ImageCorpus final : public Corpus {
public:
    /// Throws INVALID_DATA where the data is none, and INVALID_ARGUMENT where options are out of range.
    explicit ImageCorpus(ImageOptions options);

    std::int64_t batch() const override { return options_.batch; }
    const std::vector<std::string>& warnings() const override { return warnings_; }
    std::uint64_t fingerprint() const override { return fingerprint_; }
    std::uint64_t epoch_samples() const override { return training_; }
    using Corpus::batch_at;
    Batch batch_at(std::uint64_t cursor, std::int64_t batch) const override;
    std::unique_ptr<Loader> loader(std::uint64_t cursor = 0) const override;
    std::uint64_t validation_samples() const override { return validation_; }
    Batch validation_batch(std::uint64_t index, std::int64_t batch) const override;

    /// Returns height, width and channels.
    Dims image_dims() const;
    std::int64_t classes() const { return classes_; }

private:
    /// How a picture is shown: mirrored, and moved.
    struct View {
        bool mirrored = false;
        std::int64_t down = 0, right = 0;
    };
    View view_of(std::uint64_t sample) const;
    std::uint64_t training_picture(std::uint64_t sample) const;
    std::uint64_t validation_picture(std::uint64_t index) const;
    float pixel(std::uint64_t at) const;
    void measure();
    void write(std::uint64_t picture, const View& view, float* out) const;
    template <class Choose>
    Batch pictures(std::uint64_t cursor, std::int64_t batch, const Choose& choose) const;

    ImageOptions options_;
    std::vector<std::string> warnings_;
    std::shared_ptr<const LabelledImages> images_;
    std::uint64_t fingerprint_ = 0;
    std::uint64_t training_ = 0, validation_ = 0;
    bool validation_is_last_ = false;  // held out by paths: behind the training pictures
    std::int64_t classes_ = 0;
    std::vector<float> shift_, scale_;  // of channels
};

}  // namespace podium::data

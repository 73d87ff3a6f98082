#include <cstdlib>

#include "podium/models/foreign_config.h"
#include "podium/models/hugging_face.h"
#include "podium/models/hugging_face_others.h"
#include "podium/models/hugging_face_resnet.h"
#include "tests/fuzz/reader.h"

namespace podium {

// The weights beside a config hold no tensors, so what would put one on a device, of a room far above, is not linked.
Tensor tensor(const HostArray&) { std::abort(); }
HostArray Tensor::to_host(Location) const { std::abort(); }

}  // namespace podium

namespace podium::fuzz {
namespace {

/// A folder of this process whose config.json is what readers are given, beside weights of no tensors.
const std::filesystem::path& folder_of(std::string_view text) {
    static const std::filesystem::path folder = [] {
        auto made = std::filesystem::temp_directory_path() / ("podium-fuzz-config-" + std::to_string(getpid()));
        std::filesystem::create_directories(made);
        std::ofstream(made / "model.safetensors", std::ios::binary) << std::string_view("\2\0\0\0\0\0\0\0{}", 10);
        return made;
    }();
    std::ofstream(folder / "config.json", std::ios::binary | std::ios::trunc) << text;
    return folder;
}

}  // namespace

int read_once(std::string_view text) {
    const auto& folder = folder_of(text);
    attempt([&] { models::decoder_config(models::read_decoder_options(folder)); });
    attempt([&] { models::end_tokens(folder); });
    attempt([&] { models::read_encoder(folder); });
    attempt([&] { models::read_t5(folder); });
    return attempt([&] { models::read_resnet(folder); });
}

}  // namespace podium::fuzz

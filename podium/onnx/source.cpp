#include "podium/onnx/tensor_reader.h"

namespace podium::onnx {

void Source::refuse(std::size_t at, std::string_view message) const {
    fail(Code::INVALID_DATA, "{}: at byte {}: {}", file_.string(), at, message);
}

const MappedFile& Source::mapped(const External& wanted) {
    const auto found = files_.find(wanted.location);
    if (found != files_.end()) return found->second;
    namespace fs = std::filesystem;
    const auto refuse_path = [&](std::string_view reason) {
        refuse(wanted.at,
               fmt::format("tensor \"{}\": its external location \"{}\" {}", wanted.tensor, wanted.location, reason));
    };
    const fs::path path(wanted.location);
    if (path.empty() || wanted.location.find('\0') != std::string::npos) refuse_path("is no file's name");
    if (path.is_absolute()) refuse_path("is not relative to the model's folder");
    std::error_code error;
    const auto folder = fs::canonical(file_.has_parent_path() ? file_.parent_path() : fs::path("."), error);
    if (error) refuse_path("has no folder");
    const auto target = fs::canonical(folder / path, error);
    if (error) refuse_path("is not there");
    const auto inside = target.lexically_relative(folder);
    if (inside.empty() || *inside.begin() == "..") refuse_path("leads out of the model's folder");
    if (!fs::is_regular_file(target, error)) refuse_path("is no regular file");
    return files_.emplace(wanted.location, MappedFile(target)).first->second;
}

std::pair<std::string_view, std::shared_ptr<const void>> Source::external(const External& wanted) {
    const auto& map = mapped(wanted);
    const auto bytes = map.text();
    if (wanted.offset > bytes.size() || wanted.size > bytes.size() - wanted.offset)
        refuse(wanted.at, fmt::format("tensor \"{}\": {} has {} bytes, bytes {} to {} + {} are wanted", wanted.tensor,
                                      wanted.location, bytes.size(), wanted.offset, wanted.offset, wanted.size));
    auto& taken = taken_[wanted.location];
    for (const auto& other : taken) {
        const bool same = other.offset == wanted.offset && other.size == wanted.size;
        if (!same && wanted.offset < other.offset + other.size && other.offset < wanted.offset + wanted.size)
            refuse(wanted.at,
                   fmt::format("tensor \"{}\": bytes {} to {} of {} overlap those of tensor \"{}\"", wanted.tensor,
                               wanted.offset, wanted.offset + wanted.size, wanted.location, other.tensor));
    }
    taken.push_back(wanted);
    return {bytes.substr(wanted.offset, wanted.size), map.owner()};
}

}  // namespace podium::onnx

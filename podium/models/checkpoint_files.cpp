#include "podium/models/checkpoint_files.h"

#include <nlohmann/json.hpp>
#include <set>

#include "podium/arrays/safetensors.h"
#include "podium/models/foreign_config.h"

namespace podium::models {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::string_view ONE_FILE = "model.safetensors", INDEX = "model.safetensors.index.json";

/// Returns the shard that each name is in, by the index.
std::map<std::string, std::string> read_index(const fs::path& path) {
    const json index = read_json_object(path);
    const auto map = index.find("weight_map");
    if (map == index.end() || !map->is_object())
        fail(Code::INVALID_DATA, "{}: weight_map is no object of file names", path.string());
    std::map<std::string, std::string> shards;
    for (const auto& [name, file] : map->items()) {
        const auto text = file.is_string() ? file.get<std::string>() : std::string();
        if (text.find_first_of("/\\") != std::string::npos || !text.ends_with(".safetensors"))
            fail(Code::INVALID_DATA, "{}: {} is said to be in {}, which names no .safetensors file of the folder",
                 path.string(), name, file.dump(-1, ' ', true, json::error_handler_t::replace));
        shards.emplace(name, text);
    }
    return shards;
}

/// Returns the pattern with its first `*` as `layer` and its `#` as `number`.
std::string filled_in(std::string_view pattern, std::string_view layer, std::int64_t number) {
    std::string text;
    for (const char c : pattern) {
        if (c == '*')
            text += layer;
        else if (c == '#')
            text += fmt::format("{}", number);
        else
            text += c;
    }
    return text;
}

/// Returns the layer of a path that a row is about ("" where rows have no layer), or nothing.
std::optional<std::string> layer_in(std::string_view pattern, std::string_view path) {
    const auto star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == path ? std::optional<std::string>("") : std::nullopt;
    const auto before = pattern.substr(0, star), after = pattern.substr(star + 1);
    if (path.size() <= before.size() + after.size() || !path.starts_with(before) || !path.ends_with(after))
        return std::nullopt;
    const auto between = path.substr(star, path.size() - before.size() - after.size());
    const bool counts = between.find_first_not_of("0123456789") == std::string_view::npos;
    return counts ? std::optional<std::string>(between) : std::nullopt;
}

/// One of our parameters in files.
struct Place {
    std::vector<std::string> names;  ///< one, or those of what ours stacks
    bool stacked = false, transposed = false;
};

Place place_of(const Naming& naming, const std::string& path, const Dims& dims) {
    for (const auto& row : naming.rows)
        if (const auto layer = layer_in(row.ours, path)) {
            Place place{.stacked = row.theirs.find('#') != std::string::npos, .transposed = row.transposed};
            const std::int64_t count = place.stacked ? dims[0] : 1;
            for (std::int64_t i = 0; i < count; ++i) place.names.push_back(filled_in(row.theirs, *layer, i));
            return place;
        }
    fail(Code::UNIMPLEMENTED, "this kind of checkpoint has no name for the parameter {}", path);
}

/// Returns our dimensions as one tensor of the file has them.
Dims dims_in_file(const Place& place, Dims dims) {
    if (place.stacked) dims.erase(dims.begin());
    if (place.transposed) std::ranges::reverse(dims);
    return dims;
}

Tensor turned(const Tensor& x, bool transposed) { return transposed ? transpose(x) : x; }

const HostArray& expect_tensor(const CheckpointFiles& files, const std::string& name, const Naming& naming,
                               const Dims& dims, bool counts) {
    const HostArray* array = files.find(name);
    if (array == nullptr && name.starts_with(naming.prefix)) array = files.find(name.substr(naming.prefix.size()));
    if (array == nullptr)
        fail(Code::INVALID_DATA, "{}: the checkpoint lacks {}, which its config.json asks for", files.folder().string(),
             name);
    const DataType type = array->type();
    if (array->shape().dims != dims || (counts ? type != DataType::INT64 : !is_float(type)))
        fail(Code::INVALID_DATA, "{}: {} is {}, and config.json makes it {} [{}]", files.folder().string(), name,
             to_string(array->shape()), counts ? "an i64" : "floating-point numbers", join(dims));
    return *array;
}

/// Refuses tensors that no parameter was read from: the model would not be the one that was saved.
void expect_all_read(const CheckpointFiles& files, const std::set<const HostArray*>& read, const Naming& naming) {
    for (const auto& [name, array] : files.tensors()) {
        const bool ignored =
            std::ranges::any_of(naming.ignored, [&](std::string_view pattern) { return matches(pattern, name); });
        if (!ignored && !read.contains(&array))
            fail(Code::INVALID_DATA, "{}: the checkpoint has {}, for which the model of its config.json has no place",
                 files.folder().string(), name);
    }
}

Tensor in_file(const Tensor& parameter, const Place& place, std::size_t number) {
    const auto at = static_cast<std::int64_t>(number);
    const Tensor one = place.stacked ? squeeze(slice_axis(parameter, 0, at, at + 1), 0) : parameter;
    return turned(one, place.transposed);
}

/// The tensors of one file, and what is known of all of them.
struct Shard {
    std::vector<std::pair<const Tensor*, Place>> parameters;
};

std::string shard_name(std::size_t number, std::size_t count) {
    if (count == 1) return std::string(ONE_FILE);
    return fmt::format("model-{:05}-of-{:05}.safetensors", number + 1, count);
}

void remove_weights(const fs::path& folder) {
    for (const auto& entry : fs::directory_iterator(folder)) {
        const auto name = entry.path().filename().string();
        if (name == INDEX || (name.starts_with("model") && name.ends_with(".safetensors"))) remove_path(entry.path());
    }
}

/// Returns the config with the type that the weights are written in.
std::string with_type(const std::string& config, DataType type) {
    auto object = nlohmann::ordered_json::parse(config);
    const auto* const field = object.contains("torch_dtype") ? "torch_dtype" : "dtype";
    const auto text = type == DataType::BFLOAT16  ? "bfloat16"
                      : type == DataType::FLOAT16 ? "float16"
                      : type == DataType::FLOAT64 ? "float64"
                                                  : "float32";
    object[field] = text;
    return object.dump(2) + "\n";
}

}  // namespace

CheckpointFiles::CheckpointFiles(fs::path folder) : folder_(std::move(folder)) {
    const auto one = folder_ / ONE_FILE, index = folder_ / INDEX;
    std::map<std::string, BasicTree<HostArray>> shards;
    if (fs::exists(one)) {
        const auto tree = read_safetensors(one);
        for (std::size_t i = 0; i < tree.size(); ++i) tensors_.emplace(tree.path(i), tree.leaves()[i]);
        return;
    }
    if (!fs::exists(index)) fail(Code::NOT_FOUND, "{} has neither {} nor {}", folder_.string(), ONE_FILE, INDEX);
    for (const auto& [name, file] : read_index(index)) {
        if (!shards.contains(file)) shards.emplace(file, read_safetensors(folder_ / file));
        const auto& shard = shards.at(file);
        if (!shard.contains(name))
            fail(Code::INVALID_DATA, "{}: {} is said to be in {}, which does not have it", index.string(), name, file);
        tensors_.emplace(name, shard[name]);
    }
}

const HostArray* CheckpointFiles::find(const std::string& name) const {
    const auto found = tensors_.find(name);
    return found == tensors_.end() ? nullptr : &found->second;
}

Tree read_parameters(const CheckpointFiles& files, const std::vector<ParameterSpec>& specs, const Naming& naming,
                     DataType type) {
    TreeBuilder<Tensor> tree;
    std::set<const HostArray*> read;
    for (const auto& spec : specs) {
        const Place place = place_of(naming, spec.path, spec.dims);
        const Dims dims = dims_in_file(place, spec.dims);
        Tensors parts;
        const bool counts = spec.start == ParameterSpec::Start::COUNT;
        for (const auto& name : place.names) {
            const auto& array = expect_tensor(files, name, naming, dims, counts);
            read.insert(&array);
            const Tensor part = turned(tensor(array), place.transposed);
            parts.push_back(counts ? part : convert(part, type));
        }
        tree.add(spec.path, place.stacked ? stack(parts, 0) : parts[0]);
    }
    expect_all_read(files, read, naming);
    return tree.build();
}

Tree tensors_in_files(const Tree& parameters, const Naming& naming) {
    TreeBuilder<Tensor> tensors;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const Tensor& parameter = parameters.leaves()[i];
        const Place place = place_of(naming, parameters.path(i), parameter.dims());
        for (std::size_t n = 0; n < place.names.size(); ++n) tensors.add(place.names[n], in_file(parameter, place, n));
    }
    return tensors.build();
}

void write_checkpoint(const fs::path& folder, const Tree& parameters, const Naming& naming, const std::string& config,
                      std::size_t shard_bytes) {
    std::vector<Shard> shards;
    std::size_t filled = 0, total = 0;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const Tensor& parameter = parameters.leaves()[i];
        const auto bytes = parameter.shape().size_bytes();
        if (shards.empty() || (filled > 0 && filled + bytes > shard_bytes)) {
            shards.emplace_back();
            filled = 0;
        }
        shards.back().parameters.emplace_back(&parameter, place_of(naming, parameters.path(i), parameter.dims()));
        filled += bytes;
        total += bytes;
    }
    make_directories(folder);
    remove_weights(folder);
    nlohmann::ordered_json index{{"metadata", {{"total_size", total}}}, {"weight_map", json::object()}};
    for (std::size_t n = 0; n < shards.size(); ++n) {
        TreeBuilder<HostArray> arrays;  // of one file at a time
        const auto file = shard_name(n, shards.size());
        for (const auto& [parameter, place] : shards[n].parameters)
            for (std::size_t i = 0; i < place.names.size(); ++i) {
                arrays.add(place.names[i], in_file(*parameter, place, i).to_host());
                index["weight_map"][place.names[i]] = file;
            }
        write_safetensors(folder / file, arrays.build(), {{"format", "pt"}});
    }
    if (shards.size() > 1) write_atomically(folder / INDEX, index.dump(2) + "\n");
    write_atomically(folder / "config.json", with_type(config, parameters.leaves().front().type()));
}

}  // namespace podium::models

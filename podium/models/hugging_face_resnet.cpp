#include "podium/models/hugging_face_resnet.h"

#include "podium/models/foreign_config.h"

namespace podium::models {
namespace {

constexpr std::size_t ONE_SHARD = 5'000'000'000;  // upstream's own
constexpr std::int64_t MOST_BLOCKS = 1000;

/// The networks of torchvision.
struct KnownResnet {
    std::string_view name;
    bool bottleneck;
    std::array<std::int64_t, 4> depths;
};
constexpr std::array KNOWN{KnownResnet{"resnet18", false, {2, 2, 2, 2}}, KnownResnet{"resnet34", false, {3, 4, 6, 3}},
                           KnownResnet{"resnet50", true, {3, 4, 6, 3}}, KnownResnet{"resnet101", true, {3, 4, 23, 3}},
                           KnownResnet{"resnet152", true, {3, 8, 36, 3}}};

bool is_torchvision(const ForeignConfig& config) { return config.has("architecture"); }

std::vector<std::int64_t> sizes_of(const ForeignConfig& config, const std::string& field, std::int64_t most) {
    if (!config.has(field) || !config.object()[field].is_array()) config.refuse(field, "a list of numbers");
    std::vector<std::int64_t> sizes;
    for (const auto& item : config.object()[field])
        sizes.push_back(ForeignConfig(config.file(), {{field, item}}).size(field, most));
    return sizes;
}

BatchResnetOptions torchvision_options(const ForeignConfig& config) {
    const auto name = config.text("architecture");
    const auto* const known = std::ranges::find(KNOWN, name, &KnownResnet::name);
    if (known == KNOWN.end())
        fail(Code::UNIMPLEMENTED, "{}: podium has no architecture \"{}\"; it has resnet18, 34, 50, 101 and 152",
             config.file(), name);
    BatchResnetOptions o{.classes = config.size_or("num_classes", 1000),
                         .depths{known->depths.begin(), known->depths.end()},
                         .bottleneck = known->bottleneck};
    if (!o.bottleneck) o.widths = {64, 128, 256, 512};
    return o;
}

BatchResnetOptions transformers_options(const ForeignConfig& config) {
    if (const auto type = config.text("model_type"); type != "resnet")
        fail(Code::UNIMPLEMENTED, "{}: model_type is \"{}\", and not resnet", config.file(), type);
    if (const auto activation = config.text_or("hidden_act", "relu"); activation != "relu")
        fail(Code::UNIMPLEMENTED, "{}: podium's resnet has relu, and not \"{}\"", config.file(), activation);
    const auto layer = config.text_or("layer_type", "bottleneck");
    if (layer != "bottleneck" && layer != "basic") config.refuse("layer_type", "bottleneck or basic");
    return {.channels = config.size_or("num_channels", 3),
            .stem = config.size_or("embedding_size", 64),
            .classes = config.has("id2label") ? std::ssize(config.section("id2label").object())
                                              : config.size_or("num_labels", 2),
            .widths = sizes_of(config, "hidden_sizes", ForeignConfig::MOST),
            .depths = sizes_of(config, "depths", MOST_BLOCKS),
            .bottleneck = layer == "bottleneck",
            .first_halves = config.flag_or("downsample_in_first_stage", false),
            .early_stride = config.flag_or("downsample_in_bottleneck", false)};
}

/// Adds the rows of a convolution and its norm, ours and theirs.
void add_unit(std::vector<NameRow>& rows, const std::string& ours, const std::string& conv, const std::string& norm) {
    rows.push_back({ours + ".conv.weight", conv + ".weight"});
    rows.push_back({ours + ".norm.weight", norm + ".weight"});
    rows.push_back({ours + ".norm.bias", norm + ".bias"});
    rows.push_back({ours + ".norm.mean", norm + ".running_mean"});
    rows.push_back({ours + ".norm.variance", norm + ".running_var"});
    rows.push_back({ours + ".norm.batches", norm + ".num_batches_tracked"});
}

/// Returns torchvision's names or transformers'.
Naming resnet_naming(const BatchResnetOptions& o, bool torchvision) {
    Naming naming;
    auto& rows = naming.rows;
    const auto unit = [&](const std::string& ours, const std::string& base) {
        add_unit(rows, ours, base + ".convolution", base + ".normalization");
    };
    if (torchvision)
        add_unit(rows, "stem", "conv1", "bn1");
    else
        unit("stem", "resnet.embedder.embedder");
    for (std::size_t stage = 0; stage < o.depths.size(); ++stage)
        for (std::int64_t i = 0; i < o.depths[stage]; ++i) {
            const auto ours = fmt::format("stages.{}.{}", stage, i);
            const auto theirs = torchvision ? fmt::format("layer{}.{}", stage + 1, i)
                                            : fmt::format("resnet.encoder.stages.{}.layers.{}", stage, i);
            for (int n = 0; n < (o.bottleneck ? 3 : 2); ++n) {
                const auto own = fmt::format("{}.{}", ours, n);
                if (torchvision)
                    add_unit(rows, own, fmt::format("{}.conv{}", theirs, n + 1), fmt::format("{}.bn{}", theirs, n + 1));
                else
                    unit(own, fmt::format("{}.layer.{}", theirs, n));
            }
            if (torchvision)
                add_unit(rows, ours + ".shortcut", theirs + ".downsample.0", theirs + ".downsample.1");
            else
                unit(ours + ".shortcut", theirs + ".shortcut");
        }
    const std::string head = torchvision ? "fc" : "classifier.1";
    rows.push_back({"head.weight", head + ".weight", true});
    rows.push_back({"head.bias", head + ".bias"});
    return naming;
}

BatchResnet network_of(const ForeignConfig& config, const nn::Precision& precision) {
    auto options = is_torchvision(config) ? torchvision_options(config) : transformers_options(config);
    options.precision = precision;
    try {
        return BatchResnet(options);
    } catch (const Error& error) {
        fail(Code::INVALID_DATA, "{}: {}", config.file(), error.message());
    }
}

Tree whole(const PretrainedResnet& resnet) {
    return TreeBuilder<Tensor>().add("", resnet.parameters).add("", resnet.statistics).build();
}
Naming naming_of(const PretrainedResnet& resnet) {
    const ForeignConfig config("config.json", nlohmann::json::parse(resnet.config));
    return resnet_naming(resnet.model.options(), is_torchvision(config));
}

}  // namespace

PretrainedResnet read_resnet(const std::filesystem::path& folder, const nn::Precision& precision) {
    const auto config = ForeignConfig::of_folder(folder);
    BatchResnet model = network_of(config, precision);
    auto specs = model.parameters();
    const auto count = specs.size();
    for (auto& spec : model.statistics()) specs.push_back(std::move(spec));
    const Tree all = read_parameters(CheckpointFiles(folder), specs,
                                     resnet_naming(model.options(), is_torchvision(config)), precision.parameters);
    TreeBuilder<Tensor> parameters, statistics;
    for (std::size_t i = 0; i < all.size(); ++i)
        (i < count ? parameters : statistics).add(all.path(i), all.leaves()[i]);
    return {std::move(model), parameters.build(), statistics.build(), config.object().dump(2) + "\n"};
}

Tree upstream_parameters(const PretrainedResnet& resnet) { return tensors_in_files(whole(resnet), naming_of(resnet)); }

void write_resnet(const std::filesystem::path& folder, const PretrainedResnet& resnet) {
    write_checkpoint(folder, whole(resnet), naming_of(resnet), resnet.config, ONE_SHARD);
}

}  // namespace podium::models

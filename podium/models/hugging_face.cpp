#include "podium/models/hugging_face.h"

#include "podium/base/file.h"
#include "podium/models/decoder_families.h"

namespace podium::models {
DecoderOptions read_decoder_options(const std::filesystem::path& folder, const nn::Precision& precision) {
    const auto config = ForeignConfig::of_folder(folder);
    auto options = family_of(config).options(config);
    options.precision = precision;
    try {
        return Decoder(options).options();
    } catch (const Error& error) {
        fail(Code::INVALID_DATA, "{}: {}", config.file(), error.message());
    }
}

PretrainedDecoder read_decoder(const std::filesystem::path& folder, const nn::Precision& precision) {
    const auto config = ForeignConfig::of_folder(folder);
    const Decoder model(read_decoder_options(folder, precision));
    const CheckpointFiles files(folder);
    return {model,
            read_parameters(files, model.parameters(), family_of(config).naming(model.options()), precision.parameters),
            config.object().dump(2) + "\n"};
}

Tree upstream_parameters(const Decoder& model, const Tree& parameters, const std::string& config) {
    const ForeignConfig parsed("config.json", nlohmann::json::parse(config));
    return tensors_in_files(parameters, family_of(parsed).naming(model.options()));
}

std::vector<std::int64_t> end_tokens(const std::filesystem::path& folder) {
    const auto file = folder / "generation_config.json";
    auto config = ForeignConfig::of_folder(folder);
    if (std::filesystem::exists(file))
        if (const ForeignConfig own(file.string(), read_json_object(file)); own.has("eos_token_id")) config = own;
    constexpr auto* FIELD = "eos_token_id";
    if (!config.has(FIELD)) return {};
    const auto& value = config.object()[FIELD];
    std::vector<std::int64_t> ends;
    for (const auto& one : value.is_array() ? value : nlohmann::json::array({value})) {
        if (!one.is_number_unsigned() || one.get<std::uint64_t>() > INT32_MAX)
            config.refuse(FIELD, "a token's number, or a list of such");
        ends.push_back(one.get<std::int64_t>());
    }
    return ends;
}

void write_decoder(const std::filesystem::path& folder, const Decoder& model, const Tree& parameters,
                   const std::string& config, std::size_t shard_bytes) {
    const auto text = config.empty() ? decoder_config(model.options()) : config;
    const ForeignConfig parsed("config.json", nlohmann::json::parse(text));
    const auto& options = model.options();
    write_checkpoint(folder, options.scan_layers ? unstacked(parameters, options.layers) : parameters,
                     family_of(parsed).naming(options), text, shard_bytes);
}

}  // namespace podium::models

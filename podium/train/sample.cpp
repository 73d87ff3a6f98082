#include "podium/train/sample.h"

#include "podium/exec/evaluate.h"
#include "podium/models/hugging_face.h"
#include "podium/runs/run_files.h"
#include "podium/train/decode.h"
#include "podium/train/token_text.h"

namespace podium::train {

std::vector<std::string> continued(const ModelOptions& model, const Tree& parameters,
                                   const std::vector<std::string>& prompts, const SampleOptions& options,
                                   const Tokenizer* tokenizer) {
    if (model.lora.rank != 0) {
        const auto [plain, weights] = merged(model, parameters);
        return continued(plain, weights, prompts, options, tokenizer);
    }
    std::vector<std::string> texts;
    if (model.kind != ModelKind::DECODER) {
        if (options.beams > 1)
            fail(Code::INVALID_ARGUMENT, "sample: {} beams; only decoders have them (model.kind)", options.beams);
        SampleOptions one = options;
        for (const auto& prompt : prompts) {
            one.prompt = prompt;
            texts.push_back(generate(models::Gpt(model), parameters, one, tokenizer));
        }
        return texts;
    }
    std::vector<std::vector<TokenId>> given;
    given.reserve(prompts.size());
    for (const auto& prompt : prompts) given.push_back(tokens_of(prompt.empty() ? "\n" : prompt, tokenizer));
    const DrawOptions draw{.temperature = options.temperature, .top_k = options.top_k, .top_p = options.top_p};
    const DecodeOptions how{draw, options.tokens, options.beams, options.ends, options.seed};
    for (const auto& ids : decode(decoder_of(model), parameters, given, how)) texts.push_back(text_of(ids, tokenizer));
    return texts;
}

bool is_pretrained(const std::filesystem::path& folder) {
    return !is_run(folder) && std::filesystem::exists(folder / "config.json");
}

Tree evaluated_parameters(models::PretrainedDecoder loaded) {
    for (const Tensor& leaf : loaded.parameters.leaves()) evaluate(std::span(&leaf, 1));
    wait_for(loaded.parameters.leaves());
    return std::move(loaded.parameters);
}

PretrainedModel open_pretrained(const std::filesystem::path& folder) {
    const auto file = folder / "tokenizer.json";
    if (!std::filesystem::exists(file))
        fail(Code::NOT_FOUND, "{} has no tokenizer.json, without which text is no tokens", folder.string());
    PretrainedModel model;
    model.tokenizer = std::make_shared<const Tokenizer>(read_tokenizer(file));
    auto loaded = models::read_decoder(folder);
    model.options.kind = ModelKind::DECODER;
    model.options.decoder = loaded.model.options();
    for (const auto end : models::end_tokens(folder)) model.ends.push_back(static_cast<TokenId>(end));
    model.parameters = evaluated_parameters(std::move(loaded));
    return model;
}

}  // namespace podium::train

#include "podium/train/sample.h"

#include "podium/generation/pretrained.h"
#include "podium/runs/run_files.h"

namespace podium::train {

std::vector<std::string> continued(const ModelOptions& model, const Tree& parameters,
                                   const std::vector<std::string>& prompts, const SampleOptions& options,
                                   const Tokenizer* tokenizer) {
    if (model.lora.rank != 0) {
        const auto [plain, weights] = merged(model, parameters);
        return continued(plain, weights, prompts, options, tokenizer);
    }
    if (model.kind != ModelKind::DECODER) {
        if (options.beams > 1)
            fail(Code::INVALID_ARGUMENT, "sample: {} beams; only decoders have them (model.kind)", options.beams);
        std::vector<std::string> texts;
        SampleOptions one = options;
        for (const auto& prompt : prompts) {
            one.prompt = prompt;
            texts.push_back(generate(models::Gpt(model), parameters, one, tokenizer));
        }
        return texts;
    }
    const generation::DrawOptions draw{
        .temperature = options.temperature, .top_k = options.top_k, .top_p = options.top_p};
    return generation::continued(decoder_of(model), parameters, prompts,
                                 {draw, options.tokens, options.beams, options.ends, options.seed}, tokenizer);
}

bool is_pretrained(const std::filesystem::path& folder) {
    return !is_run(folder) && std::filesystem::exists(folder / "config.json");
}

PretrainedModel open_pretrained(const std::filesystem::path& folder) {
    const auto file = folder / "tokenizer.json";
    if (!std::filesystem::exists(file))
        fail(Code::NOT_FOUND, "{} has no tokenizer.json, without which text is no tokens", folder.string());
    auto opened = generation::open_pretrained(folder);
    PretrainedModel model;
    model.options.kind = ModelKind::DECODER;
    model.options.decoder = opened.model.options();
    model.parameters = std::move(opened.parameters);
    model.tokenizer = std::move(opened.tokenizer);
    model.ends = std::move(opened.ends);
    return model;
}

}  // namespace podium::train

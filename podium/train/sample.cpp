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
    return generation::continued(decoder_of(model), parameters, prompts, options.decoding(), tokenizer);
}

bool is_pretrained(const std::filesystem::path& folder) {
    return !is_run(folder) && std::filesystem::exists(folder / "config.json");
}

std::vector<std::string> continued(const std::filesystem::path& folder, const std::vector<std::string>& prompts,
                                   const SampleOptions& options) {
    if (!std::filesystem::exists(folder / "tokenizer.json"))
        fail(Code::NOT_FOUND, "{} has no tokenizer.json, without which text is no tokens", folder.string());
    const auto opened = generation::open_pretrained(folder);
    auto decoding = options.decoding();
    decoding.ends = opened.ends;
    return generation::continued(opened.model, opened.parameters, prompts, decoding, opened.tokenizer.get());
}

}  // namespace podium::train

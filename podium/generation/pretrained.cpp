#include "podium/generation/pretrained.h"

#include "podium/exec/evaluate.h"
#include "podium/generation/token_text.h"

namespace podium::generation {

Tree evaluated_parameters(Tree parameters) {
    for (const Tensor& leaf : parameters.leaves()) evaluate(std::span(&leaf, 1));
    wait_for(parameters.leaves());
    return parameters;
}

PretrainedText open_pretrained(const std::filesystem::path& folder, const nn::Precision& precision) {
    std::shared_ptr<const Tokenizer> tokenizer;
    if (const auto file = folder / "tokenizer.json"; std::filesystem::exists(file))
        tokenizer = std::make_shared<const Tokenizer>(read_tokenizer(file));
    PretrainedText opened{models::read_decoder(folder, precision), std::move(tokenizer), {}};
    for (const auto end : models::end_tokens(folder)) opened.ends.push_back(static_cast<TokenId>(end));
    opened.parameters = evaluated_parameters(std::move(opened.parameters));
    return opened;
}

std::vector<std::string> continued(const models::Decoder& model, const Tree& parameters,
                                   const std::vector<std::string>& prompts, const DecodeOptions& options,
                                   const Tokenizer* tokenizer) {
    std::vector<std::vector<TokenId>> given;
    given.reserve(prompts.size());
    for (const auto& prompt : prompts) given.push_back(prompt_of(prompt.empty() ? "\n" : prompt, tokenizer));
    const auto made = decode(model, parameters, given, options);
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < made.size(); ++i) texts.push_back(text_behind(given[i], made[i], tokenizer));
    return texts;
}

}  // namespace podium::generation

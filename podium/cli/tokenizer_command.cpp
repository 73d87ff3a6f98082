#include "podium/cli/tokenizer_command.h"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "podium/cli/exit_codes.h"
#include "podium/data/documents.h"
#include "podium/data/find_files.h"
#include "podium/tokenizers/bpe_trainer.h"

namespace podium {
namespace {

constexpr std::string_view TOKENIZER_EXAMPLES = R"(Examples:
  podium tokenizer train --data 'docs/**/*.md' --size 8192 --out tokenizer.json
  podium tokenizer train --data 'notes/*.jsonl' --field body
  podium train x.yaml --set data.tokenizer=tokenizer.json --set model.vocabulary=8192
  podium tokenizer encode tokenizer.json "The mesh"     prints the ids
  podium tokenizer decode tokenizer.json 464 19609      prints the text
Files are Hugging Face's tokenizer.json; what is trained is byte-level BPE. Each side reads what the other wrote.)";

constexpr std::string_view END_OF_TEXT = "<|endoftext|>";

struct TokenizerFlags {
    std::vector<std::string> data;
    std::size_t size = 8192;
    std::uint64_t min_frequency = 2;
    data::RecordOptions records;
    std::string out = "tokenizer.json", file, text;
    std::vector<TokenId> ids;
    bool json = false;
};

int train_tokenizer(const TokenizerFlags& flags) {
    const auto files = data::find_files(flags.data);
    BpeTrainer trainer;
    data::Damage damage;
    std::uint64_t bytes = 0;
    const bool is_terminal = isatty(STDERR_FILENO) != 0;
    for (std::size_t i = 0; i < files.size(); ++i) {
        data::for_each_document(files[i], flags.records, damage, [&](std::string_view text) {
            trainer.add(text);
            bytes += text.size();
        });
        if (is_terminal) fmt::print(stderr, "\rwords of {} of {} files", i + 1, files.size());
    }
    if (is_terminal) fmt::print(stderr, "\n");
    const auto made = trainer.train(
        {.vocabulary = flags.size, .min_frequency = flags.min_frequency, .special_tokens = {std::string(END_OF_TEXT)}});
    write_tokenizer(flags.out, made);
    if (damage.records > 0)
        fmt::print(stderr, "warning: {} damaged records were passed over, the first: {}\n", damage.records,
                   damage.first);
    if (made.size() < flags.size)
        fmt::print(stderr, "warning: the text has pairs for {} tokens, {} were asked for\n", made.size(), flags.size);
    if (flags.json)
        fmt::print(
            "{}\n",
            nlohmann::ordered_json{{"format", 1}, {"path", flags.out}, {"tokens", made.size()}, {"text_bytes", bytes}}
                .dump());
    else
        fmt::print(
            "{}: {} tokens, from {} files, {:.1f} MB; train with --set data.tokenizer={} --set "
            "model.vocabulary={}\n",
            flags.out, made.size(), files.size(), static_cast<double>(bytes) / 1e6, flags.out, made.size());
    return EXIT_DONE;
}

int encode_text(const TokenizerFlags& flags) {
    const auto ids = read_tokenizer(flags.file).encode(flags.text);
    if (flags.json)
        fmt::print("{}\n", nlohmann::ordered_json{{"format", 1}, {"ids", ids}}.dump());
    else
        fmt::print("{}\n", fmt::join(ids, " "));
    return EXIT_DONE;
}

int decode_ids(const TokenizerFlags& flags) {
    const auto text = read_tokenizer(flags.file).decode(flags.ids) + "\n";
    std::fwrite(text.data(), 1, text.size(), stdout);
    return EXIT_DONE;
}

}  // namespace

void add_tokenizer(CLI::App& app, std::function<int()>& run) {
    const auto flags = std::make_shared<TokenizerFlags>();
    auto* const verb = app.add_subcommand("tokenizer", "byte-level BPE: train one, encode and decode text");
    verb->require_subcommand(1);
    verb->footer(std::string(TOKENIZER_EXAMPLES));
    auto* const train = verb->add_subcommand("train", "learn the tokens of texts");
    train->add_option("--data", flags->data, "files, folders and globs of text")->required();
    train
        ->add_option("--field", flags->records.field,
                     "of the records of .jsonl and .parquet files, the one that holds the text")
        ->capture_default_str();
    train->add_option("--damaged-records", flags->records.damaged_records, "so many are passed over")
        ->capture_default_str();
    train->add_option("--size", flags->size, "tokens in all, the 256 bytes included")->capture_default_str();
    train->add_option("--min-frequency", flags->min_frequency, "a rarer pair is not merged")->capture_default_str();
    train->add_option("--out", flags->out, "file to write")->capture_default_str();
    train->add_flag("--json", flags->json, "one JSON object on stdout");
    train->callback([flags, &run] { run = [flags] { return train_tokenizer(*flags); }; });
    auto* const encode = verb->add_subcommand("encode", "print the ids of a text");
    encode->add_option("file", flags->file, "a tokenizer.json")->required();
    encode->add_option("text", flags->text, "what to encode")->required();
    encode->add_flag("--json", flags->json, "one JSON object on stdout");
    encode->callback([flags, &run] { run = [flags] { return encode_text(*flags); }; });
    auto* const decode = verb->add_subcommand("decode", "print the text of ids");
    decode->add_option("file", flags->file, "a tokenizer.json")->required();
    decode->add_option("ids", flags->ids, "what to decode")->required();
    decode->callback([flags, &run] { run = [flags] { return decode_ids(*flags); }; });
}

}  // namespace podium

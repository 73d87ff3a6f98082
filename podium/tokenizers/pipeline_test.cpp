#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "podium/base/file.h"
#include "podium/tokenizers/tokenizer.h"
#include "podium/tokenizers/words.h"
#include "tests/support/error_of.h"
#include "tests/support/python.h"
#include "tests/support/temporary_folder.h"

namespace podium {
namespace {

using nlohmann::json;

/// Tokenizers of the kinds that checkpoints have, made by Hugging Face's package, with what it makes of texts and ids.
constexpr auto PIPELINES_OF_PEER = R"(
import json, os, sys, unicodedata
os.environ['TOKENIZERS_PARALLELISM'] = 'false'
sys.path.insert(0, 'tests/support')
from charsmap import charsmap
from mixed_text import mixed_text, system_texts
from tokenizers import (AddedToken, Regex, Tokenizer, decoders as d, models, normalizers as n, pre_tokenizers as p,
                        processors, trainers)
folder = sys.argv[1] + '/'
english = ''.join(c for c in system_texts(25_000) if ord(c) < 0x250)
texts = [mixed_text(20_000, 1), english]
spaces = '\u2581'

def trained(model, trainer, normalizer=None, pre_tokenizer=None, decoder=None, post_processor=None, texts=texts):
    tokenizer = Tokenizer(model)
    if normalizer: tokenizer.normalizer = normalizer
    if pre_tokenizer: tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.train_from_iterator(texts, trainer)
    if decoder: tokenizer.decoder = decoder
    if post_processor: tokenizer.post_processor = post_processor(tokenizer)
    return tokenizer

def template(single, pair, names):
    return lambda tokenizer: processors.TemplateProcessing(
        single=single, pair=pair, special_tokens=[(name, tokenizer.token_to_id(name)) for name in names])

bert_tokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']
def bert(normalizer, pre_tokenizer=p.BertPreTokenizer(), processor=None):
    return trained(models.WordPiece(unk_token='[UNK]', max_input_chars_per_word=20),
                   trainers.WordPieceTrainer(vocab_size=900, special_tokens=bert_tokens, show_progress=False), normalizer, pre_tokenizer,
                   d.WordPiece(), processor or template('[CLS] $A [SEP]', '[CLS] $A [SEP] $B:1 [SEP]:1', ['[CLS]', '[SEP]']))

def unigram(normalizer, pre_tokenizer, decoder, **options):
    made = trained(models.Unigram(), trainers.UnigramTrainer(vocab_size=700, special_tokens=['<pad>', '</s>', '<unk>'],
                   unk_token='<unk>', show_progress=False), normalizer, pre_tokenizer, decoder,
                   template('$A </s>', '$A </s> $B </s>', ['</s>']), [english])
    made.add_special_tokens([AddedToken('<extra_id_0>', lstrip=True), AddedToken('<extra_id_1>', rstrip=True)])
    return made

def with_model(tokenizer, **fields):
    text = json.loads(tokenizer.to_str())
    for name, value in fields.items():
        text['model'][name] = value
    return Tokenizer.from_str(json.dumps(text))

def bpe(normalizer=None, pre_tokenizer=None, decoder=None, post_processor=None, alphabet=(), unk=None, specials=('<unk>', '<s>', '</s>'), vocab_size=900):
    return trained(models.BPE(unk_token=unk, fuse_unk=unk is not None), trainers.BpeTrainer(vocab_size=vocab_size, special_tokens=list(specials),
                   initial_alphabet=list(alphabet), show_progress=False, limit_alphabet=300), normalizer, pre_tokenizer, decoder, post_processor)

def llama(normalizer, pre_tokenizer, normalized=False):
    made = bpe(p_free, p.Metaspace(), None, None, unk='<unk>', specials=['<unk>', '<s>', '</s>'] + [f'<0x{b:02X}>' for b in range(256)])
    made.normalizer, made.pre_tokenizer = normalizer, pre_tokenizer
    made = with_model(made, byte_fallback=True)
    made.decoder = d.Sequence([d.Replace(spaces, ' '), d.ByteFallback(), d.Fuse(), d.Strip(' ', 1, 0)])
    made.post_processor = template('<s> $A', '<s> $A <s>:1 $B:1', ['<s>'])(made)
    text = json.loads(made.to_str())
    for token in text['added_tokens']:
        token['normalized'], token['special'] = normalized, token['content'] in ('<unk>', '<s>', '</s>')
    text['added_tokens'] = text['added_tokens'][:3]
    text['normalizer'] = None if normalizer is None else text['normalizer']
    text['pre_tokenizer'] = None if pre_tokenizer is None else text['pre_tokenizer']
    return Tokenizer.from_str(json.dumps(text))
p_free = n.Sequence([])

NEWER = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}%s| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
def newer(digits, normalizer, ignore_merges):
    made = bpe(normalizer, p.Sequence([p.Split(Regex(NEWER % digits), 'isolated'), p.ByteLevel(add_prefix_space=False, use_regex=False)]),
               d.ByteLevel(), None, p.ByteLevel.alphabet(), specials=['<|begin|>', '<|end|>'])
    made.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False),
                                               template('<|begin|> $A', '<|begin|> $A <|begin|> $B:1', ['<|begin|>'])(made)])
    return with_model(made, ignore_merges=ignore_merges)

plain = lambda tokenizer: processors.BertProcessing(('[SEP]', 3), ('[CLS]', 2))
roberta = lambda tokenizer: processors.RobertaProcessing(('[SEP]', 3), ('[CLS]', 2))
def t5_normalizer():
    return n.Sequence([n.Precompiled(charsmap()), n.Strip(left=False, right=True), n.Replace(Regex(' {2,}'), spaces)])
tokenizers = {
    'bert_uncased': bert(n.BertNormalizer()),
    'bert_cased': bert(n.BertNormalizer(lowercase=False, strip_accents=False), processor=plain),
    'word_piece_nfkd': bert(n.Sequence([n.NFKD(), n.StripAccents(), n.Lowercase()]), p.Sequence([p.Whitespace(), p.Digits(True)]), roberta),
    'word_piece_nfkc': bert(n.NFKC(), p.Sequence([p.WhitespaceSplit(), p.Punctuation('merged_with_previous'), p.Digits(False)])),
    't5': unigram(n.Precompiled(charsmap()), p.Sequence([p.WhitespaceSplit(), p.Metaspace()]), d.Metaspace()),
    't5_newer': unigram(t5_normalizer(), p.Metaspace(), d.Metaspace()),
    'unigram_whole': unigram(n.NFC(), p.Metaspace(prepend_scheme='first', split=False), d.Metaspace(prepend_scheme='first')),
    'llama': llama(n.Sequence([n.Prepend(spaces), n.Replace(' ', spaces)]), None),
    'llama_normalized': llama(n.Sequence([n.Prepend(spaces), n.Replace(' ', spaces)]), None, True),
    'mistral': llama(None, p.Metaspace(prepend_scheme='first', split=False)),
    'gemma': llama(n.Replace(' ', spaces), p.Split(' ', 'merged_with_previous')),
    'contiguous': bpe(n.NFD(), p.Sequence([p.Split(' ', 'contiguous'), p.Punctuation('contiguous')]), d.Fuse(), unk='<unk>'),
    'merged_with_next': bpe(n.Strip(), p.Sequence([p.Split('\n', 'removed'), p.Split(' ', 'merged_with_next'), p.Split('e', 'removed', invert=True)]), unk='<unk>'),
    'llama3': newer('{1,3}', None, True),
    'qwen': newer('', n.NFC(), False),
    'gpt2_with_template': bpe(None, p.ByteLevel(), d.ByteLevel(), template('<s> $A </s>', '<s> $A </s> $B </s>', ['<s>', '</s>']), p.ByteLevel.alphabet()),
}
tokenizers['bert_uncased'].add_tokens([AddedToken('Meshes', single_word=True), AddedToken('Déjà', normalized=True)])
tokenizers['bert_uncased'].add_special_tokens([AddedToken('[X]', lstrip=True, rstrip=True)])
awkward = ['', ' ', '  ', 'x', ' a', 'a ', ' \n\t ', '[CLS]a[SEP]', 'İstanbul ǅ ß ſ K', 'a\u0300 \u0301 e\u0301\u0302', '\ufb01 \u2460 \uff21\uff22',
           '漢字 and 한글 ｶﾅ', "I don't, we'RE 'S 'ſ he'll", '12345 ²³ Ⅻ ٣٤', 'a\r\n\r\n  b \n c', '…!?--"x"', '\u00a0a\u3000b\u2028c\u0085d',
           'Meshes Meshesx déjà Déjà xDéjà', 'a [X]  b[X]', '<extra_id_0> a  <extra_id_0>  <extra_id_1>  b', '<s>a</s> <s> b', '👩‍👩‍👧 🇩🇪🇫🇷 👍🏽', 'नमस्ते க்ஷி',
           '\u200d\u200c a\u00adb \ufffd \u0000 \x7f', 'x' * 21 + ' ' + 'y' * 20, '<0x41> <0x', 'the ' * 30, '▁a ▁▁b', '\u0344\u0958\u212b\uac00\u1100\u1161', 'ﷺ ㍿ ½']
old = unicodedata.ucd_3_2_0  # the peer's classes are of several Unicodes: characters that had theirs early are compared
known = lambda text: ''.join(c for c in text if old.category(c) == unicodedata.category(c))
tests = awkward + [known(mixed_text(10_000, 7)), system_texts(6_000)] + [known(mixed_text(200, seed)) for seed in range(20, 40)]
for name, tokenizer in tokenizers.items():
    tokenizer.save(folder + name + '.json')
    rows = []
    for text in tests:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        pair = tokenizer.encode(text, 'a second one')
        rows.append({'text': text, 'ids': ids, 'whole': tokenizer.encode(text).ids, 'pair': pair.ids, 'types': pair.type_ids,
                     'decoded': tokenizer.decode(ids, skip_special_tokens=False)})
    json.dump(rows, open(folder + name + '.rows', 'w'))
print(' '.join(tokenizers))
)";

void expect_peers(const std::filesystem::path& folder, const std::string& name) {
    SCOPED_TRACE(name);
    const auto file = folder / (name + ".json");
    const auto tokenizer = read_tokenizer(file);
    EXPECT_FALSE(tokenizer.is_byte_level());
    EXPECT_EQ(to_tokenizer_json(tokenizer), read_file(file));
    for (const auto& row : json::parse(read_file(folder / (name + ".rows")))) {
        const auto text = row["text"].get<std::string>();
        SCOPED_TRACE(text.substr(0, 300));
        const auto ids = tokenizer.encode(text);
        ASSERT_EQ(ids, row["ids"].get<std::vector<TokenId>>());
        EXPECT_EQ(tokenizer.encode_for_model(text).ids, row["whole"].get<std::vector<TokenId>>());
        const auto [pair, types] = tokenizer.encode_for_model(text, "a second one");
        EXPECT_EQ(pair, row["pair"].get<std::vector<TokenId>>());
        EXPECT_EQ(types, row["types"].get<std::vector<std::int32_t>>());
        EXPECT_EQ(tokenizer.decode(ids), row["decoded"].get<std::string>());
    }
}

TEST(TokenizerPipelines, IdsTypesAndTextsAreThePeers) {
    const test::TemporaryFolder folder;
    std::istringstream names(test::run_python(PIPELINES_OF_PEER, {folder.path()}));
    std::size_t count = 0;
    for (std::string name; names >> name; ++count) expect_peers(folder.path(), name);
    EXPECT_EQ(count, 16U);
}

class TokenizerPipelineFile : public testing::Test {
protected:
    static constexpr auto WORD_PIECE = R"({"version": "1.0", "added_tokens": [{"id": 0, "content": "[UNK]"}],
"normalizer": null, "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": null, "decoder": {"type": "WordPiece"},
"model": {"type": "WordPiece", "max_input_chars_per_word": 100, "vocab": {"[UNK]": 0, "a": 1, "##a": 2, "##aa": 3}}})";
    static constexpr auto UNIGRAM = R"({"version": "1.0", "pre_tokenizer": null, "decoder": {"type": "Metaspace"},
"model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["a", -1.5], ["aa", -2]]}})";

    Tokenizer with(const char* file, const char* pointer, const std::string& value) const {
        auto changed = json::parse(file);
        changed[json::json_pointer(pointer)] = json::parse(value);
        folder_.write("tokenizer.json", changed.dump());
        return read_tokenizer(folder_ / "tokenizer.json");
    }

    const test::TemporaryFolder folder_;
};

TEST_F(TokenizerPipelineFile, WhatDoesNotHoldTogetherIsRefused) {
    struct Row {
        const char *file, *pointer, *value, *words;
    };
    const Row rows[] = {
        {WORD_PIECE, "/model/vocab", "{}", "no unk_token \"[UNK]\""},
        {WORD_PIECE, "/model/max_input_chars_per_word", "-1", "max_input_chars_per_word is no size, but -1"},
        {WORD_PIECE, "/normalizer", R"({"type": 3})", "the type of the normalizer is no text, but 3"},
        {WORD_PIECE, "/normalizer", R"({"type": "Precompiled", "precompiled_charsmap": "AA*="})", "is no base64"},
        {WORD_PIECE, "/normalizer", R"({"type": "Precompiled", "precompiled_charsmap": "/////w=="})",
         "hold no table of 42949"},
        {WORD_PIECE, "/normalizer", R"({"type": "Replace", "pattern": {"String": ""}, "content": "a"})", "empty text"},
        {WORD_PIECE, "/normalizer", R"({"type": "Replace", "pattern": 3, "content": "a"})",
         "neither a String nor a Regex"},
        {WORD_PIECE, "/pre_tokenizer", R"({"type": "Metaspace", "replacement": ""})", "the replacement is empty"},
        {WORD_PIECE, "/pre_tokenizer", R"({"type": "Metaspace", "prepend_scheme": "x"})", "prepend_scheme is \"x\""},
        {WORD_PIECE, "/pre_tokenizer", R"({"type": "Punctuation", "behavior": "Other"})", "no behavior \"Other\""},
        {WORD_PIECE, "/pre_tokenizer", R"({"type": "Sequence"})", "pretokenizers is no list, but null"},
        {WORD_PIECE, "/post_processor", R"({"type": "BertProcessing", "cls": ["a"]})", "cls is no token and its id"},
        {WORD_PIECE, "/post_processor",
         R"({"type": "TemplateProcessing", "single": [{"Sequence": {"id": "B"}}], "special_tokens": {}})",
         "has the text \"B\""},
        {WORD_PIECE, "/post_processor",
         R"({"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x"}}], "special_tokens": {}})",
         "x is no object"},
        {UNIGRAM, "/model/vocab", "[]", "the vocabulary is empty"},
        {UNIGRAM, "/model/vocab/1", R"(["a"])", "no token with its score"},
        {UNIGRAM, "/model/vocab/1", R"(["a", "b"])", "no token with its score"},
        {UNIGRAM, "/model/vocab/1", R"(["aa", 1])", "the token \"aa\" is there twice"},
        {UNIGRAM, "/model/unk_id", "3", "unk_id is 3, and there are 3 tokens"},
    };
    for (const auto& [file, pointer, value, words] : rows) {
        const auto error = test::error_of([&] { with(file, pointer, value); });
        EXPECT_EQ(error.code(), Code::INVALID_DATA) << pointer << value << error.message();
        EXPECT_THAT(error.message(), testing::HasSubstr(words));
    }
}

TEST_F(TokenizerPipelineFile, OldFilesNameNoKindOfModel) {
    for (const auto* const file : {WORD_PIECE, UNIGRAM}) {
        auto unnamed = json::parse(file)["model"];
        unnamed.erase("type");
        const auto text = std::string("aa a b");
        EXPECT_EQ(with(file, "/model", unnamed.dump()).encode(text), with(file, "/padding", "null").encode(text));
    }
}

TEST_F(TokenizerPipelineFile, ALongWordTakesNoSquareOfItsLength) {
    const auto whole = with(WORD_PIECE, "/model/max_input_chars_per_word", "1000000000");
    EXPECT_EQ(whole.encode(std::string(1'000'001, 'a')).size(), 500'001U);
    EXPECT_EQ(with(UNIGRAM, "/model/unk_id", "0").encode(std::string(1'000'000, 'a')).size(), 500'000U);
}

TEST_F(TokenizerPipelineFile, StepsThatMakeATextTooLongAreRefused) {
    auto doubling = json::array();
    for (int i = 0; i < 40; ++i)
        doubling.push_back({{"type", "Replace"}, {"pattern", {{"String", "a"}}}, {"content", "aa"}});
    const auto tokenizer = with(UNIGRAM, "/normalizer", json{{"type", "Sequence"}, {"normalizers", doubling}}.dump());
    EXPECT_EQ(test::error_of([&] { tokenizer.encode("a"); }).code(), Code::INVALID_DATA);
    json spelling{{"type", "Sequence"}, {"pretokenizers", json::array()}};
    for (int i = 0; i < 40; ++i) spelling["pretokenizers"].push_back({{"type", "ByteLevel"}});
    EXPECT_EQ(test::error_of([&] { with(UNIGRAM, "/pre_tokenizer", spelling.dump()).encode("\x01"); }).code(),
              Code::INVALID_DATA);
}

TEST_F(TokenizerPipelineFile, UnknownCharactersWithoutATokenForThemAreAnError) {
    const auto tokenizer = with(UNIGRAM, "/model/unk_id", "null");
    EXPECT_EQ(tokenizer.encode("aaa"), (std::vector<TokenId>{1, 2}));
    const auto error = test::error_of([&] { tokenizer.encode("aé"); });
    EXPECT_EQ(error.code(), Code::INVALID_ARGUMENT);
    EXPECT_THAT(error.message(), testing::HasSubstr("no token for \"é\""));
    EXPECT_EQ(test::error_of([&] { tokenizer.decode(std::array{TokenId{3}}); }).code(), Code::INVALID_ARGUMENT);
}

TEST_F(TokenizerPipelineFile, BytesThatAreNotUtf8AreReplaced) {
    const auto tokenizer = with(UNIGRAM, "/model/vocab/2", R"(["\ufffd", -2])");
    EXPECT_EQ(tokenizer.encode("a\xff\xe2\x82"), (std::vector<TokenId>{1, 2, 2, 2}));
}

}  // namespace
}  // namespace podium

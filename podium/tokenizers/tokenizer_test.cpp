#include "podium/tokenizers/tokenizer.h"

#include <gmock/gmock.h>

#include <cstring>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "podium/base/file.h"
#include "podium/tokenizers/bpe_trainer.h"
#include "podium/tokenizers/words.h"
#include "tests/support/error_of.h"
#include "tests/support/python.h"
#include "tests/support/temporary_folder.h"

namespace podium {
namespace {

using nlohmann::json;
using test::error_of;
using testing::HasSubstr;

/// Runs Hugging Face's package once, on as much text as PODIUM_TOKENIZER_BYTES says: mixed text, a tokenizer trained on
/// it, its words and its ids; and the same for text that is not UTF-8, whose words are those of the replaced text,
/// given to the model byte by byte.
constexpr auto PEER = R"(
import os, sys, time, unicodedata
os.environ['TOKENIZERS_PARALLELISM'], os.environ['RAYON_NUM_THREADS'] = 'false', '1'
sys.path.insert(0, 'tests/support')
import numpy as np
from mixed_text import every_character, mixed_text, system_texts
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
folder, size = sys.argv[1] + '/', int(os.environ.get('PODIUM_TOKENIZER_BYTES', 150_000))
byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer, tokenizer.decoder = byte_level, decoders.ByteLevel()
texts = [mixed_text(100_000, 1), mixed_text(60_000, 2), 'aaaa aaaaaaa abababab\n\n' * 50]
alphabet = pre_tokenizers.ByteLevel.alphabet()
tokenizer.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=1500, special_tokens=['<|end|>', '<|é|>'],
                                                         initial_alphabet=alphabet, show_progress=False))
tokenizer.save(folder + 'trained.json')
for number, text in enumerate(texts):
    open(f'{folder}text{number}', 'wb').write(text.encode())
tokenizer.add_tokens([AddedToken(' the model'), AddedToken('<|end|>x', special=True, normalized=False)])
tokenizer.save(folder + 'added.json')
text = mixed_text(size * 7 // 10, 3) + system_texts(size * 3 // 10)
if size >= 10_000_000:
    text += every_character()
middle = len(text) // 2
text = '<|end|>' + text[:middle] + '<|end|>xx the model<|é|>' + text[middle:] + ' '
open(folder + 'text', 'wb').write(text.encode())
began = time.process_time()
ids = tokenizer.encode(text).ids
open(folder + 'seconds', 'w').write(str(time.process_time() - began))
np.array(ids, 'i4').tofile(folder + 'ids')
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
tokenizer.save(folder + 'prefixed.json')
np.array(tokenizer.encode(text).ids, 'i4').tofile(folder + 'prefixed.ids')

def ends(words):
    return np.cumsum([len(word.encode()) for word in words], dtype='i4')
spans = byte_level.pre_tokenize_str(text)
ends(text[begin:end] for _, (begin, end) in spans).tofile(folder + 'ends')

draw = np.random.default_rng(7)
broken = bytearray(mixed_text(size // 5, 4).encode())
for at in draw.integers(0, len(broken), len(broken) // 15):
    broken[at] = draw.integers(128, 256)
broken += b'\xed\xa0\x80 \xc0\xaf \xf4\x90\x80\x80 \xf0\x9f\x98'
kept = broken.decode('utf-8', 'surrogateescape')            # one character for each byte that is not UTF-8
kept = ''.join('\udcff' if unicodedata.category(c) == 'Cn' else c for c in kept)  # Unicodes differ in what they assign
broken = kept.encode('utf-8', 'surrogateescape')
open(folder + 'broken', 'wb').write(broken)
replaced = ''.join('\ufffd' if '\udc80' <= c <= '\udcff' else c for c in kept)
printable = [b for b in range(256) if 33 <= b <= 126 or 161 <= b <= 172 or b >= 174]
spelled = {b: chr(b) for b in printable} | {b: chr(256 + i) for i, b in enumerate(sorted({*range(256)} - {*printable}))}
words = [kept[begin:end].encode('utf-8', 'surrogateescape') for _, (begin, end) in byte_level.pre_tokenize_str(replaced)]
np.cumsum([len(word) for word in words], dtype='i4').tofile(folder + 'broken.ends')
model = Tokenizer.from_file(folder + 'trained.json')
model.pre_tokenizer = None
spelled_words = [''.join(spelled[byte] for byte in word) for word in words]
np.array(model.encode(spelled_words, is_pretokenized=True).ids, 'i4').tofile(folder + 'broken.ids')
)";

class TokenizerPeer : public testing::Test {
protected:
    static void SetUpTestSuite() {
        folder = std::make_unique<test::TemporaryFolder>();
        test::run_python(PEER, {folder->path()});
    }
    static void TearDownTestSuite() { folder.reset(); }

    static std::filesystem::path path(const char* name) { return *folder / name; }
    static std::string text(const char* name) { return read_file(path(name)); }
    static std::vector<TokenId> numbers(const char* name) {
        const auto bytes = text(name);
        std::vector<TokenId> values(bytes.size() / sizeof(TokenId));
        std::memcpy(values.data(), bytes.data(), bytes.size());
        return values;
    }
    static std::vector<TokenId> word_ends(std::string_view text) {
        std::vector<TokenId> ends;
        for (std::size_t at = 0; at < text.size(); ends.push_back(static_cast<TokenId>(at))) at = word_end(text, at);
        return ends;
    }

    static inline std::unique_ptr<test::TemporaryFolder> folder;
};

TEST_F(TokenizerPeer, WordsAreThoseOfItsRegularExpression) { EXPECT_EQ(word_ends(text("text")), numbers("ends")); }

TEST_F(TokenizerPeer, IdsAreEqualAndBytesComeBack) {
    const auto tokenizer = read_tokenizer(path("added.json"));
    EXPECT_EQ(tokenizer.size(), 1502U);
    const auto bytes = text("text");
    const auto began = std::clock();
    const auto ids = tokenizer.encode(bytes);
    fmt::print("{} bytes took {:.2f} s of the processor, the peer {} s\n", bytes.size(),
               static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC, text("seconds"));
    EXPECT_EQ(ids, numbers("ids"));
    EXPECT_EQ(tokenizer.decode(ids), bytes);
}

TEST_F(TokenizerPeer, APrefixSpaceIsAddedToEachPieceBetweenAddedTokens) {
    EXPECT_EQ(read_tokenizer(path("prefixed.json")).encode(text("text")), numbers("prefixed.ids"));
}

TEST_F(TokenizerPeer, BytesThatAreNotUtf8HaveTheWordsOfTheReplacedTextAndComeBack) {
    const auto tokenizer = read_tokenizer(path("trained.json"));
    EXPECT_EQ(word_ends(text("broken")), numbers("broken.ends"));
    const auto ids = tokenizer.encode(text("broken"));
    EXPECT_EQ(ids, numbers("broken.ids"));
    EXPECT_EQ(tokenizer.decode(ids), text("broken"));
}

TEST_F(TokenizerPeer, TrainingGivesTheSameFileByteForByte) {
    BpeTrainer trainer;
    for (const auto* name : {"text0", "text1", "text2"}) trainer.add(text(name));
    EXPECT_EQ(to_tokenizer_json(trainer.train({.vocabulary = 1500, .special_tokens = {"<|end|>", "<|é|>"}})),
              text("trained.json"));
}

TEST_F(TokenizerPeer, WhatIsReadIsWrittenAgain) {
    const auto tokenizer = read_tokenizer(path("prefixed.json"));
    write_tokenizer(path("again.json"), tokenizer);
    EXPECT_EQ(text("again.json"), text("prefixed.json"));
    EXPECT_EQ(read_tokenizer(path("again.json")).parts(), tokenizer.parts());
}

/// Returns a tokenizer of the bytes, "ab", "abc" and the added token "<|end|>".
Tokenizer small_tokenizer() {
    BpeTrainer trainer;
    trainer.add("abcabc");
    return trainer.train({.vocabulary = 259, .special_tokens = {"<|end|>"}});
}

TEST(Tokenizer, AnyBytesComeBack) {
    const auto tokenizer = small_tokenizer();
    EXPECT_TRUE(tokenizer.encode("").empty());
    std::mt19937 random(3);
    for (int i = 0; i < 300; ++i) {
        std::string bytes(random() % 200, '\0');
        for (auto& byte : bytes)
            byte = static_cast<char>(random() % 3 == 0 ? random() : "abc <|end|>'s\n"[random() % 14]);
        EXPECT_EQ(tokenizer.decode(tokenizer.encode(bytes)), bytes);
    }
    EXPECT_EQ(error_of([&] { tokenizer.decode(std::array{TokenId{259}}); }).code(), Code::INVALID_ARGUMENT);
}

TEST(Tokenizer, ALongWordTakesNoSquareOfItsLength) {
    const auto ids = small_tokenizer().encode(std::string(1'000'000, 'a') + std::string(1'000'000, ' '));
    EXPECT_EQ(ids.size(), 2'000'000U);
}

TEST(Tokenizer, AVocabularyWithoutRoomForTheBytesIsRefused) {
    const auto error = error_of([] { BpeTrainer().train({.vocabulary = 256, .special_tokens = {"<|end|>"}}); });
    EXPECT_EQ(error.code(), Code::INVALID_ARGUMENT);
    EXPECT_THAT(error.message(), HasSubstr("ask for 257"));
}

class TokenizerFile : public testing::Test {
protected:
    Error error_reading(std::string_view bytes) const {
        std::ofstream(path_, std::ios::binary) << bytes;
        return error_of([&] { read_tokenizer(path_); });
    }
    /// Returns the error for a good file in which the value at `pointer` is another.
    Error error_with(const char* pointer, const char* value) const {
        auto file = json::parse(to_tokenizer_json(small_tokenizer()));
        file[json::json_pointer(pointer)] = json::parse(value);
        return error_reading(file.dump());
    }

    const test::TemporaryFolder folder_;
    const std::filesystem::path path_ = folder_ / "tokenizer.json";
};

TEST_F(TokenizerFile, WhatIsNotReadIsNamed) {
    struct Row {
        const char *pointer, *value, *words;
    };
    const Row rows[] = {
        {"/version", "\"2.0\"", "version is \"2.0\""},
        {"/normalizer", R"({"type": "Nmt"})", "normalizer is \"Nmt\"; what is read are BertNormalizer, Lowercase"},
        {"/normalizer", R"({"type": "Replace", "pattern": {"Regex": "a+"}, "content": ""})",
         "regular expression \"a+\""},
        {"/truncation", R"({"max_length": 4})", "truncation is"},
        {"/pre_tokenizer", R"({"type": "UnicodeScripts"})",
         "pre_tokenizer is \"UnicodeScripts\"; what is read are Bert"},
        {"/pre_tokenizer", R"({"type": "Sequence", "pretokenizers": [3]})", "pre_tokenizer is 3"},
        {"/post_processor", R"({"type": "Other"})", "post_processor is \"Other\""},
        {"/decoder", R"({"type": "CTC"})", "decoder is \"CTC\"; what is read are ByteFallback"},
        {"/decoder", "\"ByteLevel\"", "decoder is \"ByteLevel\""},
        {"/model", R"({"type": "WordLevel"})", "model is \"WordLevel\"; what is read are BPE, Unigram, WordPiece"},
        {"/model/dropout", "0.1", "dropout is 0.1"},
        {"/model/end_of_word_suffix", "\"</w>\"", "end_of_word_suffix is \"</w>\""},
    };
    for (const auto& [pointer, value, words] : rows) {
        const auto error = error_with(pointer, value);
        EXPECT_EQ(error.code(), Code::UNIMPLEMENTED) << pointer << error.message();
        EXPECT_THAT(error.message(), testing::AllOf(HasSubstr("tokenizer.json"), HasSubstr(words)));
    }
}

TEST_F(TokenizerFile, AnOldFileNamesNoKindOfModelAndWritesMergesAsText) {
    const auto expected = small_tokenizer();
    auto file = json::parse(to_tokenizer_json(expected));
    file["model"].erase("type");
    file["model"]["merges"] = {"a b", "ab c"};
    EXPECT_EQ(error_reading(file.dump()).code(), Code::OK);
    EXPECT_EQ(read_tokenizer(path_).parts(), expected.parts());
}

TEST_F(TokenizerFile, WhatDoesNotHoldTogetherIsRefused) {
    ASSERT_EQ(error_with("/model/dropout", "null").code(), Code::OK);
    struct Row {
        const char *pointer, *value, *words;
    };
    const Row rows[] = {
        {"/model/vocab", "[]", "vocab is no object"},
        {"/model/vocab", "{}", "needs the token \"a\""},
        {"/model", R"({"type": "BPE", "vocab": {}, "merges": []})", "no token \"Ā\" for the byte 0x00"},
        {"/model/vocab/new", "4", "the id 4 belongs to"},
        {"/model/vocab/new", "260", "has the id 260"},
        {"/model/vocab/new", "-1", "has the id -1"},
        {"/model/vocab/new", "1.5", "has the id 1.5"},
        {"/model/vocab/new", "18446744073709551615", "has the id 18446744073709551615"},
        {"/model/merges", "3", "merges is no list"},
        {"/model/merges/0", "3", "the merge 3 is not one of two tokens"},
        {"/model/merges/0", "\"a b c\"", "not one of two tokens"},
        {"/model/merges/0", R"(["a"])", "not one of two tokens"},
        {"/model/merges/0", R"(["x", "yz"])", "needs the token \"yz\""},
        {"/model/merges/0", R"(["x", "y"])", "needs the token \"xy\""},
        {"/added_tokens", "3", "added_tokens is no list"},
        {"/added_tokens/0", "3", "an added token is no object"},
        {"/added_tokens/0/content", "3", "content is no text"},
        {"/added_tokens/0/content", "\"\"", "is empty"},
        {"/added_tokens/0/id", "7", "has the id 7 and not 0"},
        {"/added_tokens/0/special", "3", "special is neither true nor false"},
        {"/added_tokens/1", R"({"content": "<|end|>", "id": 0})", "is there twice"},
        {"/added_tokens/1", R"({"content": "new", "id": 300})", "has the id 300 and not 259, which is the next free"},
    };
    for (const auto& [pointer, value, words] : rows) {
        const auto error = error_with(pointer, value);
        EXPECT_EQ(error.code(), Code::INVALID_DATA) << pointer << value << error.message();
        EXPECT_THAT(error.message(), testing::AllOf(HasSubstr("tokenizer.json"), HasSubstr(words)));
    }
    for (const auto* bytes : {"", "{", "[]", "3", "{\"version\": \"\xFF\"}", "{\"version\": \"\\ud800\"}"})
        EXPECT_EQ(error_reading(bytes).code(), Code::INVALID_DATA) << bytes;
    EXPECT_THAT(error_reading(std::string(1'000'000, '[')).message(), HasSubstr("too deep"));
}

TEST_F(TokenizerFile, DamagedFilesAreReadOrRefusedAndNothingElse) {
    const auto good = json::parse(to_tokenizer_json(small_tokenizer())).dump();
    std::mt19937 random(7);
    for (int i = 0; i < 500; ++i) {
        std::string bytes = good.substr(0, i % 3 == 0 ? random() % good.size() : good.size());
        for (std::size_t flips = random() % 4; flips-- > 0 && !bytes.empty();)
            bytes[random() % bytes.size()] =
                static_cast<char>(random() % 3 == 0 ? random() : "{}[]\",:019"[random() % 10]);
        const auto code = error_reading(bytes).code();
        EXPECT_TRUE(code == Code::OK || code == Code::INVALID_DATA || code == Code::UNIMPLEMENTED) << name(code);
    }
}

}  // namespace
}  // namespace podium

#include "podium/tokenizers/tokenizer.h"

#include "tests/fuzz/reader.h"

namespace podium::fuzz {
namespace {

constexpr std::string_view SAMPLE = "The m\u00e9sh's 12 pods,\r\n \u2460 \ufb01\u6f22 [CLS]<s> \u2581x \xff e\u0301.";

}  // namespace

int read_once(std::string_view text) {
    return attempt([&] {
        const auto tokenizer = read_tokenizer(file_of(text));
        tokenizer.decode(tokenizer.encode_for_model(SAMPLE, "a [MASK] b").ids);
    });
}

}  // namespace podium::fuzz

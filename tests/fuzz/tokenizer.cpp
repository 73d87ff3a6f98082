#include "podium/tokenizers/tokenizer.h"

#include "tests/fuzz/reader.h"

namespace podium::fuzz {

int read_once(std::string_view text) {
    return attempt([&] { read_tokenizer(file_of(text)); });
}

}  // namespace podium::fuzz

#include "podium/tokenizers/tokenizer.h"

#include "tests/fuzz/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace podium;
    return fuzz::attempt([&] { read_tokenizer(fuzz::file_of(data, size)); });
}

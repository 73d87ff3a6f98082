#include <cstdint>

#include "tests/fuzz/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {  // NOLINT: libFuzzer's name for it
    return podium::fuzz::read_once({reinterpret_cast<const char*>(data), size});
}

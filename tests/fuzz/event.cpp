#include "podium/events/event.h"

#include "tests/fuzz/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace podium;
    return fuzz::attempt([&] { parse_event(fuzz::text_of(data, size), "fuzz"); });
}

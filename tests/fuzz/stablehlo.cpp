#include "podium/runtime/pjrt/foreign_text.h"
#include "podium/runtime/pjrt/refusals.h"
#include "tests/fuzz/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace podium;
    const auto text = fuzz::text_of(data, size);
    with_barriers(text);
    return fuzz::attempt([&] { expect_possible(text, "fuzz", DeviceType::CPU); });
}

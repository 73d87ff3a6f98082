#include "podium/runtime/pjrt/foreign_text.h"
#include "podium/runtime/pjrt/quantized_text.h"
#include "podium/runtime/pjrt/refusals.h"
#include "tests/fuzz/reader.h"

namespace podium::fuzz {

int read_once(std::string_view text) {
    with_barriers(text);
    return attempt([&] {
        without_quantized_types(text);
        expect_possible(text, "fuzz", DeviceType::CPU);
    });
}

}  // namespace podium::fuzz

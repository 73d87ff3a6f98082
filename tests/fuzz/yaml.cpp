#include "podium/config/node.h"
#include "tests/fuzz/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace podium;
    try {
        const auto node = config::parse_yaml(fuzz::text_of(data, size));
        config::parse_yaml(config::to_yaml(node));
    } catch (const config::Problem&) {
    }
    return 0;
}

#include "podium/config/node.h"
#include "tests/fuzz/reader.h"

namespace podium::fuzz {

int read_once(std::string_view text) {
    try {
        const auto node = config::parse_yaml(text);
        config::parse_yaml(config::to_yaml(node));
    } catch (const config::Problem&) {
    }
    return 0;
}

}  // namespace podium::fuzz

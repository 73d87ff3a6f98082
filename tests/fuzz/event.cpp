#include "podium/events/event.h"

#include "tests/fuzz/reader.h"

namespace podium::fuzz {

int read_once(std::string_view text) {
    return attempt([&] { parse_event(text, "fuzz"); });
}

}  // namespace podium::fuzz

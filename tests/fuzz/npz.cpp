#include "podium/arrays/npz.h"

#include "tests/fuzz/reader.h"

namespace podium::fuzz {

int read_once(std::string_view text) {
    return attempt([&] { read_npz(file_of(text), "a"); });
}

}  // namespace podium::fuzz

#include "podium/arrays/safetensors.h"

#include "tests/fuzz/reader.h"

namespace podium::fuzz {

int read_once(std::string_view text) {
    return attempt([&] {
        const auto tree = read_safetensors(file_of(text));
        for (const HostArray& array : tree.leaves())
            for (std::int64_t i = 0; i < array.count(); ++i) (void)array.as_complex(i);  // all elements are there
    });
}

}  // namespace podium::fuzz

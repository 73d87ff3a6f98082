#include "podium/arrays/safetensors.h"

#include "tests/fuzz/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace podium;
    return fuzz::attempt([&] {
        const auto tree = read_safetensors(fuzz::file_of(data, size));
        for (const HostArray& array : tree.leaves())
            for (std::int64_t i = 0; i < array.count(); ++i) (void)array.as_complex(i);  // all elements are there
    });
}

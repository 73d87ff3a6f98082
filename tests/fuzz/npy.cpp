#include "podium/arrays/npy_bytes.h"
#include "tests/fuzz/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace podium;
    return fuzz::attempt([&] {
        const HostArray array = npy_of(fuzz::text_of(data, size), nullptr);
        for (std::int64_t i = 0; i < array.count(); ++i) (void)array.as_complex(i);  // all elements are there
    });
}

#include "podium/onnx/definition.h"
#include "tests/fuzz/reader.h"

namespace podium::fuzz {

int read_once(std::string_view text) {
    return attempt([&] {
        const auto model = onnx::parse_model(text, "fuzzed.onnx", nullptr);
        for (const auto& [name, array] : model.graph.initializers)
            for (std::int64_t i = 0; i < array.count(); ++i) (void)array.as_complex(i);  // all elements are there
    });
}

}  // namespace podium::fuzz

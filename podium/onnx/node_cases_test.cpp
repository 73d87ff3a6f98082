#include <gmock/gmock.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include "podium/base/file.h"
#include "podium/onnx/model.h"
#include "tests/support/python.h"

namespace podium::onnx {
namespace {

namespace fs = std::filesystem;

// The tolerances of ONNX's own runner of these cases.
constexpr double RELATIVE = 1e-3, ABSOLUTE = 1e-7;
/// Every how many cases the ordinary suite takes one; PODIUM_ONNX_CASES=all takes them all, another text those whose
/// names have it.
constexpr std::size_t STRIDE = 12;

/// Returns the folder of ONNX's node tests, in the test environment's package.
fs::path node_cases_folder() {
    return test::run_python("import onnx, pathlib; print(end=str(pathlib.Path(onnx.__file__).parent))") +
           "/backend/test/data/node";
}

/// Returns why cases do not pass, by name: the lines "name reason" of the list.
std::map<std::string, std::string> known_reasons() {
    std::map<std::string, std::string> reasons;
    std::ifstream file("tests/onnx/node_exceptions.txt");
    for (std::string line; std::getline(file, line);)
        if (!line.empty() && !line.starts_with('#'))
            reasons[line.substr(0, line.find(' '))] = line.substr(line.find(' ') + 1);
    return reasons;
}

bool all_numeric(const std::vector<ValueDefinition>& values) {
    return std::ranges::all_of(values, [](const auto& value) { return value.kind == ValueDefinition::Kind::TENSOR; });
}

HostArray read_case_tensor(const fs::path& file) {
    const MappedFile map(file);
    return parse_tensor(map.text(), file, map.owner());
}

/// Returns what is different, or nothing.
std::string difference(const HostArray& got, const HostArray& wanted) {
    if (got.shape() != wanted.shape())
        return fmt::format("is {}, not {}", to_string(got.shape()), to_string(wanted.shape()));
    for (std::int64_t i = 0; i < got.count(); ++i) {
        const auto a = got.as_complex(i), b = wanted.as_complex(i);
        if (std::isnan(a.real()) && std::isnan(b.real())) continue;
        if (a == b || std::abs(a - b) <= ABSOLUTE + RELATIVE * std::abs(b)) continue;
        return fmt::format("element {} is {} + {}i, not {} + {}i", i, a.real(), a.imag(), b.real(), b.imag());
    }
    return {};
}

/// Runs all data sets of a case; returns why it does not pass, or nothing.
std::string outcome(const fs::path& folder, const Model& model) {
    try {
        for (int set = 0; fs::exists(folder / fmt::format("test_data_set_{}", set)); ++set) {
            const auto data = folder / fmt::format("test_data_set_{}", set);
            TreeBuilder<HostArray> inputs;
            for (std::size_t i = 0; i < model.inputs().size(); ++i)
                if (fs::exists(data / fmt::format("input_{}.pb", i)))
                    inputs.add(model.inputs()[i].name, read_case_tensor(data / fmt::format("input_{}.pb", i)));
            const auto results = model.run(inputs.build());
            for (std::size_t i = 0; i < model.outputs().size(); ++i) {
                const auto wanted = read_case_tensor(data / fmt::format("output_{}.pb", i));
                const auto text = difference(results.leaves()[i], wanted);
                if (!text.empty()) return fmt::format("output {} {}", i, text);
            }
        }
        return {};
    } catch (const std::exception& error) {
        const std::string text = error.what();
        return text.substr(0, text.find('\n'));
    }
}

TEST(OnnxNodes, GiveTheValuesOfOnnxsOwnTests) {
    const char* const chosen = std::getenv("PODIUM_ONNX_CASES");
    const std::string choice = chosen == nullptr ? "" : chosen;
    std::set<fs::path> folders;
    for (const auto& entry : fs::directory_iterator(node_cases_folder())) folders.insert(entry.path());
    ASSERT_GT(folders.size(), 1000U);
    const auto reasons = known_reasons();
    std::size_t numeric = 0, passed = 0, place = 0;
    for (const auto& folder : folders) {
        const auto name = folder.filename().string();
        if (choice.empty() ? place++ % STRIDE != 0 : choice != "all" && name.find(choice) == std::string::npos)
            continue;
        const Model model(read_model(folder / "model.onnx"));
        if (!all_numeric(model.inputs()) || !all_numeric(model.outputs())) continue;
        ++numeric;
        const auto failure = outcome(folder, model);
        passed += failure.empty() ? 1 : 0;
        const auto reason = reasons.find(name);
        if (reason == reasons.end()) EXPECT_EQ(failure, "") << name;
        if (reason != reasons.end())
            EXPECT_NE(failure, "") << name << " passes; take it off tests/onnx/node_exceptions.txt";
    }
    fmt::print("{} of {} numeric cases pass\n", passed, numeric);
    EXPECT_GE(static_cast<double>(passed), 0.95 * static_cast<double>(numeric));
}

}  // namespace
}  // namespace podium::onnx

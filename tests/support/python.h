#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace podium::test {

/// Returns the test environment's interpreter: PODIUM_PYTHON, else build/venv/bin/python in the source tree.
std::filesystem::path python_path();

/// Runs `script` (sys.argv[1:] are `arguments`) and returns its stdout. A missing interpreter or an exit code other
/// than 0 throws std::runtime_error, which fails the test, with what the script printed to stderr.
std::string run_python(const std::string& script, const std::vector<std::string>& arguments = {});
/// The same by another interpreter.
std::string run_python_of(const std::filesystem::path& interpreter, const std::string& script,
                          const std::vector<std::string>& arguments = {});

}  // namespace podium::test

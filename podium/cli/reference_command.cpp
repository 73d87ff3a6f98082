#include "podium/cli/reference_command.h"

#include <filesystem>

#include "podium/base/file.h"
#include "podium/cli/exit_codes.h"
#include "podium/cli/reference_pages.h"

namespace podium {
namespace {

constexpr std::string_view EXAMPLES = R"(Examples:
  podium reference                               all pages on stdout
  podium reference --out docs/reference          writes operations.md, config.md, ...
  podium reference --out docs/reference --check  fails where a file there is not up to date)";

struct Options {
    std::string out;
    bool check = false;
};

void expect_same(const std::filesystem::path& file, const std::string& text) {
    if (!std::filesystem::exists(file) || read_file(file) != text)
        fail(Code::INVALID_ARGUMENT, "reference: {} is not what the code says; run ./dev docs and commit it",
             file.string());
}

int write_reference(const Options& options) {
    if (options.check && options.out.empty())
        fail(Code::INVALID_ARGUMENT, "reference: --check wants --out, the folder to compare with");
    for (const auto& page : reference_pages()) {
        const auto file = std::filesystem::path(options.out) / page.file;
        if (options.out.empty())
            fmt::print("{}\n", page.text);
        else if (options.check)
            expect_same(file, page.text);
        else {
            make_directories(options.out);
            write_atomically(file, page.text);
        }
    }
    return EXIT_DONE;
}

}  // namespace

void add_reference(CLI::App& app, std::function<int()>& run) {
    auto* verb = app.add_subcommand("reference", "tables of operations, config keys, events, exit codes");
    const auto options = std::make_shared<Options>();
    verb->add_option("--out", options->out, "folder for one Markdown file a table");
    verb->add_flag("--check", options->check, "only compare");
    verb->footer(std::string(EXAMPLES));
    verb->final_callback([&run, options] { run = [options] { return write_reference(*options); }; });
}

}  // namespace podium

#include "podium/cli/reference_command.h"

#include <filesystem>

#include "podium/base/file.h"
#include "podium/cli/completions.h"
#include "podium/cli/exit_codes.h"
#include "podium/cli/man_page.h"
#include "podium/cli/reference_pages.h"

namespace podium {
namespace {

constexpr std::string_view REFERENCE_EXAMPLES = R"(Examples:
  podium reference                               all pages on stdout
  podium reference --out docs/reference          writes operations.md, config.md, ...
  podium reference --out docs/reference --check  fails where a file there is not up to date
  podium reference man > podium.1                the manual page
  podium reference bash > podium                 completions: bash, zsh or fish)";

struct ReferenceOptions {
    std::string form = "tables", out;
    bool check = false;
};

void expect_same(const std::filesystem::path& file, const std::string& text) {
    if (!std::filesystem::exists(file) || read_file(file) != text)
        fail(Code::INVALID_ARGUMENT, "reference: {} is not what the code says; run ./dev docs and commit it",
             file.string());
}

int write_tables(const ReferenceOptions& options) {
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

int write_reference(const CLI::App& app, const ReferenceOptions& options) {
    if (options.form == "tables") return write_tables(options);
    if (!options.out.empty() || options.check)
        fail(Code::INVALID_ARGUMENT, "reference: --out and --check are for tables; {} goes to stdout", options.form);
    const auto tree = verb_tree(app);
    fmt::print("{}", options.form == "man"    ? man_page(tree)
                     : options.form == "bash" ? bash_completion(tree)
                     : options.form == "zsh"  ? zsh_completion(tree)
                                              : fish_completion(tree));
    return EXIT_DONE;
}

}  // namespace

void add_reference(CLI::App& app, std::function<int()>& run) {
    auto* verb = app.add_subcommand("reference",
                                    "tables of operations, config keys, events, exit codes; manual and completions");
    const auto options = std::make_shared<ReferenceOptions>();
    verb->add_option("form", options->form, "what is written, tables unless said otherwise")
        ->check(CLI::IsMember({"tables", "man", "bash", "zsh", "fish"}));
    verb->add_option("--out", options->out, "folder for one Markdown file a table");
    verb->add_flag("--check", options->check, "only compare");
    verb->footer(std::string(REFERENCE_EXAMPLES));
    verb->final_callback([&app, &run, options] { run = [&app, options] { return write_reference(app, *options); }; });
}

}  // namespace podium

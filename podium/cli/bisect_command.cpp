#include "podium/cli/bisect_command.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "podium/arrays/npy.h"
#include "podium/base/file.h"
#include "podium/cli/exit_codes.h"
#include "podium/cli/program_options.h"
#include "podium/emit/literal_text.h"
#include "podium/ir/ops.h"
#include "podium/proof/bisect.h"
#include "podium/runtime/pjrt/discover.h"

namespace podium {
namespace {

using nlohmann::ordered_json;
using proof::Outcome;
using proof::Suspect;

constexpr std::string_view BISECT_EXAMPLES = R"(Examples:
  podium bisect "maximum f32 arguments seed 5124095575370701786" --raw     a case that conformance --raw called wrong
  podium bisect '{"op":"maximum","dtype":"f32","operands":"arguments","seed":5}' --raw      its line of JSON
  podium bisect step.mlir --input 0=x.npy --input 1=y.npy                  any StableHLO text
  podium bisect step.mlir --input 0=x.npy --expect 0=right.npy --flag xla_cpu_enable_fast_min_max=true
  podium bisect step.mlir --seed 7                                         inputs that are not given are drawn
What is right: for a case, podium's interpreter; for text, the --expect files, else each operation compiled alone on the
same plugin, its operands as arguments, without optimizations. Turns the compiler's passes off and changes its flags,
one at a time, in processes of their own; a crash, or a program that takes longer than --timeout, is a difference too.
Names what makes the program right, then writes the smallest program that still goes wrong, its inputs and what it
should give into --out, and prints the command that shows it. Ends with code 5 where it goes wrong, else with 0.)";

struct BisectOptions {
    std::vector<std::string> words, inputs, expected, flags;
    std::string plugin, out, device = "cpu";
    std::uint64_t seed = 0;
    double ulps = 256;
    unsigned timeout_s = 60;
    bool raw = false, json = false;
};

/// One line that changes on a terminal, and nothing elsewhere.
class BisectProgress {
public:
    BisectProgress(const BisectProgress&) = delete;
    BisectProgress& operator=(const BisectProgress&) = delete;
    BisectProgress() = default;
    ~BisectProgress() {
        if (is_terminal_) fmt::print(stderr, "\r\x1b[K");
    }
    double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }
    void show(std::string_view what) const {
        if (!is_terminal_) return;
        fmt::print(stderr, "\r\x1b[Kbisect: {:.0f} s: {}", seconds(), what);
        std::fflush(stderr);
    }

private:
    bool is_terminal_ = isatty(STDERR_FILENO) != 0;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// What is bisected, how it goes wrong, and who says what is right.
struct Accused {
    Suspect suspect;
    proof::Observation found;
    std::string reference;
    bool drawn = false;
    std::uint64_t seed = 0;  ///< of drawn inputs
};

std::filesystem::path default_folder(const std::string& words, bool is_case) {
    if (!is_case) return std::filesystem::path(words).replace_extension(".bisect");
    std::string name = "bisect-" + words;
    std::ranges::replace(name, ' ', '-');
    return name;
}

/// Returns the name of the case in conformance's line of JSON; other texts as they are.
std::string case_name(const std::string& text) {
    if (!text.starts_with('{')) return text;
    try {
        const auto line = ordered_json::parse(text);
        const auto word = [&](const char* key) { return line.at(key).get<std::string>(); };
        return fmt::format("{} {} {} seed {}", word("op"), word("dtype"), word("operands"),
                           line.at("seed").get<std::uint64_t>());
    } catch (const ordered_json::exception&) {
        return text;
    }
}

Accused accused_case(const BisectOptions& options, const proof::Place& place, const proof::Case& sample) {
    if (!options.inputs.empty() || !options.expected.empty())
        fail(Code::INVALID_ARGUMENT, "bisect: --input and --expect are for program files; a case has its own");
    Accused accused{.suspect = proof::suspect_of(sample, options.raw), .reference = "podium's interpreter"};
    for (const auto& [flag, value] : xla_flags("bisect", options.flags))
        accused.suspect.compiled.options.flags[flag] = value;
    accused.found = observe(place, std::array{trial_of(accused.suspect)})[0];
    return accused;
}

/// Fills in the files of values that stand in `list`, and returns how many.
std::size_t fill_in(Suspect& suspect, const std::vector<proof::TextValue>& list, std::string_view flag,
                    std::string_view what, const std::vector<std::string>& files) {
    const auto found = files_by_position("bisect", flag, files);
    for (const auto& [position, file] : found) {
        if (position >= list.size())
            fail(Code::INVALID_ARGUMENT, "bisect: {} {}: {} has {} {}s, counted from 0", flag, position, suspect.name,
                 list.size(), what);
        const auto array =
            read_value("bisect", fmt::format("{} {}", what, position), file, *shape_of_type(list[position].type));
        suspect.values[list[position].name] = {array, proof::flushed(array)};
    }
    return found.size();
}

Suspect described_text(const BisectOptions& options, const std::string& file) {
    Suspect suspect{
        .name = file,
        .program = proof::parse_program(read_file(file), file),
        .compiled = {.options = {.safe_defaults = !options.raw, .flags = xla_flags("bisect", options.flags)},
                     .barriers = !options.raw,
                     .constant_inputs = true},
        .tolerance = proof::loose_tolerance(options.ulps)};
    for (const auto& list : {suspect.program.parameters, suspect.program.results})
        for (const auto& value : list)
            if (!shape_of_type(value.type))
                fail(Code::UNIMPLEMENTED, "bisect: {}: {} is of type \"{}\", which is no tensor of a known size", file,
                     value.name, value.type);
    fill_in(suspect, suspect.program.parameters, "--input", "parameter", options.inputs);
    return suspect;
}

/// Draws what was not given; odd seeds have NaNs, infinities and extremes among the numbers.
bool draw_missing(Suspect& suspect, std::uint64_t seed) {
    bool drew = false;
    for (const auto& [name, type] : suspect.program.parameters) {
        if (suspect.values.contains(name)) continue;
        const auto shape = *shape_of_type(type);
        const TraceScope scope;
        proof::Draw draw(add, shape.type, false, seed * 1000 + suspect.values.size(), scope);
        const auto array = draw.array(shape, seed % 2 == 0 ? proof::Values::DOMAIN : proof::Values::ANY);
        suspect.values[name] = {array, proof::flushed(array)};
        drew = true;
    }
    return drew;
}

Accused accused_text(const BisectOptions& options, const proof::Place& place, const std::string& file,
                     const BisectProgress& progress) {
    constexpr std::uint64_t SEEDS = 8;
    constexpr double PATIENCE_S = 60;
    const Suspect described = described_text(options, file);
    Accused accused;
    std::vector<std::string> failures;
    for (std::uint64_t seed = options.seed; seed < options.seed + SEEDS; ++seed) {
        accused = {.suspect = described, .seed = seed};
        auto& suspect = accused.suspect;
        accused.drawn = draw_missing(suspect, seed);
        progress.show(fmt::format("{} operations alone", suspect.program.statements.size()));
        failures.clear();
        auto known = values_one_by_one(place, suspect.program, suspect.values, failures);
        Suspect told = suspect;
        const auto count = fill_in(told, suspect.program.results, "--expect", "result", options.expected);
        bool agrees = true;
        for (const auto& [name, reference] : told.values)
            if (const auto own = known.find(name); own != known.end())
                agrees = agrees && compare(suspect.tolerance, reference.value.type(), own->second.value,
                                           reference.value, reference.without_denormals)
                                       .allowed;
        accused.reference = count > 0 ? "the --expect files" : "each operation compiled alone";
        if (count > 0 && !agrees) {
            accused.reference += ", from which the operations differ when they are compiled alone, too";
            known.clear();  // what is between is not known then
        }
        known.merge(Suspect(suspect).values);
        for (auto& [name, reference] : told.values) known[name] = std::move(reference);
        suspect.values = std::move(known);
        accused.found = observe(place, std::array{trial_of(suspect)})[0];
        if (accused.found.outcome != Outcome::AGREES || !accused.drawn || progress.seconds() > PATIENCE_S) break;
    }
    if (accused.found.outcome == Outcome::REFUSED && !failures.empty())
        fail(Code::COMPILE_FAILED, "bisect: {}: the plugin refuses it, and an operation of it alone, too: {}", file,
             failures[0]);
    const bool compared = std::ranges::all_of(accused.suspect.program.results, [&](const proof::TextValue& result) {
        return accused.suspect.values.contains(result.name);
    });
    if (accused.found.outcome == Outcome::AGREES && !compared)
        fail(Code::FAILED_PRECONDITION,
             "bisect: {}: it runs, and what it should give is not known: {}; give --expect for every result", file,
             failures.empty() ? "an operation is not understood" : failures[0]);
    return accused;
}

/// Returns the word as a shell reads it back.
std::string quoted(const std::string& word) {
    constexpr std::string_view PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./=:,+-";
    if (word.find_first_not_of(PLAIN) == std::string::npos) return word;
    std::string text = "'";
    for (const char letter : word) text += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
    return text + "'";
}

/// Writes an array so that `read_value` reads it back.
std::string write_value(const std::filesystem::path& file, const HostArray& array) {
    write_npy(file, is_nameless(array.type())
                        ? HostArray(Shape(DataType::UINT8, array.shape().dims), array.data(), array.owner())
                        : array);
    return file.string();
}

/// Writes program, inputs and what is expected, and returns the words of the command that shows the difference.
std::vector<std::string> write_small(const BisectOptions& options, const std::filesystem::path& folder,
                                     const Suspect& small) {
    make_directories(folder);
    const auto program = (folder / "program.mlir").string();
    write_atomically(program, to_string(small.program));
    std::vector<std::string> words{"podium", "bisect", program};
    if (options.raw) words.emplace_back("--raw");
    const auto trial = trial_of(small);
    for (std::size_t i = 0; i < trial.inputs.size(); ++i)
        words.insert(words.end(),
                     {"--input",
                      fmt::format("{}={}", i, write_value(folder / fmt::format("input.{}.npy", i), trial.inputs[i]))});
    for (std::size_t i = 0; i < trial.expected.size(); ++i)
        words.insert(words.end(), {"--expect", fmt::format("{}={}", i,
                                                           write_value(folder / fmt::format("expected.{}.npy", i),
                                                                       trial.expected[i].value))});
    for (const auto& flag : options.flags) words.insert(words.end(), {"--flag", flag});
    if (options.device != "cpu") words.insert(words.end(), {"--device", options.device});
    if (!options.plugin.empty()) words.insert(words.end(), {"--plugin", options.plugin});
    return words;
}

std::string explained(const proof::Culprits& culprits) {
    const bool folds = !culprits.alone.empty() && std::ranges::all_of(culprits.alone, [](const proof::Toggle& toggle) {
        return toggle.lever == proof::Lever::ARGUMENTS;
    });
    if (folds) return "no pass and no flag: it goes wrong while the plugin reads the program and folds its constants";
    if (!culprits.alone.empty()) return "each of these alone makes it right:";
    if (!culprits.together.empty()) return "none alone; these together make it right:";
    return "none of them changes it: what compiles the operation itself is wrong";
}

int bisect(const BisectOptions& options) {
    const auto words = case_name(fmt::format("{}", fmt::join(options.words, " ")));
    const Device device(options.device);
    if (device.type == DeviceType::INTERP)
        fail(Code::INVALID_ARGUMENT, "bisect: the interpreter has no compiler; name a plugin's device");
    const proof::Place place{.plugin = options.plugin.empty() ? find_plugin(device.type).value().path : options.plugin,
                             .type = device.type,
                             .limit_s = options.timeout_s};
    const BisectProgress bar;
    const proof::Progress progress = [&](std::string_view what) { bar.show(what); };
    const bool is_file = std::filesystem::exists(words);
    const auto sample = is_file ? std::nullopt : proof::case_of(words);
    if (!is_file && !sample)
        fail(Code::NOT_FOUND,
             "bisect: \"{}\" is neither a file nor a case such as \"maximum f32 arguments seed 5\"; conformance prints "
             "cases",
             words);
    const auto accused = sample ? accused_case(options, place, *sample) : accused_text(options, place, words, bar);
    const auto& [suspect, found, reference, drawn, seed] = accused;

    ordered_json line{{"format", 1},
                      {"case", suspect.name},
                      {"reference", reference},
                      {"outcome", name(found.outcome)},
                      {"detail", found.detail}};
    if (drawn) line["seed"] = seed;
    const auto say = [&]<class... Values>(fmt::format_string<Values...> format, Values&&... values) {
        if (!options.json) fmt::print(format, std::forward<Values>(values)...);
    };
    say("{}: {}{}\nreference: {}\n", suspect.name, name(found.outcome), found.detail.empty() ? "" : ": " + found.detail,
        reference);
    if (drawn) say("inputs that were not given are drawn from --seed {}\n", seed);
    if (found.outcome == Outcome::AGREES) {
        if (options.json) fmt::print("{}\n", line.dump());
        say("nothing to bisect{}\n", drawn ? "; --seed N draws other inputs" : "");
        return EXIT_DONE;
    }

    const auto culprits = find_culprits(place, suspect, progress);
    const auto& mend = culprits.alone.empty() ? culprits.together : culprits.alone;
    auto& list = line[culprits.alone.empty() ? "together" : "alone"] = ordered_json::array();
    for (const auto& toggle : mend) list.push_back(to_string(toggle));
    line["passes"] = culprits.passes;
    line["flags"] = culprits.flags;
    line["verdict"] = explained(culprits);
    say("{} passes turned off and {} flags changed: {}\n", culprits.passes, culprits.flags, explained(culprits));
    for (const auto& toggle : mend) say("  {}\n", to_string(toggle));

    const auto small =
        shrink(place, suspect, found, culprits.alone.empty() ? mend : std::span(mend).first(1), progress);
    const auto folder =
        options.out.empty() ? default_folder(words, sample.has_value()) : std::filesystem::path(options.out);
    const auto command = write_small(options, folder, small.suspect);
    std::string shown;
    for (const auto& word : command) shown += (shown.empty() ? "" : " ") + quoted(word);
    const auto operations = std::ranges::count_if(small.suspect.program.statements,
                                                  [](const proof::Statement& each) { return !each.uses.empty(); });
    line["smallest"] = ordered_json{{"program", command[2]},
                                    {"operations", operations},
                                    {"outcome", name(small.found.outcome)},
                                    {"detail", small.found.detail},
                                    {"command", shown}};
    if (options.json) fmt::print("{}\n", line.dump());
    say("smallest program that still does: {} operation{}, {}\n  {}{}\nsee it: {}\n", operations,
        operations == 1 ? "" : "s", command[2], name(small.found.outcome),
        small.found.detail.empty() ? "" : ": " + small.found.detail, shown);
    return EXIT_DEVICE;
}

}  // namespace

void add_bisect(CLI::App& app, std::function<int()>& run) {
    auto* verb = app.add_subcommand("bisect", "find the compiler pass or flag that makes a program go wrong");
    const auto options = std::make_shared<BisectOptions>();
    verb->add_option("case", options->words, "a case as conformance prints it, or StableHLO text, FILE.mlir")
        ->required();
    verb->add_option("--input", options->inputs, "POSITION=FILE.npy; parameters without one are drawn")
        ->allow_extra_args(false);
    verb->add_option("--expect", options->expected, "POSITION=FILE.npy, what a result should be")
        ->allow_extra_args(false);
    verb->add_option("--out", options->out, "folder for the smallest program; beside the file where not said");
    verb->add_flag("--raw", options->raw, "the plugin as it is: without podium's protective flags and rewrites");
    verb->add_option("--flag", options->flags, "NAME=VALUE, any of XLA's flags")->allow_extra_args(false);
    verb->add_option("--seed", options->seed, "of drawn inputs; this one and the next seven are tried, for a minute");
    verb->add_option("--ulps", options->ulps,
                     "how far floats of text may be off, in units of the greatest element; 256 where not said");
    verb->add_option("--timeout", options->timeout_s, "seconds a program may take; 60 where not said")
        ->check(CLI::PositiveNumber);
    verb->add_option("--device", options->device, "what the plugin runs on; cpu where not said");
    verb->add_option("--plugin", options->plugin, "a PJRT plugin's file, instead of the one that is found");
    verb->add_flag("--json", options->json, "one JSON object on stdout");
    verb->footer(std::string(BISECT_EXAMPLES));
    verb->final_callback([&run, options] { run = [options] { return bisect(*options); }; });
}

}  // namespace podium

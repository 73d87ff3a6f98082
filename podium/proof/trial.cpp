#include "podium/proof/trial.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "podium/emit/literal_text.h"
#include "podium/proof/child.h"
#include "podium/proof/draw.h"
#include "podium/proof/run_text.h"
#include "podium/runtime/pjrt/foreign_text.h"
#include "podium/runtime/pjrt/pjrt_backend.h"

namespace podium::proof {
namespace {

std::shared_ptr<PjrtBackend> backend_at(const Place& place) {
    return std::make_shared<PjrtBackend>(*PjrtPlugin::load(place.plugin).value(), place.type, 1);
}

std::vector<HostArray> run_program(PjrtBackend& backend, const Place& place, const ProgramText& program,
                                   std::span<const HostArray> inputs, const Compiled& compiled) {
    std::string text = to_string(program);
    if (compiled.barriers && place.type == DeviceType::CPU) text = with_barriers(text);
    return run_text(backend, place.type,
                    {.text = text, .mesh = Mesh{Device(place.type)}, .constant_inputs = compiled.constant_inputs},
                    inputs, compiled.options);
}

std::string in_one_line(std::string text) {
    std::ranges::replace(text, '\n', ' ');
    return text;
}

Observation observed(PjrtBackend& backend, const Place& place, const Trial& trial) {
    try {
        const auto found = run_program(backend, place, trial.program, trial.inputs, trial.compiled);
        Observation worst{.outcome = Outcome::AGREES};
        double ulps = -1;
        for (std::size_t i = 0; i < found.size() && i < trial.expected.size(); ++i) {
            const auto& [value, without_denormals] = trial.expected[i];
            const auto difference =
                compare(trial.tolerance, trial.operands.value_or(value.type()), found[i], value, without_denormals);
            if (difference.allowed || difference.ulps <= ulps) continue;
            ulps = difference.ulps;
            worst = {Outcome::DIFFERS, fmt::format("result {}: {}", i, difference.text), i, difference.element};
        }
        return worst;
    } catch (const Error& error) {
        return {.outcome = Outcome::REFUSED, .detail = in_one_line(error.what())};
    }
}

std::string to_hex(const HostArray& array) {
    constexpr std::string_view DIGITS = "0123456789abcdef";
    std::string text;
    text.reserve(2 * array.size_bytes());
    for (std::size_t i = 0; i < array.size_bytes(); ++i) {
        const auto byte = std::to_integer<unsigned>(array.data()[i]);
        text += DIGITS[byte >> 4];
        text += DIGITS[byte & 15];
    }
    return text;
}

HostArray from_hex(const Shape& shape, std::string_view text) {
    HostArray array(shape);
    for (std::size_t i = 0; i < array.size_bytes() && 2 * i + 1 < text.size(); ++i) {
        unsigned byte = 0;
        std::from_chars(text.data() + 2 * i, text.data() + 2 * i + 2, byte, 16);
        array.mutable_data()[i] = static_cast<std::byte>(byte);
    }
    return array;
}

/// Returns the program of one statement alone: operands that are tensors are its parameters, but constants where they
/// are kept: sizes may have to be known to the compiler.
ProgramText alone(const ProgramText& program, const Statement& statement, bool keep_constants) {
    std::vector<std::string> results;
    std::set<std::string> given;
    for (const auto& value : statement.results)
        if (shape_of_type(value.type)) results.push_back(value.name);
    for (const auto& each : program.statements)
        for (const auto& value : each.results)
            if (&each != &statement && shape_of_type(value.type) && !(keep_constants && each.uses.empty()))
                given.insert(value.name);
    return part_of(program, results, given);
}

/// Without optimizations, and with all that keeps numbers right.
Compiled careful() {
    return {.options = {.flags = {{"xla_backend_optimization_level", std::int64_t{0}},
                                  {"xla_cpu_use_fusion_emitters", false},
                                  {"xla_allow_excess_precision", false}}},
            .constant_inputs = true};
}

/// In the child: runs a statement alone where its operands' values are known, and keeps and reports its results.
void run_alone(PjrtBackend& backend, const Place& place, const ProgramText& program, std::size_t i,
               std::map<std::string, Reference>& values, const Report& report) {
    const auto attempt = [&](bool keep_constants) {
        const auto part = alone(program, program.statements[i], keep_constants);
        std::vector<HostArray> inputs;
        for (const auto& parameter : part.parameters)
            if (const auto value = values.find(parameter.name); value != values.end())
                inputs.push_back(value->second.value);
        if (inputs.size() != part.parameters.size() || part.results.empty()) return;
        const auto results = run_program(backend, place, part, inputs, careful());
        for (std::size_t j = 0; j < results.size(); ++j) {
            values[part.results[j].name] = {results[j], flushed(results[j])};
            report(fmt::format("={} {} {}", part.results[j].name, part.results[j].type, to_hex(results[j])));
        }
    };
    try {
        attempt(false);
    } catch (const Error&) {
        attempt(true);
    }
}

}  // namespace

std::string_view name(Outcome outcome) {
    constexpr std::array<std::string_view, 4> NAMES{"agrees", "differs", "crashed", "refused"};
    return NAMES[static_cast<std::size_t>(outcome)];
}

std::vector<Observation> observe(const Place& place, std::span<const Trial> trials, std::optional<Outcome> until) {
    std::vector<Observation> observations;
    const auto is_done = [&](const std::vector<Observation>& so_far) {
        return so_far.size() == trials.size() || (until && !so_far.empty() && so_far.back().outcome == *until);
    };
    while (!is_done(observations)) {
        const auto death = run_in_fork(
            [&](const Report& report) {
                const auto backend = backend_at(place);
                auto own = observations;
                do {
                    own.push_back(observed(*backend, place, trials[own.size()]));
                    const auto& [outcome, detail, result, element] = own.back();
                    report(fmt::format("{} {} {} {}", static_cast<int>(outcome), result, element, detail));
                } while (!is_done(own));
            },
            [&](std::string_view line) {
                Observation one;
                int outcome = 0, read = 0;
                std::sscanf(line.data(), "%d %zu %ld %n", &outcome, &one.result, &one.element, &read);
                one.outcome = static_cast<Outcome>(outcome);
                one.detail = line.substr(std::min(line.size(), static_cast<std::size_t>(read)));
                observations.push_back(std::move(one));
            },
            place.limit_s);
        if (!death.empty() && !is_done(observations)) observations.push_back({.detail = death});
    }
    return observations;
}

std::map<std::string, Reference> values_one_by_one(const Place& place, const ProgramText& program,
                                                   const std::map<std::string, Reference>& known,
                                                   std::vector<std::string>& failures) {
    auto values = known;
    std::size_t next = 0;
    std::string refusal;
    while (next < program.statements.size()) {
        const auto death = run_in_fork(
            [&](const Report& report) {
                const auto backend = backend_at(place);
                for (auto i = next; i < program.statements.size(); ++i) {
                    try {
                        run_alone(*backend, place, program, i, values, report);
                    } catch (const Error& error) {
                        report(fmt::format("?{}: {}", i, in_one_line(error.what())));
                    }
                    report(fmt::format(".{}", i + 1));
                }
            },
            [&](std::string_view line) {
                const auto rest = line.substr(1);
                if (line[0] == '.') next = static_cast<std::size_t>(std::atoll(rest.data()));
                if (line[0] == '?') failures.push_back(std::string(rest.substr(rest.find(' ') + 1)));
                if (line[0] != '=') return;
                const auto space = rest.find(' '), last = rest.rfind(' ');
                const auto array =
                    from_hex(*shape_of_type(rest.substr(space + 1, last - space - 1)), rest.substr(last + 1));
                values[std::string(rest.substr(0, space))] = {array, flushed(array)};
            },
            place.limit_s);
        if (death.empty() || next == program.statements.size()) continue;
        const auto& text = program.statements[next++].text;
        failures.push_back(fmt::format("{}: {}", death, text.substr(0, text.find('\n'))));
    }
    return values;
}

std::vector<std::string> passes_of(const Place& place, const Trial& trial) {
    const int log = ::memfd_create("passes", MFD_CLOEXEC);
    if (log < 0) return {};
    run_in_fork(
        [&](const Report&) {
            ::setenv("TF_CPP_VMODULE", "hlo_pass_pipeline=1", 1);
            ::setenv("TF_CPP_MIN_LOG_LEVEL", "0", 1);
            ::dup2(log, STDERR_FILENO);
            observed(*backend_at(place), place, trial);
        },
        [](std::string_view) {}, place.limit_s);
    std::string text(static_cast<std::size_t>(::lseek(log, 0, SEEK_END)), '\0');
    const auto read = ::pread(log, text.data(), text.size(), 0);
    ::close(log);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(read, 0)));
    constexpr std::string_view MARK = "  HLO pass ";
    std::vector<std::string> passes;
    for (auto at = text.find(MARK); at != text.npos; at = text.find(MARK, at + 1)) {
        const auto begin = at + MARK.size();
        auto pass = text.substr(begin, std::min(text.find('\n', begin), text.size()) - begin);
        if (std::ranges::find(passes, pass) == passes.end()) passes.push_back(std::move(pass));
    }
    return passes;
}

}  // namespace podium::proof

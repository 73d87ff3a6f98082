#include <algorithm>
#include <array>

#include "podium/emit/literal_text.h"
#include "podium/ir/ops.h"
#include "podium/proof/bisect.h"

namespace podium::proof {
namespace {

/// A smaller program: which values it returns, and which others are given to it, as arguments or as constants.
struct Smaller {
    std::vector<std::string> results;
    std::set<std::string> arguments, constants;
};

bool is_constant(const Statement& statement) { return statement.text.find("stablehlo.constant") != std::string::npos; }

/// Returns the part of the program, with a statement for each value that is given as a constant.
ProgramText program_of(const Suspect& suspect, const Smaller& smaller) {
    std::set<std::string> given = smaller.arguments;
    given.insert(smaller.constants.begin(), smaller.constants.end());
    ProgramText part = part_of(suspect.program, smaller.results, given);
    std::vector<Statement> literals;
    std::erase_if(part.parameters, [&](const TextValue& value) {
        if (!smaller.constants.contains(value.name)) return false;
        const auto name = value.name;
        literals.push_back(
            {.text = fmt::format("{} = stablehlo.constant {}", name, literal_text(suspect.values.at(name).value)),
             .results = {value}});
        return true;
    });
    part.statements.insert(part.statements.begin(), literals.begin(), literals.end());
    return part;
}

class Shrinking {
public:
    Shrinking(const Place& place, const Suspect& suspect, const Observation& found, std::span<const Toggle> mend,
              const Progress& progress)
        : place_(place), suspect_(suspect), outcome_(found.outcome), mend_(mend), progress_(progress) {}

    Smaller run() {
        Smaller best;
        for (const auto& value : suspect_.program.results) best.results.push_back(value.name);
        drop_results(best);
        find_root(best);
        cut(best);
        return best;
    }

    /// Returns the first of the suspects that goes wrong in the same way.
    std::optional<std::size_t> first_wrong(const std::vector<Suspect>& suspects) {
        std::vector<Trial> trials;
        trials.reserve(suspects.size());
        for (const auto& each : suspects) trials.push_back(trial_of(each));
        std::size_t begin = 0;
        while (begin < trials.size()) {
            const auto observations = observe(place_, std::span(trials).subspan(begin), outcome_);
            begin += observations.size();
            if (observations.back().outcome != outcome_) return std::nullopt;
            if (is_mended(suspects[begin - 1], trials[begin - 1])) return begin - 1;
        }
        return std::nullopt;
    }

private:
    bool is_mended(const Suspect& suspect, Trial trial) const {
        if (mend_.empty()) return true;
        for (const auto& toggle : mend_) trial = with_toggle(suspect, std::move(trial), toggle);
        return observe(place_, std::array{trial})[0].outcome == Outcome::AGREES;
    }

    std::optional<std::size_t> first_of(const std::vector<Smaller>& candidates) {
        std::vector<Suspect> suspects;
        for (const auto& each : candidates) {
            suspects.push_back(suspect_);
            suspects.back().program = program_of(suspect_, each);
        }
        return first_wrong(suspects);
    }
    bool holds(const Smaller& candidate) { return first_of({candidate}).has_value(); }

    bool is_known(const TextValue& value) const {
        return shape_of_type(value.type) && (outcome_ != Outcome::DIFFERS || suspect_.values.contains(value.name));
    }

    /// One result where one is enough, else as few as possible.
    void drop_results(Smaller& best) {
        if (best.results.size() == 1) return;
        progress_(fmt::format("{} results, one at a time", best.results.size()));
        std::vector<Smaller> candidates;
        candidates.reserve(best.results.size());
        for (const auto& name : best.results) candidates.push_back({.results = {name}});
        if (const auto found = first_of(candidates)) {
            best = candidates[*found];
            return;
        }
        for (std::size_t i = 0; i < best.results.size() && best.results.size() > 1;) {
            Smaller without = best;
            without.results.erase(without.results.begin() + static_cast<std::ptrdiff_t>(i));
            holds(without) ? static_cast<void>(best = std::move(without)) : static_cast<void>(++i);
        }
    }

    /// The first value on the way to the results that goes wrong already, in place of the results.
    void find_root(Smaller& best) {
        const auto part = program_of(suspect_, best);
        std::vector<Smaller> candidates;
        for (const auto& statement : part.statements) {
            if (statement.uses.empty()) continue;
            for (const auto& value : statement.results)
                if (is_known(value)) candidates.push_back({.results = {value.name}});
        }
        progress_(fmt::format("{} operations, up to the first that goes wrong", candidates.size()));
        if (const auto found = first_of(candidates)) best = candidates[*found];
    }

    /// Values on the way that can be given instead of computed: all, then by halves; as arguments, else as constants.
    void cut(Smaller& best) {
        const auto part = program_of(suspect_, best);
        std::vector<std::vector<std::string>> statements;  // the values of each
        for (const auto& statement : part.statements) {
            std::vector<std::string> names;
            bool can = true, is_result = false;
            for (const auto& value : statement.results) {
                names.push_back(value.name);
                can = can && is_known(value);
                is_result = is_result || std::ranges::find(best.results, value.name) != best.results.end();
            }
            if (can && !is_result) statements.push_back(names);
        }
        progress_(fmt::format("{} operations that may be left out", statements.size()));
        std::reverse(statements.begin(), statements.end());  // those next to the result stand for what is behind them
        for (auto piece = statements.size(); piece > 0; piece /= 2)
            for (std::size_t begin = 0; begin < statements.size(); begin += piece) {
                Smaller arguments = best, constants = best;
                for (auto i = begin; i < std::min(begin + piece, statements.size()); ++i)
                    for (const auto& name : statements[i]) {
                        if (best.arguments.contains(name) || best.constants.contains(name)) continue;
                        arguments.arguments.insert(name);
                        if (suspect_.values.contains(name)) constants.constants.insert(name);
                    }
                const std::vector<Smaller> both{arguments, constants};
                if (const auto found = first_of(both)) best = both[*found];
            }
    }

    const Place& place_;
    const Suspect& suspect_;
    Outcome outcome_;
    std::span<const Toggle> mend_;
    const Progress& progress_;
};

/// Returns elements [begin, begin + count) of the array as one dimension.
HostArray piece_of(const HostArray& array, std::int64_t begin, std::int64_t count) {
    const auto width = size_bytes(array.type());
    HostArray piece(Shape(array.type(), {count}));
    std::copy_n(array.data() + static_cast<std::size_t>(begin) * width, static_cast<std::size_t>(count) * width,
                piece.mutable_data());
    return piece;
}

/// Returns the dimensions that all values have where every operation works element by element, else nothing.
std::optional<Dims> common_dims(const ProgramText& program) {
    std::vector<TextValue> values = program.parameters;
    for (const auto& statement : program.statements) {
        const bool works = is_constant(statement) || std::ranges::any_of(all_ops(), [&](const Op* op) {
                               return op->kind == Kind::ELEMENTWISE &&
                                      statement.text.find(std::string(op->stablehlo) + "\"") != std::string::npos;
                           });
        if (!works) return std::nullopt;
        values.insert(values.end(), statement.results.begin(), statement.results.end());
    }
    std::optional<Dims> dims;
    for (const auto& value : values) {
        const auto shape = shape_of_type(value.type);
        if (!shape || shape->rank() == 0 || (dims && *dims != shape->dims)) return std::nullopt;
        dims = shape->dims;
    }
    return dims;
}

/// Returns the suspect, whose operations work element by element, with those elements only.
Suspect narrowed(const Suspect& suspect, const Dims& dims, std::int64_t begin, std::int64_t count) {
    std::string from = "tensor<", to = fmt::format("tensor<{}x", count);
    for (const auto size : dims) from += fmt::format("{}x", size);
    const auto rewritten = [&](std::string text) {
        for (auto at = text.find(from); at != text.npos; at = text.find(from, at + 1))
            text.replace(at, from.size(), to);
        return text;
    };
    Suspect narrow = suspect;
    for (auto& [name, reference] : narrow.values)
        if (reference.value.shape().dims == dims)
            reference = {piece_of(reference.value, begin, count), piece_of(reference.without_denormals, begin, count)};
    auto& program = narrow.program;
    for (auto& value : program.parameters) value.type = rewritten(value.type);
    for (auto& value : program.results) value.type = rewritten(value.type);
    for (auto& statement : program.statements) {
        for (auto& value : statement.results) value.type = rewritten(value.type);
        const auto& name = statement.results[0].name;
        statement.text = is_constant(statement) ? fmt::format("{} = stablehlo.constant {}", name,
                                                              literal_text(narrow.values.at(name).value))
                                                : rewritten(statement.text);
    }
    return narrow;
}

}  // namespace

Shrunk shrink(const Place& place, const Suspect& suspect, const Observation& found, std::span<const Toggle> mend,
              const Progress& progress) {
    Shrinking shrinking(place, suspect, found, mend, progress);
    Suspect small = suspect;
    small.program = program_of(suspect, shrinking.run());
    const auto look = [&](const Suspect& one) { return observe(place, std::array{trial_of(one)})[0]; };
    Observation now = look(small);
    const auto dims = common_dims(small.program);
    const bool is_whole = std::ranges::all_of(small.program.statements, [&](const Statement& statement) {
        return !is_constant(statement) || small.values.contains(statement.results[0].name);
    });
    if (dims && is_whole) {
        const auto elements = Shape(DataType::BOOL, *dims).count();
        std::vector<Suspect> narrower;
        for (std::int64_t count = 1; count < elements; count *= 2)
            narrower.push_back(
                narrowed(small, *dims, std::max<std::int64_t>(now.element, 0) / count * count,
                         std::min(count, elements - std::max<std::int64_t>(now.element, 0) / count * count)));
        progress(fmt::format("1 of {} elements, then more", elements));
        if (const auto first = shrinking.first_wrong(narrower)) {
            small = std::move(narrower[*first]);
            now = look(small);
        }
    }
    return {std::move(small), std::move(now)};
}

}  // namespace podium::proof

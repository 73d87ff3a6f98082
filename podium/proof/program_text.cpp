#include "podium/proof/program_text.h"

#include <algorithm>
#include <array>
#include <map>

#include "podium/base/error.h"

namespace podium::proof {
namespace {

constexpr std::string_view OPENING_BRACKETS = "([{<", CLOSING_BRACKETS = ")]}>", BLANKS = " \t\r\n",
                           OF_NAMES = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$-";

/// Walks over text, knowing how deep in brackets it is; strings and comments are stepped over.
class Walk {
public:
    explicit Walk(std::string_view text, std::size_t at = 0) : text_(text), at_(at) {}

    bool done() const { return at_ >= text_.size(); }
    std::size_t at() const { return at_; }
    int depth() const { return depth_; }
    char letter() const { return text_[at_]; }

    void step() {
        const char now = text_[at_];
        if (now == '"') {
            for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_)
                if (text_[at_] == '\\') ++at_;
        } else if (text_.substr(at_).starts_with("//")) {
            at_ = std::min(text_.find('\n', at_), text_.size());
            return;
        } else if (text_.substr(at_).starts_with("->")) {
            ++at_;  // closes nothing
        } else if (OPENING_BRACKETS.find(now) != OPENING_BRACKETS.npos) {
            ++depth_;
        } else if (CLOSING_BRACKETS.find(now) != CLOSING_BRACKETS.npos) {
            --depth_;
        }
        ++at_;
    }

private:
    std::string_view text_;
    std::size_t at_;
    int depth_ = 0;
};

std::string_view trimmed(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(BLANKS), text.size()));
    return text.substr(0, text.find_last_not_of(BLANKS) + 1);
}

/// Returns the position behind the bracket that closes the one at `open`.
std::size_t behind_bracket(std::string_view text, std::size_t open) {
    Walk walk(text, open);
    do walk.step();
    while (!walk.done() && walk.depth() > 0);
    return walk.at();
}

/// Returns the pieces between commas that stand in no bracket.
std::vector<std::string_view> split_list(std::string_view text) {
    std::vector<std::string_view> pieces;
    std::size_t begin = 0;
    for (Walk walk(text); !walk.done(); walk.step())
        if (walk.letter() == ',' && walk.depth() == 0) {
            pieces.push_back(trimmed(text.substr(begin, walk.at() - begin)));
            begin = walk.at() + 1;
        }
    if (const auto last = trimmed(text.substr(begin)); !last.empty()) pieces.push_back(last);
    return pieces;
}

/// Returns the type with which the text begins: "tensor<4xf32>" of "tensor<4xf32> {attributes}".
std::string leading_type(std::string_view text) {
    text = trimmed(text);
    const auto end = std::min(text.find_first_not_of("!abcdefghijklmnopqrstuvwxyz_.0123456789"), text.size());
    return std::string(text.substr(0, end < text.size() && text[end] == '<' ? behind_bracket(text, end) : end));
}

/// Returns the names of all values in the text, "%0", "%1#2", each once.
std::vector<std::string> names_in(std::string_view text) {
    std::vector<std::string> names;
    for (Walk walk(text); !walk.done();) {
        if (walk.letter() != '%') {
            walk.step();
            continue;
        }
        auto end = std::min(text.find_first_not_of(OF_NAMES, walk.at() + 1), text.size());
        if (end + 1 < text.size() && text[end] == '#')
            end = std::min(text.find_first_not_of("0123456789", end + 1), text.size());
        std::string name(text.substr(walk.at(), end - walk.at()));
        if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
        while (!walk.done() && walk.at() < end) walk.step();
    }
    return names;
}

/// Returns the types of a statement's results: behind its last ":" outside of brackets, and there behind "->".
std::vector<std::string> result_types(std::string_view right) {
    std::size_t begin = right.npos;
    for (Walk walk(right); !walk.done(); walk.step())
        if (walk.letter() == ':' && walk.depth() == 0) begin = walk.at() + 1;
    if (begin == right.npos) return {};
    auto signature = right.substr(begin);
    for (Walk walk(signature); !walk.done(); walk.step())
        if (walk.depth() == 0 && signature.substr(walk.at()).starts_with("->")) {
            signature = trimmed(signature.substr(walk.at() + 2));
            if (signature.starts_with('(')) signature = signature.substr(1, behind_bracket(signature, 0) - 2);
            break;
        }
    std::vector<std::string> types;
    for (const auto piece : split_list(signature)) types.push_back(leading_type(piece));
    return types;
}

/// Returns the text with one value's name exchanged for another.
std::string renamed(std::string text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != text.npos; at = text.find(from, at + 1)) {
        const auto end = at + from.size();
        if (end == text.size() || OF_NAMES.find(text[end]) == OF_NAMES.npos) text.replace(at, from.size(), to);
    }
    return text;
}

bool begins_statement(std::string_view line) {
    constexpr std::array<std::string_view, 6> BEGINNINGS{"%", "return", "func.", "\"", "stablehlo.", "call"};
    return std::ranges::any_of(BEGINNINGS, [&](std::string_view each) { return line.starts_with(each); });
}

/// Returns the statements of a function's body as they stand there.
std::vector<std::string> statements_in(std::string_view body) {
    std::vector<std::string> statements;
    std::size_t begin = 0;
    for (Walk walk(body); !walk.done(); walk.step()) {
        if (walk.depth() != 0 || walk.letter() != '\n') continue;
        auto rest = body.substr(walk.at());
        rest.remove_prefix(std::min(rest.find_first_not_of(BLANKS), rest.size()));
        if (!rest.empty() && !begins_statement(rest) && !rest.starts_with("//")) continue;  // "cond {", "reducer(…"
        auto text = trimmed(body.substr(begin, walk.at() - begin));
        begin = walk.at();
        while (text.starts_with("//")) text = trimmed(text.substr(std::min(text.find('\n'), text.size())));
        if (!text.empty()) statements.emplace_back(text);
    }
    if (const auto last = trimmed(body.substr(begin)); !last.empty() && !last.starts_with("//"))
        statements.emplace_back(last);
    return statements;
}

/// Fills in what the statement's text says; `known` has the type of each value so far, and gets the new ones.
Statement parse_statement(std::string text, std::map<std::string, std::string>& known) {
    Statement statement{.text = std::move(text)};
    const std::string_view all = statement.text;
    const auto equals = all.starts_with('%') ? all.find('=') : 0;
    for (const auto left : split_list(all.substr(0, equals))) {  // "%0", "%1:2"
        const auto colon = left.find(':');
        const int count = colon == left.npos ? 1 : std::atoi(std::string(left.substr(colon + 1)).c_str());
        for (int i = 0; i < count; ++i)
            statement.results.push_back(
                {colon == left.npos ? std::string(left) : fmt::format("{}#{}", left.substr(0, colon), i), ""});
    }
    const auto right = all.substr(equals);
    for (auto& name : names_in(right))
        if (known.contains(name)) statement.uses.push_back(std::move(name));
    const auto types = result_types(right);
    for (std::size_t i = 0; i < statement.results.size(); ++i) {
        auto& [name, type] = statement.results[i];
        if (types.size() == statement.results.size()) type = types[i];
        if (statement.results.size() == 1 && !types.empty()) type = types.back();  // "select" tells two types
        known[name] = type;
    }
    return statement;
}

}  // namespace

ProgramText parse_program(std::string_view text, std::string_view name) {
    const auto refuse = [&](std::string_view what) {
        fail(Code::INVALID_DATA, "bisect: {}: {}; it reads StableHLO text as MLIR prints it, with a func.func @main",
             name, what);
    };
    ProgramText program;
    const auto main = text.find("@main(");
    const auto begin = main == text.npos ? main : text.rfind("func.func", main);
    if (begin == text.npos) refuse("has no func.func @main");
    const auto open = main + std::string_view("@main").size(), behind = behind_bracket(text, open);
    auto line_end = std::min(text.find('\n', behind), text.size());
    const auto body_begin = text.rfind('{', line_end);
    if (body_begin == text.npos || body_begin < behind) refuse("the body of @main does not begin on its first line");
    const auto body_end = behind_bracket(text, body_begin);
    program.before = text.substr(0, begin);
    program.after = text.substr(body_end);

    std::map<std::string, std::string> known;
    for (const auto piece : split_list(text.substr(open + 1, behind - open - 2))) {
        const auto colon = piece.find(':');
        if (colon == piece.npos) refuse(fmt::format("the parameter \"{}\" has no type", piece));
        program.parameters.push_back(
            {std::string(trimmed(piece.substr(0, colon))), leading_type(piece.substr(colon + 1))});
        known[program.parameters.back().name] = program.parameters.back().type;
    }
    bool returns = false;
    for (auto& each : statements_in(text.substr(body_begin + 1, body_end - body_begin - 2))) {
        returns = each.starts_with("return") || each.starts_with("func.return") || each.starts_with("\"func.return\"");
        if (!returns) {
            program.statements.push_back(parse_statement(std::move(each), known));
            continue;
        }
        for (const auto& result : names_in(each)) {
            if (!known.contains(result)) refuse(fmt::format("returns {}, which nothing defines", result));
            program.results.push_back({result, known.at(result)});
        }
    }
    if (!returns) refuse("@main does not end with return");
    return program;
}

std::string to_string(const ProgramText& program) {
    const auto list = [](const std::vector<TextValue>& values, auto item) {
        std::string text;
        for (const auto& value : values) text += (text.empty() ? "" : ", ") + item(value);
        return text;
    };
    const auto type = [](const TextValue& value) { return value.type; };
    const auto name = [](const TextValue& value) { return value.name; };
    std::string text =
        fmt::format("func.func public @main({}) -> ({}) {{\n",
                    list(program.parameters, [](const TextValue& value) { return value.name + ": " + value.type; }),
                    list(program.results, type));
    for (const auto& statement : program.statements) text += fmt::format("    {}\n", statement.text);
    text += fmt::format("    \"func.return\"({}) : ({}) -> ()\n  }}", list(program.results, name),
                        list(program.results, type));
    for (const auto& [from, unused] : program.parameters)
        if (const auto number = from.find('#'); number != from.npos)  // one of several results, which is given now
            text = renamed(std::move(text), from,
                           fmt::format("%given_{}_{}", from.substr(1, number - 1), from.substr(number + 1)));
    return program.before + text + program.after;
}

ProgramText part_of(const ProgramText& program, std::span<const std::string> results,
                    const std::set<std::string>& given) {
    ProgramText part{.before = program.before, .after = program.after};
    std::set<std::string> needed(results.begin(), results.end());
    for (auto each = program.statements.rbegin(); each != program.statements.rend(); ++each) {
        const bool makes = std::ranges::any_of(each->results, [&](const TextValue& value) {
            return needed.contains(value.name) && !given.contains(value.name);
        });
        if (!makes) continue;
        part.statements.push_back(*each);
        needed.insert(each->uses.begin(), each->uses.end());
    }
    std::ranges::reverse(part.statements);
    std::set<std::string> made;
    for (const auto& statement : part.statements)
        for (const auto& value : statement.results) made.insert(value.name);
    for (const auto& value : program.parameters)
        if (needed.contains(value.name)) part.parameters.push_back(value);
    for (const auto& statement : program.statements)
        for (const auto& value : statement.results)
            if (needed.contains(value.name) && !made.contains(value.name)) part.parameters.push_back(value);
    const auto find_result = [&](const std::string& name) {
        for (const auto& value : program.parameters)
            if (value.name == name) part.results.push_back(value);
        for (const auto& statement : program.statements)
            for (const auto& value : statement.results)
                if (value.name == name) part.results.push_back(value);
    };
    for (const auto& name : results) find_result(name);
    const bool calls = std::ranges::any_of(
        part.statements, [](const Statement& each) { return each.text.find('@') != std::string::npos; });
    if (const auto end = part.after.rfind('}');
        !calls && part.before.find('{') != part.before.npos && end != part.after.npos)
        part.after = "\n" + part.after.substr(end);
    return part;
}

}  // namespace podium::proof

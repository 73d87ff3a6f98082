#include "podium/runtime/pjrt/quantized_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "podium/base/error.h"
#include "podium/runtime/pjrt/quantized_statement.h"

namespace podium {
namespace {

/// Operations that hand elements on as they are, with a space around each.
constexpr std::string_view MOVES =
    " all_gather all_to_all broadcast broadcast_in_dim call case collective_broadcast collective_permute "
    "concatenate constant custom_call dynamic_broadcast_in_dim dynamic_gather dynamic_pad dynamic_reshape "
    "dynamic_slice dynamic_update_slice gather get_dimension_size get_tuple_element if optimization_barrier "
    "pad real_dynamic_slice reshape reverse select slice transpose tuple while ";

/// Returns the text with each quantized type replaced by what stores it, or by what it stands for.
std::string with_plain_types(std::string_view text, std::string QuantizedType::*plain) {
    std::string result;
    for (auto found = find_quantized_type(text); found.begin != text.npos; found = find_quantized_type(text)) {
        result.append(text.substr(0, found.begin)).append(found.type.*plain);
        text.remove_prefix(found.begin + found.size);
    }
    return result.append(text);
}

/// Writes the statements that stand for one.
class Lowered {
public:
    Lowered(std::string& text, int& names, const QuantizedStatement& statement)
        : text_(text), names_(names), statement_(statement) {}

    void write() {
        const auto& operation = statement_.operation;
        if (moves()) {
            line("{} = {} : {}", statement_.result, statement_.action,
                 with_plain_types(statement_.signature, &QuantizedType::storage));
            return;
        }
        if (statement_.operands.size() != statement_.operand_types.size() || statement_.result_types.size() != 1)
            fail(Code::UNIMPLEMENTED, "{} is not lowered in this form; write its type as (operands) -> result",
                 operation);
        const auto& result = statement_.result_types[0];
        if (operation == "uniform_quantize" && statement_.operands.size() == 1 && result.quantized)
            return quantize(numbers(0), result, statement_.result);
        if (operation == "uniform_dequantize" && statement_.operands.size() == 1 &&
            statement_.operand_types[0].quantized)
            return dequantize(statement_.operands[0], statement_.operand_types[0], statement_.result);
        const std::string action = on_numbers();
        const auto signature = with_plain_types(statement_.signature, &QuantizedType::expressed);
        if (!result.quantized) return line("{} = {} : {}", statement_.result, action, signature);
        const auto value = name();
        line("{} = {} : {}", value, action, signature);
        quantize(value, result, statement_.result);
    }

private:
    template <class... Arguments>
    void line(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
        text_.append(statement_.indent)
            .append(fmt::format(format, std::forward<Arguments>(arguments)...))
            .append(statement_.rest)
            .append("\n");
    }
    std::string name() { return fmt::format("%podium_quantized_{}", names_++); }
    static std::string tensor(const TensorType& like, std::string_view element) {
        return fmt::format("tensor<{}{}>", like.dims, element);
    }

    bool moves() const {
        if (statement_.operation == "bitcast_convert") return true;
        if (statement_.operation == "reduce" && statement_.action.find(" applies ") == std::string_view::npos)
            return true;  // a block follows, whose own statements are lowered
        if (MOVES.find(fmt::format(" {} ", statement_.operation)) == MOVES.npos) return false;
        const QuantizedType* first = nullptr;
        for (const auto* types : {&statement_.operand_types, &statement_.result_types})
            for (const auto& each : *types) {
                if (!each.quantized) continue;
                if (first == nullptr) first = &*each.quantized;
                if (!first->same_numbers(*each.quantized)) return false;
            }
        return true;
    }

    /// Returns a constant of `like`'s dimensions: one value for all, or one for each place along the type's axis.
    std::string constant(const std::vector<std::string>& values, std::string_view element, const TensorType& like) {
        auto found = name();
        if (std::ranges::all_of(values, [&](const auto& each) { return each == values[0]; })) {
            line("{} = stablehlo.constant dense<{}> : {}", found, values[0], tensor(like, element));
            return found;
        }
        const auto vector = name();
        line("{} = stablehlo.constant dense<[{}]> : tensor<{}x{}>", vector, fmt::join(values, ", "), values.size(),
             element);
        line("{} = stablehlo.broadcast_in_dim {}, dims = [{}] : (tensor<{}x{}>) -> {}", found, vector,
             like.quantized->axis.value_or(0), values.size(), element, tensor(like, element));
        return found;
    }

    void quantize(std::string_view value, const TensorType& to, std::string_view result) {
        const auto& type = *to.quantized;
        const auto numbers = tensor(to, type.expressed);
        const auto step = [&](std::string_view operation, const std::string& operands) {
            auto found = name();
            line("{} = stablehlo.{} {} : {}", found, operation, operands, numbers);
            return found;
        };
        std::vector<std::string> zeros;
        zeros.reserve(type.zero_points.size());
        for (const auto& zero : type.zero_points) zeros.push_back(zero + ".0");
        auto x = step("divide", fmt::format("{}, {}", value, constant(type.scales, type.expressed, to)));
        x = step("add", fmt::format("{}, {}", x, constant(zeros, type.expressed, to)));
        if (!type.least.empty()) {
            const auto least = constant({type.least}, type.expressed, to),
                       greatest = constant({type.greatest}, type.expressed, to);
            x = step("clamp", fmt::format("{}, {}, {}", least, x, greatest));
        }
        x = step("round_nearest_even", x);
        line("{} = stablehlo.convert {} : ({}) -> {}", result, x, numbers, tensor(to, type.storage));
    }

    void dequantize(std::string_view value, const TensorType& from, std::string_view result) {
        const auto& type = *from.quantized;
        const auto wide = tensor(from, type.least.empty() ? "i64" : "i32"), numbers = tensor(from, type.expressed);
        const auto integers = name(), from_zero = name(), units = name();
        line("{} = stablehlo.convert {} : ({}) -> {}", integers, value, tensor(from, type.storage), wide);
        const auto zero = constant(type.zero_points, type.least.empty() ? "i64" : "i32", from);
        line("{} = stablehlo.subtract {}, {} : {}", from_zero, integers, zero, wide);
        line("{} = stablehlo.convert {} : ({}) -> {}", units, from_zero, wide, numbers);
        const auto scale = constant(type.scales, type.expressed, from);
        line("{} = stablehlo.multiply {}, {} : {}", result, units, scale, numbers);
    }

    /// Returns the operand as the numbers that it stands for.
    std::string numbers(std::size_t operand) {
        const auto& type = statement_.operand_types[operand];
        if (!type.quantized) return std::string(statement_.operands[operand]);
        auto found = name();
        dequantize(statement_.operands[operand], type, found);
        return found;
    }

    /// Returns the operation with its operands replaced by the numbers that they stand for.
    std::string on_numbers() {
        std::string action;
        const char* done = statement_.action.data();
        for (std::size_t i = 0; i < statement_.operands.size(); ++i) {
            const auto& operand = statement_.operands[i];
            action.append(done, operand.data()).append(numbers(i));
            done = operand.data() + operand.size();
        }
        return action.append(done, statement_.action.data() + statement_.action.size());
    }

    std::string& text_;
    int& names_;
    const QuantizedStatement& statement_;
};

/// Returns the line without its comment and the spaces before it; "//" in quotes is none.
std::string_view without_comment(std::string_view line) {
    bool quoted = false;
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (line[at] == '"') quoted = !quoted;
        if (!quoted && line.substr(at).starts_with("//")) line = line.substr(0, at);
    }
    return line.substr(0, line.find_last_not_of(" \t\r") + 1);
}

/// Replaces `alias` by `type` from `begin` on.
void expand_alias(std::string& text, std::size_t begin, const std::string& alias, const std::string& type) {
    for (auto use = text.find(alias, begin); use != text.npos; use = text.find(alias, use)) {
        const auto after = use + alias.size();
        const bool is_longer = after < text.size() && MLIR_WORD.find(text[after]) != MLIR_WORD.npos;
        if (!is_longer) text.replace(use, alias.size(), type);
        use += is_longer ? alias.size() : type.size();
    }
}

/// Returns the text with the names of quantized types, `!q = !quant.uniform<…>`, replaced by what they stand for.
std::string without_aliases(std::string_view text) {
    constexpr std::string_view DEFINES = " = !quant.";
    std::string result(text);
    for (auto at = result.find(DEFINES); at != result.npos; at = result.find(DEFINES, at)) {
        const auto begin = result.rfind('\n', at) + 1;  // npos + 1 is 0
        const auto end = std::min(result.find('\n', at), result.size());
        const auto alias = result.substr(begin, at - begin);
        const std::string type(without_comment(std::string_view(result).substr(at + 3, end - at - 3)));
        at = end;
        if (!alias.starts_with('!') || alias.size() < 2 || type.rfind('!') != 0) continue;
        result.erase(begin, end - begin);
        at = begin;
        expand_alias(result, begin, alias, type);
    }
    return result;
}

}  // namespace

std::string without_quantized_types(std::string_view given) {
    if (given.find("!quant.") == given.npos) return std::string(given);
    const std::string expanded = without_aliases(given);
    const std::string_view text = expanded;
    std::string result;
    int names = 0, number = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        const auto line = without_comment(text.substr(at, end - at));
        at = end + 1;
        ++number;
        if (line.find("!quant.") == line.npos) {
            result.append(line).append("\n");
            continue;
        }
        try {
            if (const auto statement = quantized_statement(line))
                Lowered(result, names, *statement).write();
            else
                result.append(with_plain_types(line, &QuantizedType::storage)).append("\n");
        } catch (const Error& error) {
            fail(error.code(), "line {}: {}", number, error.message());
        }
    }
    return result;
}

}  // namespace podium

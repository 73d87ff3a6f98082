#include "podium/numeric/einsum.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <string>

#include "podium/ir/contraction.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/movement.h"
#include "podium/ir/reduction.h"
#include "podium/ir/slicing.h"

namespace podium {
namespace {

/// One character a dimension: a letter, or, for those of an ellipsis, '\1' for the last, '\2' for the one before, …
using Labels = std::string;

bool has(const Labels& labels, char label) { return labels.find(label) != Labels::npos; }

/// A factor of the sum: a tensor and what its dimensions are called.
struct Term {
    Tensor tensor;
    Labels labels;

    std::int64_t size(char label) const { return tensor.dim(static_cast<std::int64_t>(labels.find(label))); }
};

/// The subscripts, read: `inputs` and `output` have "..." still in them.
struct Subscripts {
    std::vector<std::string> inputs;
    std::optional<std::string> output;
};

[[noreturn]] void refuse(Code code, std::string_view subscripts, const Location& location, const std::string& why) {
    fail_at(code, location, fmt::format("einsum: '{}': {}", subscripts, why));
}

Subscripts read_subscripts(std::string_view text, const Location& location) {
    const auto bad = [&](const std::string& why) { refuse(Code::INVALID_ARGUMENT, text, location, why); };
    std::string plain;
    std::copy_if(text.begin(), text.end(), std::back_inserter(plain), [](char c) { return c != ' '; });
    Subscripts read;
    const auto arrow = plain.find("->");
    if (arrow != std::string::npos) {
        read.output = plain.substr(arrow + 2);
        plain.resize(arrow);
    }
    for (std::size_t from = 0, comma = 0; comma != std::string::npos; from = comma + 1) {
        comma = plain.find(',', from);
        read.inputs.push_back(plain.substr(from, comma - from));
    }
    std::vector<std::string> all = read.inputs;
    if (read.output) all.push_back(*read.output);
    for (auto each : all) {
        if (const auto dots = each.find("..."); dots != std::string::npos) each.erase(dots, 3);
        for (const char c : each)
            if (!std::isalpha(static_cast<unsigned char>(c)))
                bad(
                    fmt::format("'{}' is not a letter; letters name dimensions, '...' the others, ',' parts operands, "
                                "'->' goes before the result",
                                c));
    }
    return read;
}

/// Returns `subscript` with its ellipsis spelled out as `count` labels.
Labels spelled(const std::string& subscript, std::size_t count) {
    Labels ellipsis;
    for (auto i = count; i > 0; --i) ellipsis.push_back(static_cast<char>(i));
    const auto dots = subscript.find("...");
    return dots == std::string::npos ? subscript : subscript.substr(0, dots) + ellipsis + subscript.substr(dots + 3);
}

std::string name_of(char label) {
    return std::isalpha(static_cast<unsigned char>(label))
               ? fmt::format("'{}'", label)
               : fmt::format("dimension -{} of '...'", static_cast<int>(label));
}

/// Returns the term with each repeated label taken along its diagonal, so that labels are distinct.
Term without_repeats(Term term) {
    for (std::size_t i = 0; i < term.labels.size(); ++i) {
        const auto j = term.labels.find(term.labels[i], i + 1);
        if (j == Labels::npos) continue;
        // The diagonal of the last two dimensions is every (n + 1)th element of both as one.
        const auto rank = term.tensor.rank(), first = static_cast<std::int64_t>(i),
                   second = static_cast<std::int64_t>(j);
        Dims order = complement({first, second}, rank);
        const std::size_t others = order.size();
        order.insert(order.end(), {first, second});
        const Tensor last = transpose(term.tensor, order);
        const auto n = last.dim(-1);
        Dims dims(last.dims().begin(), last.dims().end() - 2), strides(others, 1);
        dims.push_back(n * n);
        strides.push_back(n + 1);
        const char label = term.labels[i];
        term.labels.erase(j, 1);
        term.labels.erase(i, 1);
        term.labels.push_back(label);
        term.tensor = slice(reshape(last, dims), Dims(others + 1, 0), dims, strides);
        i = static_cast<std::size_t>(-1);  // the labels have moved: begin again
    }
    return term;
}

/// Returns the term summed over the labels that are not in `kept`.
Term summed_to(Term term, const Labels& kept) {
    Dims axes;
    Labels labels;
    for (std::size_t i = 0; i < term.labels.size(); ++i)
        if (has(kept, term.labels[i]))
            labels.push_back(term.labels[i]);
        else
            axes.push_back(static_cast<std::int64_t>(i));
    if (axes.empty()) return term;
    return {sum(term.tensor, axes), labels};
}

/// Returns the term's tensor with its dimensions in the order of `labels`, with 1 for those it has not.
Tensor arranged(const Term& term, const Labels& labels) {
    Dims order, dims;
    for (const char label : labels) {
        dims.push_back(has(term.labels, label) ? term.size(label) : 1);
        if (has(term.labels, label)) order.push_back(static_cast<std::int64_t>(term.labels.find(label)));
    }
    const bool sorted = std::is_sorted(order.begin(), order.end());
    return reshape(sorted ? term.tensor : transpose(term.tensor, order), dims);
}

/// Returns the product of two terms, summed over what both have and `kept` has not: one product.
Term contracted(const Term& x, const Term& y, const Labels& kept) {
    const Term left = summed_to(x, kept + y.labels), right = summed_to(y, kept + x.labels);
    DotDimensions dimensions;
    Labels batch, free;
    const auto at = [](const Labels& labels, char label) { return static_cast<std::int64_t>(labels.find(label)); };
    for (const char label : left.labels) {
        const bool shared = has(right.labels, label), stays = has(kept, label);
        if (!shared) {
            free.push_back(label);
            continue;
        }
        (stays ? dimensions.lhs_batch : dimensions.lhs_contract).push_back(at(left.labels, label));
        (stays ? dimensions.rhs_batch : dimensions.rhs_contract).push_back(at(right.labels, label));
        if (stays) batch.push_back(label);
    }
    for (const char label : right.labels)
        if (!has(left.labels, label)) free.push_back(label);
    const Labels labels = batch + free;
    if (dimensions.lhs_contract.empty()) return {arranged(left, labels) * arranged(right, labels), labels};
    return {dot_general(left.tensor, right.tensor, dimensions), labels};
}

/// Returns how many products the pair makes, and how large its result is.
std::pair<double, double> cost_of(const Term& x, const Term& y, const Labels& kept) {
    double products = 1, result = 1;
    Labels all = x.labels;
    for (const char label : y.labels)
        if (!has(all, label)) all.push_back(label);
    for (const char label : all) {
        const auto size = static_cast<double>(has(x.labels, label) ? x.size(label) : y.size(label));
        products *= size;
        if (has(kept, label)) result *= size;
    }
    return {products, result};
}

/// Returns the labels that the result, or a term that is not one of the two, still needs.
Labels needed_beside(const std::vector<Term>& terms, std::size_t i, std::size_t j, Labels output) {
    for (std::size_t k = 0; k < terms.size(); ++k)
        if (k != i && k != j) output += terms[k].labels;
    return output;
}

}  // namespace

Tensor einsum(std::string_view subscripts, const Tensors& operands, Location location) {
    const LocationScope scope(location);
    const Subscripts read = read_subscripts(subscripts, location);
    const auto misfit = [&](const std::string& why) { refuse(Code::SHAPE_MISMATCH, subscripts, location, why); };
    if (read.inputs.size() != operands.size())
        misfit(fmt::format("names {} operands, {} were given", read.inputs.size(), operands.size()));
    std::vector<Term> terms;
    std::size_t ellipsis = 0;  // its most dimensions
    for (std::size_t i = 0; i < operands.size(); ++i) {
        const std::string& subscript = read.inputs[i];
        const bool dots = subscript.find("...") != std::string::npos;
        const auto named = subscript.size() - (dots ? 3 : 0), rank = operands[i].dims().size();
        if (dots ? rank < named : rank != named)
            misfit(fmt::format("'{}' names {} dimensions, operand {} is {}", subscript, named, i,
                               to_string(operands[i].shape())));
        if (operands[i].type() != operands[0].type())
            refuse(Code::DTYPE_MISMATCH, subscripts, location,
                   fmt::format("operand 0 is {} and operand {} is {}; convert one of them",
                               to_string(operands[0].shape()), i, to_string(operands[i].shape())));
        terms.push_back({operands[i], spelled(subscript, rank - named)});
        ellipsis = std::max(ellipsis, rank - named);
    }
    // The size of each label, and what the result has.
    std::map<char, std::pair<std::int64_t, std::size_t>> sizes;  // and the operand that says so
    Labels all;
    for (std::size_t i = 0; i < terms.size(); ++i)
        for (std::size_t axis = 0; axis < terms[i].labels.size(); ++axis) {
            const char label = terms[i].labels[axis];
            const auto size = operands[i].dims()[axis];
            all.push_back(label);
            auto& known = sizes.try_emplace(label, size, i).first->second;
            if (known.first == 1) known = {size, i};
            if (size != known.first && size != 1)
                misfit(fmt::format("{} is {} in operand {}, {}, and {} in operand {}, {}", name_of(label), known.first,
                                   known.second, to_string(operands[known.second].shape()), size, i,
                                   to_string(operands[i].shape())));
        }
    Labels output;
    if (read.output) {
        output = spelled(*read.output, ellipsis);
        if (ellipsis > 0 && read.output->find("...") == std::string::npos)
            misfit("the operands' '...' has dimensions and the result has none; write '...' behind '->' too");
        for (const char label : output) {
            if (!has(all, label)) misfit(fmt::format("{} of the result is in no operand", name_of(label)));
            if (std::count(output.begin(), output.end(), label) > 1)
                misfit(fmt::format("{} is in the result twice", name_of(label)));
        }
    } else {
        output = spelled("...", ellipsis);
        for (const auto& [label, size] : sizes)  // in alphabetical order
            if (std::isalpha(static_cast<unsigned char>(label)) && std::count(all.begin(), all.end(), label) == 1)
                output.push_back(label);
    }
    for (auto& term : terms) {
        // A dimension of 1 where others have more is repeated: the product does that without it.
        for (std::size_t axis = term.labels.size(); axis-- > 0;)
            if (term.tensor.dims()[axis] == 1 && sizes.at(term.labels[axis]).first != 1) {
                term.tensor = squeeze(term.tensor, static_cast<std::int64_t>(axis));
                term.labels.erase(axis, 1);
            }
        term = without_repeats(std::move(term));
    }
    while (terms.size() > 1) {
        std::size_t first = 0, second = 1;
        std::optional<std::pair<double, double>> least;
        for (std::size_t i = 0; i < terms.size(); ++i)
            for (std::size_t j = i + 1; j < terms.size(); ++j) {
                const auto cost = cost_of(terms[i], terms[j], needed_beside(terms, i, j, output));
                if (least && *least <= cost) continue;
                least = cost;
                first = i;
                second = j;
            }
        Term both = contracted(terms[first], terms[second], needed_beside(terms, first, second, output));
        terms.erase(terms.begin() + static_cast<std::ptrdiff_t>(second));
        terms[first] = std::move(both);
    }
    return arranged(summed_to(terms[0], output), output);
}

}  // namespace podium

#include "podium/nn/text_metrics.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "podium/base/error.h"

namespace podium::nn {
namespace {

using Counts = std::map<Tokens, std::int64_t>;

Counts grams(const Tokens& text, std::size_t order) {
    Counts counts;
    for (std::size_t i = 0; i + order <= text.size(); ++i)
        ++counts[Tokens(text.begin() + static_cast<std::ptrdiff_t>(i),
                        text.begin() + static_cast<std::ptrdiff_t>(i + order))];
    return counts;
}

/// Returns how many of the candidate's n-grams a reference has, each as often as one of them has it.
std::int64_t shared_grams(const Candidate& candidate, std::size_t order) {
    Counts most;
    for (const auto& reference : candidate.references)
        for (const auto& [gram, count] : grams(reference, order)) most[gram] = std::max(most[gram], count);
    std::int64_t shared = 0;
    for (const auto& [gram, count] : grams(candidate.text, order))
        if (const auto found = most.find(gram); found != most.end()) shared += std::min(count, found->second);
    return shared;
}

/// Returns the length of the reference that is nearest in length; of two the shorter.
std::size_t nearest_length(const Candidate& candidate) {
    const auto distance = [&](const Tokens& reference) {
        const auto size = static_cast<std::int64_t>(reference.size());
        return std::pair(std::abs(size - static_cast<std::int64_t>(candidate.text.size())), size);
    };
    return std::ranges::min_element(candidate.references, {}, distance)->size();
}

void expect_references(std::span<const Candidate> candidates) {
    for (std::size_t i = 0; i < candidates.size(); ++i)
        if (candidates[i].references.empty())
            fail(Code::INVALID_ARGUMENT, "text {} has no reference; give each at least one", i);
}

}  // namespace

double bleu(std::span<const Candidate> candidates, int order) {
    expect_references(candidates);
    if (order < 1) fail(Code::INVALID_ARGUMENT, "bleu: the order is {}; give at least 1", order);
    std::size_t length = 0, wanted = 0;
    for (const auto& candidate : candidates) {
        length += candidate.text.size();
        wanted += nearest_length(candidate);
    }
    double logarithms = 0.0;
    for (std::size_t n = 1; n <= static_cast<std::size_t>(order); ++n) {
        std::int64_t shared = 0, all = 0;
        for (const auto& candidate : candidates) {
            shared += shared_grams(candidate, n);
            all += std::max<std::int64_t>(0, static_cast<std::int64_t>(candidate.text.size() - n + 1));
        }
        if (shared == 0) return 0.0;
        logarithms += std::log(static_cast<double>(shared) / static_cast<double>(all));
    }
    const double shortness = std::min(0.0, 1.0 - static_cast<double>(wanted) / static_cast<double>(length));
    return std::exp(shortness + logarithms / order);
}

std::int64_t edit_distance(const Tokens& text, const Tokens& reference) {
    std::vector<std::int64_t> row(reference.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::int64_t diagonal = row[0]++;
        for (std::size_t j = 0; j < reference.size(); ++j) {
            const std::int64_t exchanged = diagonal + (text[i] == reference[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({exchanged, diagonal + 1, row[j] + 1});
        }
    }
    return row.back();
}

double error_rate(std::span<const Candidate> candidates) {
    expect_references(candidates);
    std::int64_t errors = 0, tokens = 0;
    for (const auto& [text, references] : candidates) {
        errors += edit_distance(text, references[0]);
        tokens += static_cast<std::int64_t>(references[0].size());
    }
    return tokens == 0 ? 0.0 : static_cast<double>(errors) / static_cast<double>(tokens);
}

}  // namespace podium::nn

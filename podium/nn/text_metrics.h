#pragma once

#include <cstdint>
#include <span>
#include <vector>

/// How well texts are told, as tokens' ids; computed on the host.
namespace podium::nn {

using Tokens = std::vector<std::int64_t>;

/// A text and what it may be.
struct Candidate {
    Tokens text;
    std::vector<Tokens> references;
};
/// Returns BLEU over all texts together, in [0, 1]: the geometric mean of the shares of their 1- to `order`-grams that
/// a reference has, shortened texts counting less; 0 where a share is. Throws INVALID_ARGUMENT where a text has no
/// reference. Source: Papineni et al. 2002, section 2.3.
double bleu(std::span<const Candidate> candidates, int order = 4);

/// Returns how many tokens must be put in, taken out or exchanged to make one text the other.
/// Source: Levenshtein 1966.
std::int64_t edit_distance(const Tokens& text, const Tokens& reference);
/// Returns the edit distances of all texts to their first reference over the references' tokens: the word error rate.
double error_rate(std::span<const Candidate> candidates);

}  // namespace podium::nn

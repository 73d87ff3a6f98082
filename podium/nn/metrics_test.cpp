#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "podium/base/expect_error.h"
#include "podium/nn/nn.h"
#include "tests/support/interpreted.h"
#include "tests/support/jax.h"

namespace podium::nn {
namespace {

constexpr std::int64_t COUNT = 60, CLASSES = 4;

/// Logits, labels, and scores with ties of 60 cases.
Tree cases() {
    std::vector<std::int32_t> labels;
    labels.reserve(COUNT);
    for (std::int32_t i = 0; i < COUNT; ++i) labels.push_back(i * i % 7 % 3);  // class 3 is never there
    const Tensor scores = round(test::sample({COUNT}, 4) * 8.0) / 8.0;
    return TreeBuilder<Tensor>()
        .add("logits", test::sample({COUNT, CLASSES}))
        .add("labels", tensor(labels))
        .add("scores", scores)
        .add("other", scores + test::sample({COUNT}, 5))
        .add("lists", test::sample({6, 10}, 6))
        .add("relevances", round(maximum(test::sample({6, 10}, 7) * 3.0, 0.0)))
        .build();
}

/// The definitions, as loops over cases and pairs.
constexpr auto* DEFINITIONS = R"(
logits, labels, scores, other = (given[k] for k in ('logits', 'labels', 'scores', 'other'))
predicted, there = logits.argmax(-1), labels == 1
out['top_2'] = np.mean([y in np.argsort(-x)[:2] for x, y in zip(logits, labels)])
matrix = np.zeros((4, 4), 'int32')
for x, y in zip(predicted, labels):
    matrix[y, x] += 1
out['confusion'] = matrix
def scores_of(c, beta=1.0):
    hit, said, real = ((predicted == c) & (labels == c)).sum(), (predicted == c).sum(), (labels == c).sum()
    p, r = hit / said if said else 0.0, hit / real if real else 0.0
    return p, r, (1 + beta ** 2) * p * r / (beta ** 2 * p + r) if p + r else 0.0, real
table = np.array([scores_of(c) for c in range(4)])
out['scores'] = table.T
out['f2'] = np.array([scores_of(c, 2.0)[2] for c in range(4)])
out['macro'], out['weighted'] = table[:, :3].mean(0), np.average(table[:, :3], axis=0, weights=table[:, 3])
out['accuracy'] = np.mean(predicted == labels)
out['balanced'] = table[:3, 1].mean()
out['iou'] = np.array([((predicted == c) & (labels == c)).sum() / max(1, ((predicted == c) | (labels == c)).sum())
                       for c in range(4)])
one = lambda v: np.eye(4)[v] - np.eye(4)[v].mean(0)
covariance = lambda a, b: (one(a) * one(b)).sum()
out['matthews'] = covariance(predicted, labels) / np.sqrt(covariance(predicted, predicted) * covariance(labels, labels))
chance = sum((predicted == c).mean() * (labels == c).mean() for c in range(4))
out['kappa'] = (np.mean(predicted == labels) - chance) / (1 - chance)
pairs = [(p > n) + 0.5 * (p == n) for p in scores[there] for n in scores[~there]]
out['auc'] = np.mean(pairs)
steps, recall = 0.0, 0.0
for threshold in sorted(set(scores), reverse=True):
    taken = scores >= threshold
    now = (taken & there).sum() / there.sum()
    steps, recall = steps + (now - recall) * (taken & there).sum() / taken.sum(), now
out['average_precision'] = steps
sure = 1 / (1 + np.exp(-3 * other))
out['brier'] = np.mean((sure - there) ** 2)
edges = np.linspace(0, 1, 9)
inside = [(sure > a) & (sure <= b) for a, b in zip(edges, edges[1:])]
out['calibration'] = sum(m.mean() * abs(there[m].mean() - sure[m].mean()) for m in inside if m.any())
lists, relevances = given['lists'], given['relevances']
orders = [r[np.argsort(-s)] for s, r in zip(lists, relevances)]
out['reciprocal'] = np.mean([1 / (1 + np.argmax(r > 0)) if (r > 0).any() else 0 for r in orders])
gain = lambda r, k: sum((2 ** x - 1) / np.log2(i + 2) for i, x in enumerate(r[:k]))
for k in (4, 10):
    out[f'gain_{k}'] = np.mean([gain(r, k) / max(gain(sorted(r)[::-1], k), 1e-30) for r in orders])
x, y = other, scores
out['mae'], out['rmse'] = np.mean(abs(x - y)), np.sqrt(np.mean((x - y) ** 2))
out['percentage'] = np.mean(abs(x - y) / np.maximum(abs(y), 0.1))
out['r2'] = 1 - ((y - x) ** 2).sum() / ((y - y.mean()) ** 2).sum()
out['explained'] = 1 - np.var(y - x) / np.var(y)
out['pearson'] = np.corrcoef(x, y)[0, 1]
from scipy.stats import spearmanr
out['spearman'] = spearmanr(x, y).statistic
out['perplexity'] = np.exp(np.mean([np.log(np.exp(x).sum()) - x[y] for x, y in zip(logits, labels)]))
)";

TEST(Metrics, AreTheirDefinitions) {
    const Tree given = cases();
    const Tensor &logits = given["logits"], &labels = given["labels"], &scores = given["scores"],
                 &other = given["other"];
    const Tensor there = equal(labels, 1), sure = logistic(3.0 * other);
    const Tensor matrix = confusion_matrix(argmax(logits, -1), labels, CLASSES);
    const auto three = [](const ClassScores& s) { return stack({s.precision, s.recall, s.f}, 0); };
    const ClassScores each = class_scores(matrix);
    const std::map<std::string, Tensor> ours{
        {"top_2", top_k_accuracy(logits, labels, 2)},
        {"confusion", matrix},
        {"scores", stack({each.precision, each.recall, each.f, each.support}, 0)},
        {"f2", class_scores(matrix, 2.0).f},
        {"macro", three(averaged_scores(matrix, Average::MACRO))},
        {"weighted", three(averaged_scores(matrix, Average::WEIGHTED))},
        {"accuracy", accuracy_of(matrix)},
        {"balanced", balanced_accuracy(matrix)},
        {"iou", intersection_over_union(matrix)},
        {"matthews", matthews_correlation(matrix)},
        {"kappa", cohen_kappa(matrix)},
        {"auc", roc_auc(scores, there)},
        {"average_precision", average_precision(scores, there)},
        {"brier", brier_score(sure, there)},
        {"calibration", calibration_error(sure, there, 8)},
        {"reciprocal", mean_reciprocal_rank(given["lists"], given["relevances"])},
        {"gain_4", normalized_discounted_gain(given["lists"], given["relevances"], 4)},
        {"gain_10", normalized_discounted_gain(given["lists"], given["relevances"])},
        {"mae", mean_absolute_error(other, scores)},
        {"rmse", root_mean_squared_error(other, scores)},
        {"percentage", mean_absolute_percentage_error(other, scores, 0.1)},
        {"r2", r2_score(other, scores)},
        {"explained", explained_variance(other, scores)},
        {"pearson", pearson_correlation(other, scores)},
        {"spearman", spearman_correlation(other, scores)},
        {"perplexity", perplexity(cross_entropy(logits, labels))},
    };
    const auto expected = test::jax_results(DEFINITIONS, given);
    EXPECT_EQ(ours.size(), expected.size());
    for (const auto& [name, metric] : ours) {
        const HostArray found = metric.to_host(), &other_side = expected[name];
        ASSERT_EQ(found.shape().dims, other_side.shape().dims) << name;
        for (std::int64_t i = 0; i < found.count(); ++i)
            EXPECT_NEAR(found.as_double(i), other_side.as_double(i), 2e-6) << name << ", element " << i;
    }
    const auto micro = averaged_scores(matrix, Average::MICRO);
    EXPECT_FLOAT_EQ(micro.f.item<float>(), accuracy_of(matrix).item<float>());
}

TEST(Metrics, WhatHasNoCasesIsZeroAndUnknownClassesDoNotCount) {
    const Tensor labels = tensor(std::vector<std::int32_t>{0, 0, -1, 7});
    const Tensor matrix = confusion_matrix(zeros({4}, DataType::INT32), labels, 2);
    EXPECT_EQ(sum(matrix).item<std::int32_t>(), 2);
    const auto scores = class_scores(matrix);
    EXPECT_EQ(scores.f.to_host().span<float>()[0], 1.0F);
    EXPECT_EQ(scores.f.to_host().span<float>()[1], 0.0F);
}

TEST(Metrics, SayWhatTheyTake) {
    expect_error(Code::SHAPE_MISMATCH, "class_scores: takes a confusion matrix [classes,classes], got i32[2,3]", [] {
        class_scores(zeros({2, 3}, DataType::INT32));
    });
    expect_error(Code::SHAPE_MISMATCH, "roc_auc: takes vectors, got f32[2,2]", [] {
        roc_auc(zeros({2, 2}), zeros({2, 2}));
    });
    expect_error(Code::SHAPE_MISMATCH, "r2_score: prediction f32[2] and target f32[3] differ in shape",
                 [] { r2_score(zeros({2}), zeros({3})); });
}

/// Returns the words as numbers of one dictionary.
Tokens words(const std::string& text) {
    static std::map<std::string, std::int64_t> dictionary;
    Tokens tokens;
    std::istringstream stream(text);
    for (std::string word; stream >> word;)
        tokens.push_back(dictionary.try_emplace(word, static_cast<std::int64_t>(dictionary.size())).first->second);
    return tokens;
}

// The texts and their scores of NLTK's manual, nltk.translate.bleu_score.
TEST(Metrics, BleuIsThatOfNltksManual) {
    const Candidate guide{words("It is a guide to action which ensures that the military always obeys the commands of "
                                "the party"),
                          {words("It is a guide to action that ensures that the military will forever heed Party "
                                 "commands"),
                           words("It is the guiding principle which guarantees the military forces always being under "
                                 "the command of the Party"),
                           words("It is the practical guide for the army always to heed the directions of the party")}};
    const Candidate book{words("he read the book because he was interested in world history"),
                         {words("he was interested in world history because he read the book")}};
    EXPECT_NEAR(bleu(std::array{guide}), 0.5045666840058485, 1e-12);
    EXPECT_NEAR(bleu(std::array{guide, book}), 0.5920778868801042, 1e-12);
    EXPECT_EQ(bleu(std::array{Candidate{words("a b"), {words("a b")}}}), 0.0) << "no 4-gram";
    EXPECT_NEAR(bleu(std::array{Candidate{words("a b"), {words("a b c d")}}}, 2), std::exp(-1.0), 1e-12);
    expect_error(Code::INVALID_ARGUMENT, "text 0 has no reference", [] { bleu(std::array{Candidate{{1}, {}}}); });
}

TEST(Metrics, EditDistancesCountWhatDiffers) {
    const auto letters = [](std::string_view text) { return Tokens(text.begin(), text.end()); };
    EXPECT_EQ(edit_distance(letters("kitten"), letters("sitting")), 3);
    EXPECT_EQ(edit_distance(letters(""), letters("abc")), 3);
    EXPECT_EQ(edit_distance(letters("abc"), letters("")), 3);
    EXPECT_EQ(edit_distance(letters("flaw"), letters("lawn")), 2);
    EXPECT_DOUBLE_EQ(error_rate(std::array{Candidate{letters("kitten"), {letters("sitting")}},
                                           Candidate{letters("abc"), {letters("abc")}}}),
                     0.3);
}

}  // namespace
}  // namespace podium::nn

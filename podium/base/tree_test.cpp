#include "podium/base/tree.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "podium/base/expect_error.h"

namespace podium {
namespace {

using Tree = BasicTree<int>;
using Names = std::vector<std::string>;

Tree layers() {
    return TreeBuilder<int>()
        .add("embed.weight", 1)
        .add("h.0.attn.weight", 2)
        .add("h.0.attn.bias", 3)
        .add("h.01.attn.weight", 4)
        .build();
}

TEST(Tree, KeepsTheOrderInWhichLeavesWereAdded) {
    EXPECT_EQ(layers().paths()->names(),
              (Names{"embed.weight", "h.0.attn.weight", "h.0.attn.bias", "h.01.attn.weight"}));
    EXPECT_EQ(layers().leaves(), (std::vector<int>{1, 2, 3, 4}));
    EXPECT_TRUE(Tree().empty());
}

TEST(Tree, AMissingLeafNamesTheNearestOne) {
    expect_error(Code::NOT_FOUND, "did you mean \"embed.weight\"?", [] { layers()["embed.wieght"]; });
    expect_error(Code::NOT_FOUND, "the tree has 4 leaves", [] { layers()["optimizer"]; });
}

TEST(Tree, APathCannotAppearTwice) {
    expect_error(Code::ALREADY_EXISTS, "\"a.b\" appears twice",
                 [] { TreeBuilder<int>().add("a.b", 1).add("a.b", 2).build(); });
}

TEST(Tree, SetReplacesOrAppendsAndLeavesCopiesAlone) {
    const Tree before = layers();
    Tree after = before;
    after.set("h.0.attn.bias", 30);
    after.set("head.weight", 5);
    EXPECT_EQ(after["h.0.attn.bias"], 30);
    EXPECT_EQ(after.path(4), "head.weight");
    EXPECT_EQ(before["h.0.attn.bias"], 3);
    EXPECT_FALSE(before.contains("head.weight"));
}

TEST(Tree, SubtreeTakesWholeSegmentsOnly) {
    const Tree sub = layers().subtree("h.0");
    EXPECT_EQ(sub.paths()->names(), (Names{"attn.weight", "attn.bias"}));
    EXPECT_EQ(sub["attn.bias"], 3);
    EXPECT_TRUE(layers().subtree("h.1").empty());
    EXPECT_EQ(layers().subtree("").paths()->names(), layers().paths()->names());
}

TEST(Tree, SubtreeUndoesAddingUnderAPrefix) {
    const Tree leaf = TreeBuilder<int>().add("", 7).build();
    const Tree both = TreeBuilder<int>().add("model", layers()).add("step", leaf).build();
    EXPECT_EQ(both.path(4), "step");
    EXPECT_EQ(both.subtree("model").paths()->names(), layers().paths()->names());
    EXPECT_EQ(both.subtree("step").paths()->names(), Names{""});
    EXPECT_EQ(both.subtree("step")[""], 7);
}

TEST(Tree, MapKeepsThePathsAndSharesThem) {
    const Tree tree = layers();
    const auto words = tree.map([](int leaf) { return std::to_string(leaf); });
    EXPECT_EQ(words["h.01.attn.weight"], "4");
    EXPECT_EQ(words.paths(), tree.paths());
}

TEST(Paths, AreComparedByNamesInOrder) {
    EXPECT_TRUE(Paths({"a", "b"}) == Paths({"a", "b"}));
    EXPECT_FALSE(Paths({"a", "b"}) == Paths({"b", "a"}));
    EXPECT_EQ(Paths({"a", "b"}).hash(), Paths({"a", "b"}).hash());
    EXPECT_EQ(Paths({"a", "b"}).find("b"), 1);
    EXPECT_EQ(Paths({"a", "b"}).find("c"), -1);
}

TEST(Paths, JoinSkipsTheEmptyPart) {
    EXPECT_EQ(join_path("h.0", "attn"), "h.0.attn");
    EXPECT_EQ(join_path("", "attn"), "attn");
    EXPECT_EQ(join_path("h", ""), "h");
}

struct Match {
    std::string pattern, path;
    bool expected;
};

TEST(Paths, PatternsMatchBySegments) {
    const std::vector<Match> rows{
        {"h.0.attn", "h.0.attn", true},
        {"h.0", "h.0.attn", false},
        {"h.*.attn", "h.12.attn", true},
        {"h.*", "h.0.attn", false},
        {"*", "a.b", false},
        {"*.weight", "embed.weight", true},
        {"*.weight", "h.0.weight", false},
        {"h.*.mlp.w*", "h.3.mlp.weight", true},
        {"h.*.mlp.w*t", "h.3.mlp.weights", false},
        {"**", "", true},
        {"**", "a.b.c", true},
        {"**.weight", "weight", true},
        {"**.weight", "h.0.attn.weight", true},
        {"**.weight", "h.0.overweight", false},
        {"**.mlp.up.weight", "h.0.mlp.up.weight", true},
        {"batch.**", "batch.inputs", true},
        {"batch.**", "batch", true},
        {"batch.**", "batches.inputs", false},
        {"h.**.weight", "h.weight", true},
        {"h.**.weight", "h.0.attn.weight", true},
        {"h.**.weight", "g.0.weight", false},
        {"", "", true},
        {"", "a", false},
    };
    for (const auto& [pattern, path, expected] : rows)
        EXPECT_EQ(matches(pattern, path), expected) << pattern << " against " << path;
}

}  // namespace
}  // namespace podium

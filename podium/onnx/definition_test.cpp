#include "podium/onnx/definition.h"

#include <gmock/gmock.h>

#include "podium/base/error.h"
#include "podium/base/wire.h"
#include "podium/onnx/model.h"
#include "tests/support/error_of.h"
#include "tests/support/temporary_folder.h"

namespace podium::onnx {
namespace {

using testing::HasSubstr;

// Numbers of fields and types in onnx.proto.
constexpr int MODEL_GRAPH = 7, MODEL_OPSET = 8, GRAPH_NODE = 1, GRAPH_INITIALIZER = 5, GRAPH_INPUT = 11,
              GRAPH_OUTPUT = 12, FLOAT = 1;

WireWriter external_tensor(std::string_view name, std::int64_t count, std::string_view location,
                           std::string_view offset, std::string_view length) {
    WireWriter tensor;
    tensor.integer(1, count).integer(2, FLOAT).bytes(8, name).integer(14, 1);
    for (const auto& [key, value] :
         {std::pair(std::string_view("location"), location), {"offset", offset}, {"length", length}})
        tensor.message(13, WireWriter().bytes(1, key).bytes(2, value));
    return tensor;
}

std::string model_of(const WireWriter& graph) {
    return WireWriter().message(MODEL_OPSET, WireWriter().integer(2, 20)).message(MODEL_GRAPH, graph).text();
}

std::string refusal(const std::string& bytes, const std::filesystem::path& file = "some.onnx") {
    try {
        parse_model(bytes, file, nullptr);
    } catch (const Error& error) {
        return error.message();
    }
    return "nothing";
}

TEST(OnnxDefinition, ACutFileIsRefusedWithItsNameAndTheByte) {
    WireWriter node, graph;
    node.bytes(1, "x").bytes(2, "y").bytes(4, "Relu");
    graph.message(GRAPH_NODE, node)
        .message(GRAPH_INITIALIZER, WireWriter().integer(1, 2).integer(2, FLOAT).bytes(9, "12345678"));
    const auto whole = model_of(graph);
    ASSERT_EQ(refusal(whole), "nothing");
    for (std::size_t size = 1; size < whole.size(); ++size) {
        if (size == 4) continue;  // a whole message without a graph
        EXPECT_THAT(refusal(whole.substr(0, size)), testing::MatchesRegex("some.onnx: .*at byte [0-9]+.*")) << size;
    }
}

TEST(OnnxDefinition, SizesThatDoNotFitAreRefused) {
    const auto with_tensor = [](const WireWriter& tensor) {
        return refusal(model_of(WireWriter().message(GRAPH_INITIALIZER, tensor)));
    };
    const auto tensor = [](std::int64_t size, std::string_view raw) {
        return WireWriter().integer(1, size).integer(2, FLOAT).bytes(8, "w").bytes(9, raw);
    };
    EXPECT_THAT(with_tensor(tensor(3, "12345678")), HasSubstr("tensor \"w\": f32[3] takes 12 bytes, 8 are there"));
    EXPECT_THAT(with_tensor(tensor(-1, "")), HasSubstr("its dimensions [-1] are no sizes"));
    EXPECT_THAT(with_tensor(tensor(INT64_MAX, "")), HasSubstr("are no sizes that fit"));
    EXPECT_THAT(with_tensor(WireWriter().integer(1, std::int64_t{1} << 40).integer(2, FLOAT).bytes(8, "w")),
                HasSubstr("takes 4398046511104 bytes, 0 are there"));
    EXPECT_THAT(with_tensor(WireWriter().integer(1, 1).integer(2, 99)), HasSubstr("element type 99"));
    EXPECT_THAT(refusal(""), HasSubstr("it is no ONNX model"));
}

TEST(OnnxDefinition, ExternalDataStaysInsideItsFolderAndItsFile) {
    const test::TemporaryFolder folder;
    folder.write("models/weights.bin", std::string(16, 'x'));
    folder.write("secret.bin", std::string(16, 'x'));
    std::filesystem::create_symlink(folder / "secret.bin", folder / "models/link.bin");
    const auto with = [&](const std::vector<WireWriter>& tensors) {
        WireWriter graph;
        for (const auto& tensor : tensors) graph.message(GRAPH_INITIALIZER, tensor);
        return refusal(model_of(graph), folder / "models/m.onnx");
    };
    EXPECT_EQ(
        with({external_tensor("a", 2, "weights.bin", "0", "8"), external_tensor("b", 2, "weights.bin", "8", "8")}),
        "nothing");
    EXPECT_EQ(
        with({external_tensor("a", 2, "weights.bin", "0", "8"), external_tensor("b", 2, "weights.bin", "0", "8")}),
        "nothing");
    EXPECT_THAT(with({external_tensor("a", 2, "../secret.bin", "0", "8")}),
                HasSubstr("leads out of the model's folder"));
    EXPECT_THAT(with({external_tensor("a", 2, "link.bin", "0", "8")}), HasSubstr("leads out of the model's folder"));
    EXPECT_THAT(with({external_tensor("a", 2, "/etc/passwd", "0", "8")}), HasSubstr("is not relative"));
    EXPECT_THAT(with({external_tensor("a", 2, "gone.bin", "0", "8")}), HasSubstr("is not there"));
    EXPECT_THAT(with({external_tensor("a", 2, ".", "0", "8")}), HasSubstr("is no regular file"));
    EXPECT_THAT(with({external_tensor("a", 2, "weights.bin", "12", "8")}),
                HasSubstr("has 16 bytes, bytes 12 to 12 + 8"));
    EXPECT_THAT(with({external_tensor("a", 2, "weights.bin", "18446744073709551615", "8")}), HasSubstr("has 16 bytes"));
    EXPECT_THAT(with({external_tensor("a", 2, "weights.bin", "-1", "8")}),
                HasSubstr("its external offset is no number"));
    EXPECT_THAT(with({external_tensor("a", 2, "weights.bin", "0", "4")}), HasSubstr("takes 8 bytes, 4 are there"));
    EXPECT_THAT(
        with({external_tensor("a", 2, "weights.bin", "0", "8"), external_tensor("b", 2, "weights.bin", "4", "8")}),
        HasSubstr("bytes 4 to 12 of weights.bin overlap those of tensor \"a\""));
}

TEST(OnnxDefinition, GraphsAndFunctionsThatHoldThemselvesAreRefused) {
    WireWriter graph;
    for (int depth = 0; depth < 40; ++depth) {
        const auto attribute = WireWriter().bytes(1, "body").message(6, graph).integer(20, 5);
        graph = WireWriter().message(GRAPH_NODE, WireWriter().bytes(4, "If").message(5, attribute));
    }
    EXPECT_THAT(refusal(model_of(graph)), HasSubstr("graphs nest too deep"));

    // f is a node of type f: it would call itself for ever.
    const auto call = WireWriter().bytes(1, "x").bytes(2, "x2").bytes(4, "f").bytes(7, "own");
    const auto function = WireWriter().bytes(1, "f").bytes(4, "x").bytes(5, "x2").message(7, call).bytes(10, "own");
    const auto value = [](std::string_view name) { return WireWriter().bytes(1, name); };
    const auto outer =
        WireWriter().message(GRAPH_NODE, call).message(GRAPH_INPUT, value("x")).message(GRAPH_OUTPUT, value("x2"));
    const auto bytes = WireWriter().message(MODEL_GRAPH, outer).message(25, function).text();
    const Model model(parse_model(bytes, "some.onnx", nullptr));
    TreeBuilder<HostArray> inputs;
    inputs.add("x", HostArray::scalar(1.0F));
    EXPECT_THAT(test::error_of([&] { model.run(inputs.build()); }).message(),
                HasSubstr("functions call each other too deep"));
}

TEST(OnnxDefinition, NodesWithoutARowAndWithoutInputsAreNamed) {
    const auto value = [](std::string_view name) { return WireWriter().bytes(1, name); };
    const auto run = [&](std::string_view type, std::string_view input) {
        const auto node = WireWriter().bytes(1, input).bytes(2, "y").bytes(3, "first").bytes(4, type);
        const auto graph =
            WireWriter().message(GRAPH_NODE, node).message(GRAPH_INPUT, value("x")).message(GRAPH_OUTPUT, value("y"));
        const std::string bytes = model_of(graph);
        TreeBuilder<HostArray> inputs;
        inputs.add("x", HostArray::scalar(1.0F));
        return test::error_of([&] { Model(parse_model(bytes, "some.onnx", nullptr)).run(inputs.build()); }).message();
    };
    EXPECT_THAT(run("Nonsense", "x"), HasSubstr("there is no row for Nonsense \"first\""));
    EXPECT_THAT(run("Relu", "z"), HasSubstr("its input \"z\" is the result of nothing before it"));
    EXPECT_THAT(run("Conv", "x"), testing::StartsWith("some.onnx: at byte "));
}

}  // namespace
}  // namespace podium::onnx

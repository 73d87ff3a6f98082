#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "podium/exec/jit.h"
#include "podium/exec/kernel_choice.h"
#include "podium/optim/optimizers.h"
#include "podium/train/step.h"

namespace podium::train {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr int STEPS = 3;

/// What XLA's form and podium's loops are compared on.
struct Training {
    const char* name;
    optim::OptimizerOptions optimizer;
    StepOptions options = {};
    DataType type = DataType::FLOAT64;
};
std::ostream& operator<<(std::ostream& out, const Training& training) { return out << training.name; }

const std::vector<Training> TRAININGS{
    {"momentum", {.name = "sgd", .momentum = 0.9}},
    {"nesterov", {.name = "sgd", .momentum = 0.9, .nesterov = true}},
    {"adam", {.name = "adam"}},
    {"adamw", {.name = "adamw"}},
    {"adamw_f32", {.name = "adamw"}, {}, DataType::FLOAT32},
    {"adam_clipped", {.name = "adam", .clip_global_norm = 0.1}},
    {"adamw_guarded", {.name = "adamw", .clip_global_norm = 0.1}, {.guard = true}},
    {"adamw_in_pieces", {.name = "adamw"}, {.micro_batches = 2}},
};

struct Trained {
    std::vector<double> losses;
    std::string text;
    bool operator==(const Trained&) const = default;
};

/// Trains a model whose widest matrices have 65,536 elements.
Trained trained(const Training& training, KernelChoice choice, const Mesh& mesh = Mesh(Device(DeviceType::CPU))) {
    const nn::Precision precision{.parameters = training.type, .compute = training.type};
    const models::Gpt model(
        {.vocabulary = 16, .length = 8, .layers = 1, .width = 128, .heads = 2, .precision = precision});
    const auto optimizer = optim::make(training.optimizer);
    const XlaOptions fast{.optimization_level = 0};
    choose_kernels(choice);
    const auto init = jit(InitFunction{model, optimizer, training.options}, {.mesh = &mesh, .xla = fast});
    const auto step =
        jit(StepFunction{model, optimizer, training.options}, {.donate = {0}, .mesh = &mesh, .xla = fast});
    std::vector<std::int32_t> tokens(32);
    for (std::size_t i = 0; i < tokens.size(); ++i) tokens[i] = static_cast<std::int32_t>(i * 7 % 16);
    const auto whole = std::make_shared<const Placement>(mesh);
    const Tensor inputs = put(HostArray::of<std::int32_t>({4, 8}, tokens), whole);
    State state = init(key(3));
    Trained result;
    for (int i = 0; i < STEPS; ++i) {
        auto [next, metrics] = step(std::move(state), Samples{inputs, inputs});
        state = std::move(next);
        result.losses.push_back(metrics["loss"].to_host().as_double(0));
    }
    result.text = step.text();
    choose_kernels(KernelChoice::MEASURED);
    return result;
}

class Kernels : public testing::TestWithParam<Training> {};

TEST_P(Kernels, LossesAreThoseOfXlasForm) {
    const auto xla = trained(GetParam(), KernelChoice::XLA), podium = trained(GetParam(), KernelChoice::PODIUM);
    EXPECT_THAT(xla.text, Not(HasSubstr("podium.kernel")));
    EXPECT_THAT(podium.text, HasSubstr("podium.kernel"));
    const double tolerance = GetParam().type == DataType::FLOAT64 ? 1e-9 : 1e-4;
    for (int i = 0; i < STEPS; ++i) EXPECT_NEAR(podium.losses[i], xla.losses[i], tolerance) << "step " << i;
    EXPECT_EQ(trained(GetParam(), KernelChoice::PODIUM), podium) << "the same bits again";
}

INSTANTIATE_TEST_SUITE_P(Train, Kernels, testing::ValuesIn(TRAININGS),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(KernelChoice, OnSeveralDevicesTheFormIsXlas) {
    const Mesh mesh({{"data", 2}}, devices("cpu"));
    EXPECT_THAT(trained(TRAININGS[0], KernelChoice::PODIUM, mesh).text, Not(HasSubstr("podium.kernel")));
}

}  // namespace
}  // namespace podium::train

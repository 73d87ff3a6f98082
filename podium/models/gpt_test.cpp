#include "podium/models/gpt.h"

#include <gmock/gmock.h>

#include <cmath>

#include "podium/base/expect_error.h"
#include "podium/config/config.h"
#include "podium/nn/losses.h"
#include "podium/transform/transform.h"
#include "tests/support/interpreted.h"
#include "tests/support/jax.h"

namespace podium::models {
namespace {

using test::expect_near;
using test::interpreted;
using testing::ElementsAre;

constexpr GptOptions SMALL{.vocabulary = 11,
                           .length = 5,
                           .layers = 2,
                           .width = 8,
                           .heads = 2,
                           .precision = {DataType::FLOAT64, DataType::FLOAT64}};

const std::vector<std::int32_t> TOKENS{1, 5, 0, 10, 3, 7, 7, 2, 9, 4}, TARGETS{5, 0, 10, 3, 6, 7, 2, 9, 4, 8};
Tensor tokens() { return tensor({2, 5}, TOKENS); }
Tensor targets() { return tensor({2, 5}, TARGETS); }

Tree sample_parameters(const Gpt& model) { return test::sampled(model.init(key(0))); }

/// The peers' gpt_loss (shared/peers/jax_bench.py), with our paths.
constexpr const char* JAX_GPT = R"(
def ln(x, g, b):
    m = x.mean(-1, keepdims=True)
    v = ((x - m) ** 2).mean(-1, keepdims=True)
    return (x - m) * jax.lax.rsqrt(v + 1e-5) * g + b

def gpt_loss(p, x, y, layers=2, H=2, D=4):
    B, T = x.shape
    start = jax.lax.cummax(jnp.where(x == end, jnp.arange(T), 0), axis=1)
    h = p['wte.weight'][x] + p['wpe.weight'][jnp.arange(T) - start]
    mask = jnp.tril(jnp.ones((T, T), bool)) & (start[:, None, :, None] == start[:, None, None, :])
    for l in range(layers):
        w, b = lambda n: p[f'h.{l}.{n}.weight'], lambda n: p[f'h.{l}.{n}.bias']
        a = ln(h, w('ln1'), b('ln1')) @ w('attn.qkv') + b('attn.qkv')
        qq, kk, vv = jnp.split(a.reshape(B, T, 3 * H, D), 3, axis=2)
        s = jnp.einsum('bthd,bshd->bhts', qq, kk) * (D ** -0.5)
        s = jax.nn.softmax(jnp.where(mask, s, -1e30), axis=-1)
        o = jnp.einsum('bhts,bshd->bthd', s, vv).reshape(B, T, H * D)
        h = h + o @ w('attn.out') + b('attn.out')
        a = ln(h, w('ln2'), b('ln2')) @ w('mlp.up') + b('mlp.up')
        h = h + jax.nn.gelu(a, approximate=True) @ w('mlp.down') + b('mlp.down')
    head = p['head.weight'] if 'head.weight' in p else p['wte.weight'].T
    return optax.softmax_cross_entropy_with_integer_labels(ln(h, p['ln_f.weight'], p['ln_f.bias']) @ head, y).mean()

x = np.array([[1, 5, 0, 10, 3], [7, 7, 2, 9, 4]])
y = np.array([[5, 0, 10, 3, 6], [7, 2, 9, 4, 8]])
out['loss'], gradient = jax.jit(jax.value_and_grad(gpt_loss))(given, x, y)
out.update(gradient)
)";

void expect_jax_loss_and_gradients(const GptOptions& options) {
    const Gpt model(options);
    const Tree parameters = sample_parameters(model);
    const auto loss = [&](const Tree& p) { return nn::cross_entropy(model(p, tokens()), targets()); };
    const auto [value, gradient] = value_and_grad(loss)(parameters);
    const auto expected = test::jax_results(fmt::format("end = {}\n{}", options.document_end, JAX_GPT), parameters);
    expect_near(value.to_host(), expected["loss"], 1e-9, "loss");
    const auto ours = interpreted(gradient.leaves());
    for (std::size_t i = 0; i < ours.size(); ++i)
        expect_near(ours[i], expected[gradient.path(i)], 1e-9, gradient.path(i));
}

TEST(Gpt, LossAndAllGradientsAreJaxs) { expect_jax_loss_and_gradients(SMALL); }

TEST(Gpt, LossAndAllGradientsAreJaxsWithTiedEmbeddings) {
    GptOptions options = SMALL;
    options.tie_embeddings = true;
    expect_jax_loss_and_gradients(options);
}

TEST(Gpt, LossAndAllGradientsAreJaxsWithSeparateDocuments) {
    GptOptions options = SMALL;
    options.document_end = 0;
    options.remat = true;
    expect_jax_loss_and_gradients(options);
}

TEST(Gpt, SeparateDocumentsAreComputedAsIfEachWereAlone) {
    GptOptions options = SMALL;
    options.document_end = 0;
    for (const bool scanned : {false, true}) {
        options.scan_layers = options.remat = scanned;
        const Gpt model(options);
        const Tree parameters = model.init(key(1));
        const auto logits = [&](const std::vector<std::int32_t>& ids) {
            const auto length = static_cast<std::int64_t>(ids.size());
            return model(parameters, tensor({1, length}, ids));
        };
        const Tensor packed = logits({1, 5, 0, 10, 3});
        expect_near(slice_axis(packed, 1, 0, 2).to_host(), logits({1, 5}).to_host(), 1e-12, "the first");
        expect_near(slice_axis(packed, 1, 2, 5).to_host(), logits({0, 10, 3}).to_host(), 1e-12, "the second");
    }
}

TEST(Gpt, ScannedLayersComputeTheSame) {
    GptOptions options = SMALL;
    options.dropout = 0.25;
    const Gpt unrolled(options);
    options.scan_layers = true;
    const Gpt scanned(options);
    const Tree one = unrolled.init(key(3)), other = scanned.init(key(3));
    EXPECT_EQ(other["h.*.attn.qkv.weight"].dims(), (Dims{2, 8, 24}));
    const auto gradients = [](const Gpt& model, const Tree& parameters) {
        return value_and_grad([&](const Tree& p) { return nn::cross_entropy(model(p, tokens(), key(5)), targets()); })(
            parameters);
    };
    const auto [loss, gradient] = gradients(unrolled, one);
    const auto [scanned_loss, scanned_gradient] = gradients(scanned, other);
    expect_near(scanned_loss.to_host(), loss.to_host(), 1e-12, "loss");
    for (std::size_t i = 0; i < scanned_gradient.size(); ++i) {
        const std::string& path = scanned_gradient.path(i);
        const bool is_stack = path.starts_with("h.*.");
        const Tensor expected = is_stack
                                    ? stack({gradient["h.0." + path.substr(4)], gradient["h.1." + path.substr(4)]}, 0)
                                    : gradient[path];
        const auto pair = interpreted({scanned_gradient.leaves()[i], expected});
        expect_near(pair[0], pair[1], 1e-12, path);
    }
}

TEST(Gpt, NamesItsParametersAsDocumented) {
    const Tree tree = Gpt({.vocabulary = 11, .length = 5, .layers = 1, .width = 8, .heads = 2}).init(key(0));
    EXPECT_THAT(tree.paths()->names(),
                ElementsAre("wte.weight", "wpe.weight", "h.0.ln1.weight", "h.0.ln1.bias", "h.0.attn.qkv.weight",
                            "h.0.attn.qkv.bias", "h.0.attn.out.weight", "h.0.attn.out.bias", "h.0.ln2.weight",
                            "h.0.ln2.bias", "h.0.mlp.up.weight", "h.0.mlp.up.bias", "h.0.mlp.down.weight",
                            "h.0.mlp.down.bias", "ln_f.weight", "ln_f.bias", "head.weight"));
    EXPECT_EQ(tree["h.0.attn.qkv.weight"].dims(), (Dims{8, 24}));
    EXPECT_EQ(tree["h.0.mlp.up.weight"].dims(), (Dims{8, 32}));
}

double deviation(const Tensor& weight) { return std::sqrt(mean(square(weight)).item<float>()); }

TEST(Gpt, StartsAsGpt2Does) {
    const Tree tree = Gpt({.vocabulary = 16, .length = 4, .layers = 2, .width = 32, .heads = 2}).init(key(3));
    EXPECT_NEAR(deviation(tree["h.1.attn.qkv.weight"]), 0.02, 0.001);
    EXPECT_NEAR(deviation(tree["h.1.mlp.up.weight"]), 0.02, 0.001);
    EXPECT_NEAR(deviation(tree["h.1.attn.out.weight"]), 0.01, 0.001);
    EXPECT_NEAR(deviation(tree["h.1.mlp.down.weight"]), 0.01, 0.001);
    EXPECT_EQ(deviation(tree["h.1.attn.qkv.bias"]), 0.0);
    EXPECT_EQ(min(tree["ln_f.weight"]).item<float>(), 1.0F);
    const auto drawn = interpreted({tree["h.0.mlp.up.weight"], tree["h.1.mlp.up.weight"]});
    EXPECT_FALSE(drawn[0] == drawn[1]);
}

TEST(Gpt, DoesNotLookAhead) {
    const Gpt model(SMALL);
    const Tree parameters = sample_parameters(model);
    std::vector<std::int32_t> changed = TOKENS;
    changed[3] = 8;  // of the first sequence
    const auto logits = interpreted({model(parameters, tokens()), model(parameters, tensor({2, 5}, changed))});
    const auto differs = [&](std::int64_t sequence, std::int64_t position) {
        const std::int64_t first = (sequence * 5 + position) * 11;
        return logits[0].as_double(first) != logits[1].as_double(first);
    };
    EXPECT_FALSE(differs(0, 0) || differs(0, 1) || differs(0, 2));
    EXPECT_TRUE(differs(0, 3) && differs(0, 4));
    for (std::int64_t position = 0; position < 5; ++position) EXPECT_FALSE(differs(1, position));
}

TEST(Gpt, ComputesInBfloat16WithParametersAndLogitsInF32) {
    GptOptions options = SMALL;
    options.precision = {DataType::FLOAT32, DataType::BFLOAT16};
    const Gpt narrow(options);
    options.precision = {};
    const Gpt wide(options);
    const Tree parameters = narrow.init(key(1));
    const Tensor logits = narrow(parameters, tokens());
    EXPECT_EQ(to_string(parameters["wte.weight"].shape()), "f32[11,8]");
    EXPECT_EQ(to_string(logits.shape()), "f32[2,5,11]");
    const auto loss = [&](const Tree& p) { return nn::cross_entropy(narrow(p, tokens()), targets()); };
    const auto [value, gradient] = value_and_grad(loss)(parameters);
    EXPECT_EQ(gradient["h.0.mlp.up.weight"].type(), DataType::FLOAT32);
    const auto results = interpreted({logits, wide(parameters, tokens())});
    expect_near(results[0], results[1], 0.01, "logits");
    EXPECT_FALSE(results[0] == results[1]);
    std::size_t products = 0;
    for (const Node* node : topological(std::array{logits}))
        if (node->op == &rows::dot_general || node->op == &rows::attention) {
            EXPECT_EQ(node->operands[0].type(), DataType::BFLOAT16);
            ++products;
        }
    EXPECT_EQ(products, 2U * 5 + 1);
}

TEST(Gpt, DropsOnlyWhereAKeyIsGivenAndRepeatably) {
    GptOptions options = SMALL;
    options.dropout = 0.5;
    const Gpt model(options), plain(SMALL);
    const Tree parameters = sample_parameters(model);
    const auto results =
        interpreted({plain(parameters, tokens()), model(parameters, tokens()), model(parameters, tokens(), key(1)),
                     model(parameters, tokens(), key(1)), model(parameters, tokens(), key(2))});
    EXPECT_TRUE(results[0] == results[1]);
    EXPECT_FALSE(results[1] == results[2]);
    EXPECT_TRUE(results[2] == results[3]);
    EXPECT_FALSE(results[2] == results[4]);
}

TEST(Gpt, RecordsItsCallersLine) {
    const Gpt model(SMALL);
    const Tree parameters = sample_parameters(model);
    const auto line = std::source_location::current().line() + 1;
    const Tensor logits = model(parameters, tokens());
    std::size_t products = 0;
    for (const Node* node : topological(std::array{logits}))
        if (node->op == &rows::dot_general || node->op == &rows::attention || node->op == &rows::gather ||
            node->op == &tanh) {
            EXPECT_EQ(to_string(node->location), fmt::format("podium/models/gpt_test.cpp:{}", line));
            ++products;
        }
    EXPECT_EQ(products, 2U * 6 + 2);
}

TEST(Gpt, ReadsItsOptionsFromAConfig) {
    const auto options = config::read<GptOptions>("layers: 12\nprecision: {compute: bf16}\n", "gpt.yaml");
    EXPECT_EQ(options.layers, 12);
    EXPECT_EQ(options.vocabulary, 256);
    EXPECT_EQ(options.precision.compute, DataType::BFLOAT16);
    EXPECT_EQ(options.precision.parameters, DataType::FLOAT32);
}

TEST(Gpt, SaysWhichOptionIsWrong) {
    const auto with = [](auto change) {
        GptOptions options;
        change(options);
        return [options] { Gpt{options}; };
    };
    expect_error(Code::INVALID_ARGUMENT, "gpt: layers must be at least 1, got 0", with([](auto& o) { o.layers = 0; }));
    expect_error(Code::INVALID_ARGUMENT, "gpt: 3 heads do not divide a width of 256",
                 with([](auto& o) { o.heads = 3; }));
    expect_error(Code::INVALID_ARGUMENT, "gpt: dropout is in [0, 1), got 1", with([](auto& o) { o.dropout = 1.0; }));
    expect_error(Code::INVALID_ARGUMENT, "gpt: precision names floating-point types, got f32 and i32",
                 with([](auto& o) { o.precision.compute = DataType::INT32; }));
}

TEST(Gpt, SaysWhichTokensItTakes) {
    const Gpt model(SMALL);
    const Tree parameters = sample_parameters(model);
    expect_error(Code::SHAPE_MISMATCH, "gpt: takes tokens [batch,length] with a length of at most 5, got i32[1,6]",
                 [&] {
                     model(parameters, zeros({1, 6}, DataType::INT32));
                 });
    expect_error(Code::SHAPE_MISMATCH, "got i32[5]", [&] { model(parameters, zeros({5}, DataType::INT32)); });
    expect_error(Code::DTYPE_MISMATCH, "gpt: tokens are integers, got f32[1,5]", [&] {
        model(parameters, zeros({1, 5}));
    });
    expect_error(Code::NOT_FOUND, "weight", [&] { model(Tree(), tokens()); });
}

}  // namespace
}  // namespace podium::models

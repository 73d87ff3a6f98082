#include "podium/models/decoder.h"

#include <gmock/gmock.h>

#include <cmath>

#include "podium/base/expect_error.h"
#include "podium/nn/losses.h"
#include "podium/transform/transform.h"
#include "tests/support/interpreted.h"
#include "tests/support/jax.h"

namespace podium::models {
namespace {

using test::expect_near;
using test::interpreted;

DecoderOptions small_decoder() {
    return {.vocabulary = 11,
            .length = 8,
            .layers = 2,
            .width = 8,
            .hidden = 12,
            .heads = 4,
            .key_heads = 2,
            .depth = 4,
            .rotary = {.width = 4},
            .precision = {DataType::FLOAT64, DataType::FLOAT64}};
}

const std::vector<std::int32_t> WORDS{1, 5, 0, 10, 3, 7, 7, 2, 9, 4};
Tensor words() { return tensor({2, 5}, WORDS); }

Tree some_parameters(const Decoder& model) { return test::sampled(model.init(key(0))); }

/// Llama and its relatives, written with jax.numpy; `o` says what they are made of.
constexpr const char* JAX_DECODER = R"(
def rms(x, w):
    return x / jnp.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * (w + o['offset'])

def turn(x, at):
    f = (1.0 / 10000 ** (np.arange(0, 4, 2) / 4)).astype(np.float32)
    a = (at[:, None].astype(jnp.float32) * f)[None, :, None, :]
    c, s = jnp.cos(a), jnp.sin(a)
    x1, x2 = x[..., :2], x[..., 2:]
    return jnp.concatenate([x1 * c - x2 * s, x2 * c + x1 * s], -1)

def logits(p, x):
    B, T = x.shape
    at = jnp.arange(T)
    seen = at[:, None] >= at[None, :]
    if o['window']:
        seen &= at[:, None] - at[None, :] < o['window']
    h = p['wte.weight'][x] * o['scale']
    balance = []
    for l in range(2):
        w = lambda n: p[f'h.{l}.{n}.weight']
        post = lambda n, y: rms(y, w(n)) if o['post'] else y
        a = rms(h, w('ln1'))
        q, k, v = ((a @ w('attn.' + n)).reshape(B, T, -1, 4) for n in 'qkv')
        if o['qk']:
            q, k = rms(q, w('attn.q_norm')), rms(k, w('attn.k_norm'))
        if not o['alibi']:
            q, k = turn(q, at), turn(k, at)
        k = jnp.repeat(k, 2, 2)
        s = jnp.einsum('bthd,bshd->bhts', q, k) / 2
        if o['alibi']:
            s = s + (0.25 ** np.arange(1, 5))[:, None, None] * (at[None, :] - at[:, None])
        if o['cap']:
            s = jnp.tanh(s / o['cap']) * o['cap']
        s = jax.nn.softmax(jnp.where(seen, s, -1e30), -1)
        h = h + post('post1', jnp.einsum('bhts,bshd->bthd', s, jnp.repeat(v, 2, 2)).reshape(B, T, -1) @ w('attn.out'))
        a = rms(h, w('ln2'))
        if o['experts']:
            chances = jax.nn.softmax(a @ w('mlp.router'))
            taken = jnp.argsort(-chances, -1)[..., :2]
            chosen = jax.nn.one_hot(taken, o['experts']).sum(-2)
            balance.append((chosen, chances))
            shares = chances * chosen / (chances * chosen).sum(-1, keepdims=True)
            m = 0
            for e in range(o['experts']):
                m += shares[..., e:e+1] * ((jax.nn.silu(a @ w('mlp.gate')[e]) * (a @ w('mlp.up')[e])) @ w('mlp.down')[e])
        else:
            m = (jax.nn.silu(a @ w('mlp.gate')) * (a @ w('mlp.up'))) @ w('mlp.down')
        h = h + post('post2', m)
    y = rms(h, p['ln_f.weight']) @ (p['wte.weight'].T if o['tied'] else p['head.weight'])
    if o['cap']:
        y = jnp.tanh(y / o['cap']) * o['cap']
    if not balance:
        return y, 0.0
    share, chance = (jnp.stack(part).mean((0, 1, 2)) for part in zip(*balance))
    return y, (share * chance).sum() * o['experts']

def loss(p, x):
    y, balance = logits(p, x)
    return optax.softmax_cross_entropy_with_integer_labels(y[:, :-1], x[:, 1:]).mean() + 0.1 * balance

x = np.array([[1, 5, 0, 10, 3], [7, 7, 2, 9, 4]])
out['loss'], gradient = jax.value_and_grad(loss)({k: jnp.array(v) for k, v in given.items()}, x)
out.update(gradient)
)";

void expect_jax_decoder(const DecoderOptions& o) {
    const Decoder model(o);
    const Tree parameters = some_parameters(model);
    const auto loss = [&](const Tree& p) {
        const auto [logits, balance] = model.with_balance(p, words());
        return nn::cross_entropy(slice_axis(logits, 1, 0, 4), slice_axis(words(), 1, 1, 5)) +
               convert(balance, DataType::FLOAT64) * 0.1;
    };
    const auto [value, gradient] = value_and_grad(loss)(parameters);
    const auto script = fmt::format(
        "o = dict(offset={}, window={}, scale={}, post={}, qk={}, cap={}, experts={}, tied={}, alibi={})\n{}",
        o.norm_offset ? 1 : 0, o.window, o.embedding_scale, o.post_norms ? 1 : 0, o.query_key_norm ? 1 : 0,
        o.attention_cap, o.experts, o.tie_embeddings ? 1 : 0, o.positions == PositionKind::ALIBI ? 1 : 0, JAX_DECODER);
    const auto expected = test::jax_results(script, parameters);
    expect_near(value.to_host(), expected["loss"], 1e-6, "loss");  // angles are f32, whose cosines differ
    const auto ours = interpreted(gradient.leaves());
    for (std::size_t i = 0; i < ours.size(); ++i)
        expect_near(ours[i], expected[gradient.path(i)], 1e-5, gradient.path(i));
}

TEST(Decoder, LossAndAllGradientsAreJaxs) { expect_jax_decoder(small_decoder()); }

TEST(Decoder, LossAndAllGradientsAreJaxsWithAllThatGemmaHas) {
    auto options = small_decoder();
    options.norm_offset = options.post_norms = options.query_key_norm = options.tie_embeddings = options.remat = true;
    options.window = 2;
    options.attention_cap = options.logit_cap = 3;
    options.embedding_scale = 1.5;
    expect_jax_decoder(options);
}

TEST(Decoder, LossAndAllGradientsAreJaxsWithAlibi) {
    auto options = small_decoder();
    options.positions = PositionKind::ALIBI;
    expect_jax_decoder(options);
}

TEST(Decoder, LossAndAllGradientsAreJaxsWithExperts) {
    auto options = small_decoder();
    options.experts = 3;
    options.balance = 0.1;
    for (const bool remat : {false, true}) {
        options.remat = remat;
        expect_jax_decoder(options);
    }
}

/// Returns logits behind each of the tokens but the first `known`, which are given at once.
HostArray decoded(const Decoder& model, const Tree& parameters, std::int64_t known, std::int64_t padding) {
    const Tensor first = broadcast_to(zeros({}, DataType::INT32) + padding, {2});
    const Tensor padded = pad(words(), 3, {0, padding}, {0, 0});
    Tree cache = model.empty_cache(2, 5 + padding);
    Tensors results;
    std::int64_t at = 0;
    const auto feed = [&](std::int64_t count) {
        const Tensor slot = zeros({}, DataType::INT32) + at;
        auto [logits, next] = model.decode(parameters, slice_axis(padded, 1, at, at + count), cache, slot, first);
        cache = next;
        results.push_back(logits);
        at += count;
    };
    feed(known + padding);
    while (at < 5 + padding) feed(1);
    return stack(results, 1).to_host();
}

TEST(Decoder, TheCacheChangesNoLogits) {
    auto options = small_decoder();
    for (const std::int64_t window : {0, 2, 3}) {
        options.window = window;
        options.positions = window == 3 ? PositionKind::ALIBI : PositionKind::ROTARY;
        const Decoder model(options);
        const Tree parameters = some_parameters(model);
        const Tensor whole = model(parameters, words());
        expect_near(decoded(model, parameters, 2, 0), slice_axis(whole, 1, 1, 5).to_host(), 1e-12, "two at first");
        expect_near(decoded(model, parameters, 3, 3), slice_axis(whole, 1, 2, 5).to_host(), 1e-12, "behind padding");
    }
}

TEST(Decoder, ScannedLayersAreTheLayersOneByOne) {
    auto options = small_decoder();
    for (const std::int64_t experts : {0, 3}) {
        options.experts = experts;
        const Decoder plain(options);
        options.scan_layers = options.remat = true;
        const Decoder scanned(options);
        options.scan_layers = options.remat = false;
        const Tree stacks = some_parameters(scanned);
        EXPECT_EQ(stacks["h.*.attn.q.weight"].dims(), (Dims{2, 8, 16}));
        const auto loss_of = [](const Decoder& model, bool cut) {
            return value_and_grad([&model, cut](const Tree& p) {
                const auto [logits, balance] = model.with_balance(cut ? unstacked(p, 2) : p, words());
                return nn::cross_entropy(logits, words()) + convert(balance, DataType::FLOAT64) * 0.1;
            });
        };
        const auto [value, gradient] = loss_of(scanned, false)(stacks);
        const auto [expected_value, expected] = loss_of(plain, true)(stacks);
        expect_near(value.to_host(), expected_value.to_host(), 1e-12, "loss");
        const auto ours = interpreted(gradient.leaves()), theirs = interpreted(expected.leaves());
        for (std::size_t i = 0; i < ours.size(); ++i) expect_near(ours[i], theirs[i], 1e-11, gradient.path(i));
        expect_near(decoded(scanned, stacks, 2, 0), slice_axis(scanned(stacks, words()), 1, 1, 5).to_host(), 1e-12,
                    "with a cache");
    }
}

TEST(Decoder, SaysWhichOptionIsWrong) {
    const auto with = [](auto change) {
        auto options = small_decoder();
        change(options);
        return [options] { Decoder{options}; };
    };
    expect_error(Code::INVALID_ARGUMENT, "decoder: layers must be at least 1, got 0",
                 with([](auto& o) { o.layers = 0; }));
    expect_error(Code::INVALID_ARGUMENT, "decoder: 3 heads of keys do not divide 4 heads",
                 with([](auto& o) { o.key_heads = 3; }));
    expect_error(Code::INVALID_ARGUMENT, "decoder: rotary.width is even and at most the depth, 4; got 6",
                 with([](auto& o) { o.rotary.width = 6; }));
    expect_error(Code::INVALID_ARGUMENT, "decoder: a token cannot take 2 of 1 experts",
                 with([](auto& o) { o.experts = 1; }));
    expect_error(Code::INVALID_ARGUMENT, "decoder: windowed says 1 layers, there are 2",
                 with([](auto& o) { o.windowed = {true}; }));
}

TEST(Decoder, SaysWhichTokensItTakes) {
    const Decoder model(small_decoder());
    const Tree parameters = some_parameters(model);
    expect_error(Code::SHAPE_MISMATCH, "decoder: takes tokens [batch,length] with a length of at most 8, got i32[1,9]",
                 [&] {
                     model(parameters, zeros({1, 9}, DataType::INT32));
                 });
    expect_error(Code::DTYPE_MISMATCH, "decoder: tokens are integers, got f32[1,5]", [&] {
        model(parameters, zeros({1, 5}));
    });
}

}  // namespace
}  // namespace podium::models

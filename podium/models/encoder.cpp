#include "podium/models/encoder.h"

#include <cmath>

#include "podium/models/blocks.h"
#include "podium/nn/grouped_attention.h"

namespace podium::models {
namespace {

EncoderOptions checked_encoder(EncoderOptions o) {
    const bool reads_text = o.kind == EncoderKind::TEXT;
    expect_sizes("encoder", {{"layers", o.layers}, {"width", o.width}, {"hidden", o.hidden}, {"heads", o.heads}});
    if (reads_text)
        expect_sizes("encoder", {{"vocabulary", o.vocabulary}, {"length", o.length}, {"types", o.types}});
    else
        expect_sizes("encoder", {{"height", o.height},
                                 {"columns", o.columns},
                                 {"channels", o.channels},
                                 {"patch", o.patch},
                                 {"classes", o.classes}});
    if (o.width % o.heads != 0)
        fail(Code::INVALID_ARGUMENT, "encoder: {} heads do not divide a width of {}", o.heads, o.width);
    if (!reads_text && (o.height % o.patch != 0 || o.columns % o.patch != 0))
        fail(Code::INVALID_ARGUMENT, "encoder: patches of {} do not divide images of {} x {}", o.patch, o.height,
             o.columns);
    return o;
}

std::int64_t patches(const EncoderOptions& o) { return o.height / o.patch * (o.columns / o.patch); }

std::string layer_path(std::int64_t layer) { return fmt::format("h.{}", layer); }

}  // namespace

Encoder::Encoder(EncoderOptions options) : options_(checked_encoder(options)) {}

std::vector<ParameterSpec> Encoder::parameters() const {
    const auto& o = options_;
    SpecList specs;
    if (o.kind == EncoderKind::TEXT) {
        specs.add("words.weight", {o.vocabulary, o.width});
        specs.add("places.weight", {o.length, o.width});
        specs.add("types.weight", {o.types, o.width});
    } else {
        specs.add("class", {1, 1, o.width});
        specs.add("places", {1, patches(o) + 1, o.width});
        specs.add("patch.weight", {o.width, o.channels, o.patch, o.patch});
        specs.add("patch.bias", {o.width}, ParameterSpec::Start::ZEROS);
    }
    specs.norm("norm", o.width, true);
    for (std::int64_t layer = 0; layer < o.layers; ++layer) {
        const std::string h = layer_path(layer);
        for (const char* name : {".attn.q", ".attn.k", ".attn.v", ".attn.out"})
            specs.linear(h + name, o.width, o.width, true);
        specs.norm(h + ".ln1", o.width, true);
        specs.linear(h + ".mlp.up", o.width, o.hidden, true);
        specs.linear(h + ".mlp.down", o.hidden, o.width, true);
        specs.norm(h + ".ln2", o.width, true);
    }
    if (o.kind == EncoderKind::TEXT) {
        specs.linear("head.dense", o.width, o.width, true);
        specs.norm("head.norm", o.width, true);
        specs.add("head.bias", {o.vocabulary}, ParameterSpec::Start::ZEROS);
    } else {
        specs.linear("head", o.width, o.classes, true);
    }
    return specs.take();
}

Tree Encoder::init(const Key& key) const {
    return first_values(parameters(), key, 0.02, options_.precision.parameters);
}

Tensor Encoder::attended(const Tree& parameters, const Tensor& x, const std::optional<Tensor>& seen) const {
    const auto part = [&](const char* path) {
        return into_heads(linear(parameters, path, x, options_.width), options_.heads);
    };
    const std::int64_t depth = options_.width / options_.heads;
    const Tensor mixed =
        nn::grouped_attention(part("q"), part("k"), part("v"),
                              {.scale = 1 / std::sqrt(static_cast<double>(depth)), .causal = false, .seen = seen});
    return linear(parameters, "out", out_of_heads(mixed), options_.width);
}

Tensor Encoder::block(const Tree& parameters, const Tensor& x, const std::optional<Tensor>& seen) const {
    const auto& o = options_;
    const Tree attention = parameters.subtree("attn"), mlp = parameters.subtree("mlp");
    const auto norm = [&](const char* path, const Tensor& y) { return layer_norm(parameters, path, y, o.epsilon); };
    const auto raised = [&](const Tensor& y) {
        return linear(mlp, "down", activated(o.activation, linear(mlp, "up", y, o.hidden)), o.width);
    };
    if (o.kind == EncoderKind::IMAGES) {
        const Tensor middle = x + attended(attention, norm("ln1", x), seen);
        return middle + raised(norm("ln2", middle));
    }
    const Tensor middle = norm("ln1", x + attended(attention, x, seen));
    return norm("ln2", middle + raised(middle));
}

Tensor Encoder::of_text(const Tree& parameters, const Tensor& tokens, const EncoderInputs& inputs) const {
    const auto& o = options_;
    const auto batch = tokens.dim(0), length = tokens.dim(1);
    const Tensor types = inputs.types ? *inputs.types : zeros({batch, length}, DataType::INT32);
    Tensor x = take(parameters["words.weight"], tokens) + take(parameters["types.weight"], types) +
               slice_axis(parameters["places.weight"], 0, 0, length);
    x = layer_norm(parameters, "norm", x, o.epsilon);
    std::optional<Tensor> seen;
    if (inputs.seen) seen = broadcast_to(reshape(*inputs.seen, {batch, 1, length}), {batch, length, length});
    for (std::int64_t i = 0; i < o.layers; ++i) x = block(parameters.subtree(layer_path(i)), x, seen);
    const Tensor raised = activated(o.activation, linear(parameters, "head.dense", x, o.width));
    const Tensor last = layer_norm(parameters, "head.norm", raised, o.epsilon);
    return dot_general(last, parameters["words.weight"], {{}, {}, {2}, {1}}) + parameters["head.bias"];
}

Tensor Encoder::of_images(const Tree& parameters, const Tensor& images) const {
    const auto& o = options_;
    const auto batch = images.dim(0), rows = o.height / o.patch, columns = o.columns / o.patch;
    const Tensor cut = transpose(reshape(images, {batch, rows, o.patch, columns, o.patch, o.channels}),
                                 {0, 1, 3, 5, 2, 4});  // [batch, rows, columns, channels, patch, patch]
    const Tensor each = reshape(cut, {batch, rows * columns, o.channels, o.patch, o.patch});
    const Tensor seen = dot_general(each, parameters["patch.weight"], {{}, {}, {2, 3, 4}, {1, 2, 3}});
    Tensor x =
        concatenate({broadcast_to(parameters["class"], {batch, 1, o.width}), seen + parameters["patch.bias"]}, 1);
    x = x + parameters["places"];
    for (std::int64_t i = 0; i < o.layers; ++i) x = block(parameters.subtree(layer_path(i)), x, std::nullopt);
    const Tensor first = squeeze(slice_axis(layer_norm(parameters, "norm", x, o.epsilon), 1, 0, 1), 1);
    return linear(parameters, "head", first, o.classes);
}

Tensor Encoder::operator()(const Tree& parameters, const Operand& x, const EncoderInputs& inputs) const {
    const LocationScope scope(x.location());
    const auto& o = options_;
    const Shape& shape = x.tensor().shape();
    const Tree computed = nn::cast_tree(parameters, o.precision.compute, x.location());
    if (o.kind == EncoderKind::TEXT) {
        if (!is_integer(shape.type) || shape.rank() != 2 || shape.dims[1] > o.length)
            fail_at(Code::SHAPE_MISMATCH, x.location(),
                    fmt::format("encoder: takes integers [batch,length] with a length of at most {}, got {}", o.length,
                                to_string(shape)));
        return nn::at_least_f32(of_text(computed, x.tensor(), inputs));
    }
    if (!is_float(shape.type) || shape.rank() != 4 ||
        Dims(shape.dims.begin() + 1, shape.dims.end()) != Dims{o.height, o.columns, o.channels})
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("encoder: takes images [batch,{},{},{}], got {}", o.height, o.columns, o.channels,
                            to_string(shape)));
    return nn::at_least_f32(of_images(computed, convert(x, o.precision.compute)));
}

}  // namespace podium::models

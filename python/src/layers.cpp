// Layers: what init(key) makes and a call takes are dicts of tensors.
#include "fields.h"

namespace podium::python {
namespace {

nn::Channels channels_of(std::string_view name) {
    if (name == "last") return nn::Channels::LAST;
    if (name == "first") return nn::Channels::FIRST;
    fail(Code::INVALID_ARGUMENT, "nn: channels are \"last\" or \"first\", not \"{}\"", name);
}
nn::Padding padding_of(std::string_view name) {
    if (name == "same") return nn::Padding::SAME;
    if (name == "valid") return nn::Padding::VALID;
    fail(Code::INVALID_ARGUMENT, "nn: padding is \"same\" or \"valid\", not \"{}\"", name);
}

}  // namespace

void bind_layers(nb::module_& parent) {
    auto module = parent.def_submodule("nn");
    nb::class_<nn::Module>(module, "Layer", "Makes parameters, and maps them and a tensor to a tensor.")
        .def("init", &nn::Module::init, "key"_a, "Returns first parameters.")
        .def(
            "__call__",
            [](const nn::Module& layer, const Tree& parameters, const Operand& x, const std::optional<Key>& key) {
                return layer(parameters, x, key);
            },
            "parameters"_a, "x"_a, "key"_a = nb::none(), "Returns the layer's result; what it draws comes from `key`.");
    module.def(
        "linear",
        [](std::int64_t inputs, std::int64_t outputs, bool bias, DataType type) {
            return nn::Module(nn::Linear{.inputs = inputs, .outputs = outputs, .bias = bias, .type = type});
        },
        "inputs"_a, "outputs"_a, "bias"_a, "dtype"_a);
    module.def(
        "embedding",
        [](std::int64_t count, std::int64_t width, DataType type) {
            return nn::Module(nn::Embedding{.count = count, .width = width, .type = type});
        },
        "count"_a, "width"_a, "dtype"_a);
    module.def(
        "layer_norm",
        [](std::int64_t width, double epsilon, DataType type) {
            return nn::Module(nn::LayerNorm{.width = width, .epsilon = epsilon, .type = type});
        },
        "width"_a, "epsilon"_a, "dtype"_a);
    module.def(
        "rms_norm",
        [](std::int64_t width, double epsilon, DataType type) {
            return nn::Module(nn::RmsNorm{.width = width, .epsilon = epsilon, .type = type});
        },
        "width"_a, "epsilon"_a, "dtype"_a);
    module.def(
        "group_norm",
        [](std::int64_t width, std::int64_t groups, double epsilon, std::string_view channels, DataType type) {
            return nn::Module(nn::GroupNorm{
                .width = width, .groups = groups, .epsilon = epsilon, .channels = channels_of(channels), .type = type});
        },
        "width"_a, "groups"_a, "epsilon"_a, "channels"_a, "dtype"_a);
    module.def(
        "conv",
        [](std::int64_t inputs, std::int64_t outputs, Dims window, Dims strides, std::string_view padding,
           Dims dilations, std::int64_t groups, bool bias, std::string_view channels, DataType type) {
            return nn::Module(nn::Conv{.inputs = inputs,
                                       .outputs = outputs,
                                       .window = std::move(window),
                                       .strides = std::move(strides),
                                       .padding = padding_of(padding),
                                       .dilations = std::move(dilations),
                                       .groups = groups,
                                       .bias = bias,
                                       .channels = channels_of(channels),
                                       .type = type});
        },
        "inputs"_a, "outputs"_a, "window"_a, "strides"_a, "padding"_a, "dilations"_a, "groups"_a, "bias"_a,
        "channels"_a, "dtype"_a);
    module.def(
        "dropout", [](double rate) { return nn::Module(nn::Dropout{.rate = rate}); }, "rate"_a);
    module.def(
        "sequential",
        [](std::vector<nn::Module> layers) { return nn::Module(nn::Sequential{.layers = std::move(layers)}); },
        "layers"_a);
    module.def(
        "function",
        [](std::function<Tensor(const Tensor&)> f) {
            return nn::Module([f = std::move(f)](const Operand& x) -> Tensor { return f(x.tensor()); });
        },
        "f"_a);

    module.def(
        "gpt",
        [](const nb::dict& options) {
            return nn::Module(models::Gpt(with_fields(models::GptOptions{}, options, "models.Gpt")));
        },
        "options"_a);

    using Activation = Tensor (*)(const Operand&);
    for (const auto& [name, function] : std::initializer_list<std::pair<const char*, Activation>>{
             {"relu", nn::relu}, {"gelu", nn::gelu}, {"silu", nn::silu}})
        module.def(name, function, "x"_a);
    module.def("softmax", &nn::softmax, "x"_a, "axis"_a = -1);
    module.def("log_softmax", &nn::log_softmax, "x"_a, "axis"_a = -1);
    module.def(
        "cross_entropy", [](const Operand& logits, const Operand& labels) { return nn::cross_entropy(logits, labels); },
        "logits"_a, "labels"_a, "Returns the mean of −log softmax(logits)[label].");
    module.def("mean_squared_error", &nn::mean_squared_error, "prediction"_a, "target"_a);
    module.def("accuracy", &nn::accuracy, "logits"_a, "labels"_a);
    const auto pool = [](Dims window, Dims strides, std::string_view padding, std::string_view channels) {
        return nn::PoolOptions{std::move(window), std::move(strides), padding_of(padding), channels_of(channels)};
    };
    module.def(
        "max_pool",
        [pool](const Operand& x, Dims window, Dims strides, std::string_view padding, std::string_view channels) {
            return nn::max_pool(x, pool(std::move(window), std::move(strides), padding, channels));
        },
        "x"_a, "window"_a, "strides"_a = Dims{}, "padding"_a = "valid", "channels"_a = "last");
    module.def(
        "average_pool",
        [pool](const Operand& x, Dims window, Dims strides, std::string_view padding, std::string_view channels) {
            return nn::average_pool(x, pool(std::move(window), std::move(strides), padding, channels));
        },
        "x"_a, "window"_a, "strides"_a = Dims{}, "padding"_a = "valid", "channels"_a = "last");
}

}  // namespace podium::python

#include "podium/emit/library_calls.h"

#include <algorithm>
#include <sstream>

#include "podium/base/dims.h"
#include "podium/ir/convolution_node.h"
#include "podium/ir/custom_operator.h"
#include "podium/ir/ops.h"

namespace podium {
namespace {

constexpr std::int64_t LEAST_PRODUCTS = 1 << 21;  // below, XLA's form costs no more than a call
constexpr std::int64_t LEAST_IMAGES = 4;          // they are what threads share

std::string words(const Dims& dims) { return fmt::format("{}", fmt::join(dims, " ")); }

Dims numbers(const CallSettings& settings, const char* name) {
    std::istringstream text(std::get<std::string>(settings.at(name)));
    Dims dims;
    for (std::int64_t each = 0; text >> each;) dims.push_back(each);
    return dims;
}

bool has_type(DataType type) { return type == DataType::FLOAT32 || type == DataType::BFLOAT16; }

std::int64_t size_of(const Tensor& tensor, const Dims& dims) {
    return Shape(DataType::BOOL, picked(tensor.dims(), dims)).count();
}

/// Returns what `kernel` turns over, if it does no more than that along those dimensions; else turns it over.
Tensor turned_over(const Tensor& kernel, const Dims& spatial, const Location& location) {
    Dims sorted = spatial;
    std::ranges::sort(sorted);
    if (kernel->op == &rows::reverse && kernel->attributes[0] == sorted) return kernel->operands[0];
    return reverse(Operand(kernel, location), spatial);
}

/// Sets what pads behind, so that windows of `kernel` elements over `input` are `output` many; false where none does.
bool fit(ConvolutionCall& call, const Dims& input, const Dims& kernel, const Dims& output) {
    call.high.clear();
    for (std::size_t i = 0; i < input.size(); ++i) {
        const auto window = (kernel[i] - 1) * call.dilation[i] + 1;
        call.high.push_back((output[i] - 1) * call.strides[i] + window - input[i] - call.low[i]);
        if (call.low[i] < 0 || call.high[i] <= -call.strides[i] || call.low[i] >= window) return false;
    }
    return true;
}

/// Returns the convolution in the form that the library has for it; nothing where it has none that is fast.
std::optional<std::pair<ConvolutionCall, Tensor>> form_of(const Node& node) {
    const ConvolutionOptions o = convolution_options(node);
    const auto& d = o.dimensions;
    const Tensor &x = node.operands[0], &kernel = node.operands[1];
    const auto last = x.rank() - 1;
    const Dims in = joined({d.input_batch, d.input_feature}, d.input_spatial),
               by = joined({d.kernel_output_feature, d.kernel_input_feature}, d.kernel_spatial),
               out = joined({d.output_batch, d.output_feature}, d.output_spatial);
    const Dims in_sizes = picked(x.dims(), d.input_spatial), by_sizes = picked(kernel.dims(), d.kernel_spatial),
               out_sizes = picked(node.shape.dims, d.output_spatial);
    ConvolutionCall call{.result = node.shape.dims};
    if (!all_are(o.input_dilation, 1)) {
        // What steps through zeros between elements is the gradient of a convolution with strides.
        if (!all_are(o.strides, 1) || d.input_feature != last || d.output_feature != last) return std::nullopt;
        call.kind = ConvolutionCall::INPUT_GRADIENT;
        call.input = out;
        call.output = in;
        call.kernel = joined({d.kernel_input_feature, d.kernel_output_feature}, d.kernel_spatial);
        call.strides = o.input_dilation;
        call.dilation = o.kernel_dilation;
        for (std::size_t i = 0; i < in_sizes.size(); ++i)
            call.low.push_back((by_sizes[i] - 1) * o.kernel_dilation[i] - o.low[i]);
        if (!fit(call, out_sizes, by_sizes, in_sizes)) return std::nullopt;
        return std::pair(call, turned_over(kernel, d.kernel_spatial, node.location));
    }
    if (size_of(kernel, d.kernel_spatial) <= Shape(DataType::BOOL, out_sizes).count()) {
        if (d.input_feature != last || d.output_feature != last) return std::nullopt;
        call.input = in;
        call.kernel = by;
        call.output = out;
        call.strides = o.strides;
        call.dilation = o.kernel_dilation;
        call.low = o.low;
        if (!fit(call, in_sizes, by_sizes, out_sizes)) return std::nullopt;
        return std::pair(call, kernel);
    }
    // Windows as large as images, whose examples are summed: the gradient of a kernel.
    if (d.input_batch != last || d.kernel_output_feature != last) return std::nullopt;
    call.kind = ConvolutionCall::KERNEL_GRADIENT;
    call.input = joined({d.input_feature, d.input_batch}, d.input_spatial);
    call.output = joined({d.kernel_input_feature, d.kernel_output_feature}, d.kernel_spatial);
    call.kernel = joined({d.output_feature, d.output_batch}, d.output_spatial);
    call.strides = o.kernel_dilation;
    call.dilation = o.strides;
    call.low = o.low;
    if (!fit(call, in_sizes, out_sizes, by_sizes)) return std::nullopt;
    return std::pair(call, kernel);
}

}  // namespace

CallSettings ProductCall::settings() const {
    return {{"lhs_contract_first", lhs_contract_first}, {"rhs_contract_first", rhs_contract_first}};
}

ProductCall ProductCall::of(const CallSettings& settings) {
    return {std::get<bool>(settings.at("lhs_contract_first")), std::get<bool>(settings.at("rhs_contract_first"))};
}

CallSettings ConvolutionCall::settings() const {
    return {{"kind", static_cast<std::int64_t>(kind)},
            {"input", words(input)},
            {"kernel", words(kernel)},
            {"output", words(output)},
            {"strides", words(strides)},
            {"dilation", words(dilation)},
            {"low", words(low)},
            {"high", words(high)},
            {"result", words(result)}};
}

ConvolutionCall ConvolutionCall::of(const CallSettings& settings) {
    return {.kind = static_cast<Kind>(std::get<std::int64_t>(settings.at("kind"))),
            .input = numbers(settings, "input"),
            .output = numbers(settings, "output"),
            .kernel = numbers(settings, "kernel"),
            .strides = numbers(settings, "strides"),
            .dilation = numbers(settings, "dilation"),
            .low = numbers(settings, "low"),
            .high = numbers(settings, "high"),
            .result = numbers(settings, "result")};
}

CallSettings AttentionCall::settings() const {
    return {{"causal", causal}, {"documents", has_documents}, {"scale", scale}};
}

AttentionCall AttentionCall::of(const CallSettings& settings) {
    return {std::get<bool>(settings.at("causal")), std::get<bool>(settings.at("documents")),
            std::get<double>(settings.at("scale"))};
}

std::optional<Tensor> product_call(const Node& dot) {
    const auto& a = dot.attributes;
    const auto batch = std::ssize(a[0]);
    if (!has_type(dot.shape.type) || batch > 1 || dot.shape.count() * contracted_count(dot) < LEAST_PRODUCTS ||
        !is_operator(PRODUCT_OPERATOR))
        return std::nullopt;
    const ProductCall call{a[2][0] == batch, a[3][0] == batch};
    return call_operator(PRODUCT_OPERATOR, dot.operands, call.settings(), dot.location)[0];
}

std::optional<Tensor> convolution_call(const Node& node) {
    const ConvolutionOptions o = convolution_options(node);
    if (!has_type(node.shape.type) || o.feature_groups != 1 || o.batch_groups != 1 || o.strides.empty() ||
        std::ssize(o.strides) > 3 || node.shape.count() * convolved_count(node) < LEAST_PRODUCTS ||
        !is_operator(CONVOLUTION_OPERATOR))
        return std::nullopt;
    const auto form = form_of(node);
    if (!form) return std::nullopt;
    const auto& [call, kernel] = *form;
    const auto images = call.kind == ConvolutionCall::INPUT_GRADIENT
                            ? call.result[static_cast<std::size_t>(call.input[0])]
                            : node.operands[0].dim(call.input[0]);
    if (images < LEAST_IMAGES) return std::nullopt;
    return call_operator(CONVOLUTION_OPERATOR, {node.operands[0], kernel}, call.settings(), node.location)[0];
}

Tensors attention_call(const Node& node) {
    const auto name = node.op == &rows::attention ? ATTENTION_OPERATOR : ATTENTION_GRADIENT_OPERATOR;
    const auto a = attention_node(node);
    if (!has_type(node.results[0].type) || a.batch * a.heads * a.queries * a.keys * a.depth < LEAST_PRODUCTS ||
        !is_operator(name))
        return {};
    return call_operator(name, node.operands, AttentionCall{a.causal, a.has_documents, a.scale}.settings(),
                         node.location);
}

}  // namespace podium

#include <algorithm>

#include "podium/base/dims.h"
#include "podium/ir/convolution_node.h"
#include "podium/onnx/definition.h"
#include "podium/onnx/model_writer.h"

namespace podium::onnx {
namespace {

using Names = std::vector<std::string>;
using Attributes = ModelWriter::Attributes;

/// How one operation is written. Those with a type alone are one node of that type.
struct ExportRow {
    const Op* op;
    std::string_view type;
    std::string (*write)(ModelWriter&, const Node&, const Names&) = nullptr;
    bool (*fits)(const Node&) = nullptr;  ///< where only some of its nodes have a counterpart
};

std::string one(ModelWriter& w, const Node& node, double value) {
    return w.tensor(HostArray::scalar(value).type() == node.operands[0].type()
                        ? HostArray::scalar(value)
                        : HostArray::scalar(static_cast<float>(value)));
}
bool is_wide_float(const Node& node) {
    return node.operands[0].type() == DataType::FLOAT32 || node.operands[0].type() == DataType::FLOAT64;
}

/// Logic of truth values and of bits have types of their own.
template <char KIND>
std::string logical(ModelWriter& w, const Node& node, const Names& in) {
    const bool truth = node.operands[0].type() == DataType::BOOL;
    switch (KIND) {
        case '&': return w.node(truth ? "And" : "BitwiseAnd", in);
        case '|': return w.node(truth ? "Or" : "BitwiseOr", in);
        case '^': return w.node(truth ? "Xor" : "BitwiseXor", in);
        default: return w.node(truth ? "Not" : "BitwiseNot", in);
    }
}

std::string write_rsqrt(ModelWriter& w, const Node&, const Names& in) {
    return w.node("Reciprocal", {w.node("Sqrt", in)});
}
std::string write_expm1(ModelWriter& w, const Node& node, const Names& in) {
    return w.node("Sub", {w.node("Exp", in), one(w, node, 1)});
}
std::string write_log1p(ModelWriter& w, const Node& node, const Names& in) {
    return w.node("Log", {w.node("Add", {in[0], one(w, node, 1)})});
}
std::string write_remainder(ModelWriter& w, const Node&, const Names& in) {
    return w.node("Mod", in, Attributes().integer("fmod", 1));
}
std::string write_not_equal(ModelWriter& w, const Node&, const Names& in) {
    return w.node("Not", {w.node("Equal", in)});
}
std::string write_clamp(ModelWriter& w, const Node&, const Names& in) {
    return w.node("Min", {w.node("Max", {in[1], in[0]}), in[2]});
}
std::string write_is_finite(ModelWriter& w, const Node&, const Names& in) {
    return w.node("Not", {w.node("Or", {w.node("IsInf", in), w.node("IsNaN", in)})});
}
std::string write_convert(ModelWriter& w, const Node& node, const Names& in) {
    return w.node("Cast", in, Attributes().integer("to", number_of(node.shape.type)));
}

std::string write_reshape(ModelWriter& w, const Node& node, const Names& in) {
    return w.node("Reshape", {in[0], w.integers(node.shape.dims)}, Attributes().integer("allowzero", 1));
}
std::string write_broadcast(ModelWriter& w, const Node& node, const Names& in) {
    Dims dims(node.shape.dims.size(), 1);
    for (std::size_t i = 0; i < node.attributes[0].size(); ++i)
        dims[static_cast<std::size_t>(node.attributes[0][i])] = node.operands[0].dims()[i];
    const auto placed = w.node("Reshape", {in[0], w.integers(dims)}, Attributes().integer("allowzero", 1));
    return w.node("Expand", {placed, w.integers(node.shape.dims)});
}
std::string transposed_name(ModelWriter& w, const std::string& name, const Dims& permutation) {
    return w.node("Transpose", {name}, Attributes().integers("perm", permutation));
}
std::string write_transpose(ModelWriter& w, const Node& node, const Names& in) {
    return transposed_name(w, in[0], node.attributes[0]);
}
std::string write_concatenate(ModelWriter& w, const Node& node, const Names& in) {
    return w.node("Concat", in, Attributes().integer("axis", node.integer(0)));
}
std::string write_slice(ModelWriter& w, const Node& node, const Names& in) {
    return w.node("Slice", {in[0], w.integers(node.attributes[0]), w.integers(node.attributes[1]),
                            w.integers(counting(0, std::ssize(node.shape.dims))), w.integers(node.attributes[2])});
}
std::string write_reverse(ModelWriter& w, const Node& node, const Names& in) {
    const Dims all(node.attributes[0].size(), -1), ends(node.attributes[0].size(), INT64_MIN);
    return w.node("Slice", {in[0], w.integers(all), w.integers(ends), w.integers(node.attributes[0]), w.integers(all)});
}
bool pads_around(const Node& node) { return all_are(node.attributes[2], 0); }
std::string write_pad(ModelWriter& w, const Node& node, const Names& in) {
    return w.node("Pad", {in[0], w.integers(joined(node.attributes[0], node.attributes[1])), in[1]});
}

/// Returns how a combiner is spelled as a reduction, or "".
std::string_view reduction_type(const Node& node) {
    if (node.inner == &add) return "ReduceSum";
    if (node.inner == &multiply) return "ReduceProd";
    if (node.inner == &maximum || node.inner == &logical_or) return "ReduceMax";
    return node.inner == &minimum || node.inner == &logical_and ? "ReduceMin" : "";
}
bool reduces_by_a_row(const Node& node) { return node.results.empty() && !reduction_type(node).empty(); }
std::string combined(ModelWriter& w, const Node& node, const std::string& a, const std::string& b) {
    if (node.inner == &add) return w.node("Add", {a, b});
    if (node.inner == &multiply) return w.node("Mul", {a, b});
    if (node.inner == &logical_or) return w.node("Or", {a, b});
    if (node.inner == &logical_and) return w.node("And", {a, b});
    return w.node(node.inner == &maximum ? "Max" : "Min", {a, b});
}
/// What a reduction starts from takes part in it.
std::string write_reduce(ModelWriter& w, const Node& node, const Names& in) {
    const auto reduced = w.node(reduction_type(node), {in[0], w.integers(node.attributes[0])},
                                Attributes().integer("keepdims", 0).integer("noop_with_empty_axes", 1));
    return combined(w, node, reduced, in[1]);
}

std::string write_dot(ModelWriter& w, const Node& node, const Names& in) {
    const auto &lhs_batch = node.attributes[0], &rhs_batch = node.attributes[1], &lhs_contract = node.attributes[2],
               &rhs_contract = node.attributes[3];
    const auto lhs_rank = node.operands[0].rank(), rhs_rank = node.operands[1].rank();
    if (lhs_batch.empty() && lhs_rank == 2 && rhs_rank == 2 && lhs_contract == Dims{1} && rhs_contract == Dims{0})
        return w.node("MatMul", in);
    std::string left(static_cast<std::size_t>(lhs_rank), ' '), right(static_cast<std::size_t>(rhs_rank), ' '), out;
    char next = 'a';
    const auto pair = [&](const Dims& of_left, const Dims& of_right, bool stays) {
        for (std::size_t i = 0; i < of_left.size(); ++i, ++next) {
            left[static_cast<std::size_t>(of_left[i])] = right[static_cast<std::size_t>(of_right[i])] = next;
            if (stays) out += next;
        }
    };
    pair(lhs_batch, rhs_batch, true);
    pair(lhs_contract, rhs_contract, false);
    for (auto* side : {&left, &right})
        for (auto& letter : *side)
            if (letter == ' ') out += letter = next++;
    return w.node("Einsum", in, Attributes().text("equation", left + "," + right + "->" + out));
}

bool convolves_plainly(const Node& node) {
    const auto options = convolution_options(node);
    const auto none_negative = [](const Dims& pads) {
        return std::ranges::all_of(pads, [](auto pad) { return pad >= 0; });
    };
    return all_are(options.input_dilation, 1) && options.batch_groups == 1 && none_negative(options.low) &&
           none_negative(options.high) && node.operands[0].rank() > 2;
}
std::string write_convolution(ModelWriter& w, const Node& node, const Names& in) {
    const auto o = convolution_options(node);
    const auto& d = o.dimensions;
    const auto x = transposed_name(w, in[0], joined({d.input_batch, d.input_feature}, d.input_spatial));
    const auto kernel =
        transposed_name(w, in[1], joined({d.kernel_output_feature, d.kernel_input_feature}, d.kernel_spatial));
    Dims shape;
    for (const auto axis : d.kernel_spatial) shape.push_back(node.operands[1].dim(axis));
    const auto result = w.node("Conv", {x, kernel},
                               Attributes()
                                   .integers("kernel_shape", shape)
                                   .integers("strides", o.strides)
                                   .integers("dilations", o.kernel_dilation)
                                   .integers("pads", joined(o.low, o.high))
                                   .integer("group", o.feature_groups));
    const Dims placed = joined({d.output_batch, d.output_feature}, d.output_spatial);
    Dims back(placed.size());
    for (std::size_t i = 0; i < placed.size(); ++i)
        back[static_cast<std::size_t>(placed[i])] = static_cast<std::int64_t>(i);
    return transposed_name(w, result, back);
}

// What a node of windows was recorded with, by place.
enum : std::size_t { SIZES, STRIDES, BASE_DILATIONS, DILATIONS, LOW, HIGH };

/// Returns two dimensions that windows do not reach over: a pooling's batch and channels.
Dims resting_dimensions(const Node& node) {
    Dims resting;
    const auto& a = node.attributes;
    for (std::size_t i = 0; i < a[SIZES].size() && resting.size() < 2; ++i)
        if (a[SIZES][i] == 1 && a[STRIDES][i] == 1 && a[LOW][i] == 0 && a[HIGH][i] == 0)
            resting.push_back(static_cast<std::int64_t>(i));
    return resting;
}
bool pools(const Node& node) {
    const auto& a = node.attributes;
    return node.results.empty() && is_wide_float(node) && (node.inner == &maximum || node.inner == &add) &&
           all_are(a[BASE_DILATIONS], 1) && resting_dimensions(node).size() == 2 && a[SIZES].size() > 2 &&
           std::ranges::all_of(joined(a[LOW], a[HIGH]), [](auto pad) { return pad >= 0; });
}
std::string write_pooling(ModelWriter& w, const Node& node, const Names& in) {
    const auto& a = node.attributes;
    const Dims resting = resting_dimensions(node), moving = complement(resting, std::ssize(a[SIZES]));
    const Dims order = joined(resting, moving);
    Dims back(order.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        back[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(i);
    auto settings = Attributes()
                        .integers("kernel_shape", picked(a[SIZES], moving))
                        .integers("strides", picked(a[STRIDES], moving))
                        .integers("dilations", picked(a[DILATIONS], moving))
                        .integers("pads", joined(picked(a[LOW], moving), picked(a[HIGH], moving)));
    const auto x = transposed_name(w, in[0], order);
    std::string result;
    if (node.inner == &maximum) {
        result = w.node("MaxPool", {x}, settings);
    } else {
        double count = 1;
        for (const auto size : a[SIZES]) count *= static_cast<double>(size);
        result =
            w.node("Mul", {w.node("AveragePool", {x}, settings.integer("count_include_pad", 1)), one(w, node, count)});
    }
    return combined(w, node, transposed_name(w, result, back), in[1]);
}

// What a gather was recorded with, by place.
enum : std::size_t { OFFSETS, COLLAPSED, STARTS, VECTOR, SLICE_SIZES, OPERAND_BATCHES };

/// True for rows taken along one axis, as `take` records them.
bool takes_rows(const Node& node) {
    const auto& a = node.attributes;
    if (a[COLLAPSED].size() != 1 || a[STARTS] != a[COLLAPSED] || !a[OPERAND_BATCHES].empty()) return false;
    const auto axis = a[COLLAPSED][0];
    Dims sizes = node.operands[0].dims();
    sizes[static_cast<std::size_t>(axis)] = 1;
    const auto& starts = node.operands[1];
    const bool has_vector = a[VECTOR][0] < starts.rank();
    const auto indices = starts.rank() - (has_vector ? 1 : 0);
    const Dims offsets = joined(counting(0, axis), counting(axis + indices, node.operands[0].rank() - axis - 1));
    return a[SLICE_SIZES] == sizes && a[OFFSETS] == offsets && (!has_vector || a[VECTOR][0] == starts.rank() - 1);
}
std::string write_take(ModelWriter& w, const Node& node, const Names& in) {
    const auto axis = node.attributes[COLLAPSED][0];
    const auto& starts = node.operands[1];
    Dims dims = starts.dims();
    if (node.attributes[VECTOR][0] < starts.rank()) dims.pop_back();
    const auto last = node.operands[0].dim(axis) - 1;
    auto places = w.node("Cast", {in[1]}, Attributes().integer("to", number_of(DataType::INT64)));
    places = w.node("Reshape", {places, w.integers(dims)}, Attributes().integer("allowzero", 1));
    places = w.node("Clip", {places, w.tensor(HostArray::scalar(std::int64_t{0})), w.tensor(HostArray::scalar(last))});
    return w.node("Gather", {in[0], places}, Attributes().integer("axis", axis));
}

const ExportRow EXPORT_ROWS[] = {
    {&abs, "Abs"},
    {&acos, "Acos"},
    {&acosh, "Acosh"},
    {&add, "Add"},
    {&asin, "Asin"},
    {&asinh, "Asinh"},
    {&atan, "Atan"},
    {&atanh, "Atanh"},
    {&ceil, "Ceil"},
    {&cos, "Cos"},
    {&cosh, "Cosh"},
    {&divide, "Div"},
    {&equal, "Equal"},
    {&erf, "Erf"},
    {&exp, "Exp"},
    {&floor, "Floor"},
    {&greater, "Greater"},
    {&greater_equal, "GreaterOrEqual"},
    {&is_inf, "IsInf"},
    {&less, "Less"},
    {&less_equal, "LessOrEqual"},
    {&log, "Log"},
    {&logistic, "Sigmoid"},
    {&maximum, "Max"},
    {&minimum, "Min"},
    {&multiply, "Mul"},
    {&negate, "Neg"},
    {&power, "Pow"},
    {&round, "Round"},
    {&select, "Where"},
    {&sign, "Sign"},
    {&sin, "Sin"},
    {&sinh, "Sinh"},
    {&sqrt, "Sqrt"},
    {&subtract, "Sub"},
    {&tan, "Tan"},
    {&tanh, "Tanh"},
    {&rows::stop_gradient, "Identity"},
    {&rsqrt, "", write_rsqrt},
    {&expm1, "", write_expm1, is_wide_float},
    {&log1p, "", write_log1p, is_wide_float},
    {&remainder, "", write_remainder},
    {&not_equal, "", write_not_equal},
    {&clamp, "", write_clamp},
    {&is_finite, "", write_is_finite},
    {&logical_and, "", logical<'&'>},
    {&logical_or, "", logical<'|'>},
    {&logical_xor, "", logical<'^'>},
    {&logical_not, "", logical<'!'>},
    {&rows::convert, "", write_convert},
    {&rows::reshape, "", write_reshape},
    {&rows::broadcast_in_dim, "", write_broadcast},
    {&rows::transpose, "", write_transpose},
    {&rows::concatenate, "", write_concatenate},
    {&rows::slice, "", write_slice},
    {&rows::reverse, "", write_reverse},
    {&rows::pad, "", write_pad, pads_around},
    {&rows::reduce, "", write_reduce, reduces_by_a_row},
    {&rows::dot_general, "", write_dot},
    {&rows::convolution, "", write_convolution, convolves_plainly},
    {&rows::reduce_window, "", write_pooling, pools},
    {&rows::gather, "", write_take, takes_rows},
};

const ExportRow* export_row(const Node& node) {
    const auto* row = std::ranges::find(EXPORT_ROWS, node.op, &ExportRow::op);
    if (row == std::end(EXPORT_ROWS) || (row->fits != nullptr && !row->fits(node))) return nullptr;
    return row;
}

}  // namespace

bool can_write(const Node& node) { return export_row(node) != nullptr; }

std::string write_node(ModelWriter& writer, const Node& node, const std::vector<std::string>& operands) {
    const auto* row = export_row(node);
    return row->write == nullptr ? writer.node(row->type, operands) : row->write(writer, node, operands);
}

}  // namespace podium::onnx

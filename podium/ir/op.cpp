#include "podium/ir/op.h"

#include <atomic>
#include <cmath>

#include "podium/ir/creation.h"
#include "podium/ir/make_node.h"
#include "podium/ir/movement.h"
#include "podium/ir/number.h"

namespace podium {
namespace {

constexpr int RECORDING_LIMIT = 4096;
std::atomic<void (*)(const Tensor&)> recording_limit{nullptr};
thread_local int recorded_nodes = 0;
thread_local Location scoped_location;

std::string_view name(Types types) {
    constexpr std::array<std::string_view, 13> NAMES{"any type",
                                                     "numbers",
                                                     "real numbers and booleans",
                                                     "real numbers",
                                                     "signed numbers",
                                                     "floating-point and complex numbers",
                                                     "floating-point numbers",
                                                     "f32 and f64",
                                                     "integers",
                                                     "booleans and integers",
                                                     "unsigned integers",
                                                     "f32, f64 and complex numbers",
                                                     "no tensors"};
    return NAMES[static_cast<std::size_t>(types)];
}

Tensor record_elementwise(const Op& op, std::initializer_list<const Operand*> operands) {
    const Location& location = (*operands.begin())->location();
    const Tensor* typed = nullptr;  // decides the type of numbers
    std::size_t position = 0;
    for (const auto* operand : operands) {
        const bool is_condition = op.condition && position++ == 0;
        if (operand->is_number() || is_condition) continue;
        if (typed == nullptr) {
            typed = &operand->tensor();
        } else if (typed->type() != operand->tensor().type()) {
            fail_at(Code::DTYPE_MISMATCH, location,
                    fmt::format("{}: data types differ: {} and {}; convert one of them", op.name,
                                to_string(typed->shape()), to_string(operand->tensor().shape())));
        }
    }
    const DataType type = typed != nullptr ? typed->type() : DataType::FLOAT32;
    if (!takes(op.types, type))
        fail_at(Code::DTYPE_MISMATCH, location,
                fmt::format("{}: takes {}, got {}", op.name, name(op.types),
                            typed ? to_string(typed->shape()) : "a number"));

    Tensors inputs;
    inputs.reserve(operands.size());
    position = 0;
    for (const auto* operand : operands) {
        const bool is_condition = op.condition && position++ == 0;
        inputs.push_back(as_tensor(*operand, is_condition ? DataType::BOOL : type));
        if (is_condition && inputs.back().type() != DataType::BOOL)
            fail_at(Code::DTYPE_MISMATCH, location,
                    fmt::format("{}: the condition must be bool, got {}", op.name, to_string(inputs.back().shape())));
    }
    bool equal = true;
    for (const auto& input : inputs) equal = equal && input.dims() == inputs[0].dims();
    if (!equal) {
        Tensor widest = inputs[0];
        for (const auto& input : inputs)
            if (Dims dims = broadcast_dims(op.name, widest, input, location); dims != widest.dims())
                widest = broadcast_to(widest, dims, location);
        const Dims dims = widest.dims();
        for (auto& input : inputs)
            if (input.dims() != dims) input = broadcast_to(input, dims, location);
    }
    Shape shape(result_type(op.gives, type), inputs[0].dims());
    return record({.op = op, .shape = std::move(shape), .operands = std::move(inputs), .location = location});
}

}  // namespace

bool takes(Types types, DataType type) {
    switch (types) {
        case Types::ANY: return true;
        case Types::NUMBER: return type != DataType::BOOL;
        case Types::ORDERED: return !is_complex(type);
        case Types::REAL: return is_integer(type) || is_float(type);
        case Types::SIGNED: return is_inexact(type) || is_signed_integer(type);
        case Types::INEXACT: return is_inexact(type);
        case Types::FLOAT: return is_float(type);
        case Types::PARTS: return complex_type(type).has_value();
        case Types::INTEGER: return is_integer(type);
        case Types::LOGICAL: return type == DataType::BOOL || is_integer(type);
        case Types::UNSIGNED: return is_unsigned(type);
        case Types::WIDE: return takes(Types::PARTS, type) || is_complex(type);
        case Types::NONE: return false;
    }
    return false;
}

DataType result_type(Gives gives, DataType type) {
    switch (gives) {
        case Gives::SAME: return type;
        case Gives::BOOL: return DataType::BOOL;
        case Gives::PART: return part_type(type);
        case Gives::COMPLEX: return complex_type(type).value_or(type);
    }
    return type;
}

Tensor Unary::operator()(const Operand& x) const { return record_elementwise(*this, {&x}); }
Tensor Binary::operator()(const Operand& x, const Operand& y) const { return record_elementwise(*this, {&x, &y}); }
Tensor Ternary::operator()(const Operand& x, const Operand& y, const Operand& z) const {
    return record_elementwise(*this, {&x, &y, &z});
}

Tensor record(Recipe recipe) {
    auto node = make_node();
    node->op = &recipe.op;
    node->shape = std::move(recipe.shape);
    node->operands = std::move(recipe.operands);
    node->attributes = std::move(recipe.attributes);
    node->location = scoped_location.line != 0 ? scoped_location : recipe.location;
    node->regions = std::move(recipe.regions);
    node->inner = recipe.inner;
    node->results = std::move(recipe.results);
    node->label = std::move(recipe.label);
    node->literal = std::move(recipe.literal);
    if (node->operands.empty() && recipe.op.together != nullptr)
        node->level = current_trace();  // a device's own number
    for (const auto& operand : node->operands) {
        if (const auto* taker = operand->donated.load())
            fail_at(Code::DONATED, node->location,
                    fmt::format("{}: an operand, {}, was donated to the call of \"{}\" and is gone; pass a copy "
                                "there, or use its result",
                                node->op->name, to_string(operand.shape()), *taker));
        node->level = std::max(node->level, operand->level);
    }
    Tensor tensor(std::move(node));
    // A leaf is not counted: it is not whole before its maker has filled it in.
    if (tensor->level == 0 && !tensor->operands.empty() && ++recorded_nodes > RECORDING_LIMIT) {
        recorded_nodes = 0;
        if (auto* evaluate = recording_limit.load(); evaluate != nullptr && !inlining() && tensor->results.empty())
            evaluate(tensor);
    }
    return tensor;
}

LocationScope::LocationScope(const Location& location, Among wins) : previous_(scoped_location) {
    if (location.line != 0 && (wins == Among::INNERMOST || previous_.line == 0)) scoped_location = location;
}
LocationScope::~LocationScope() { scoped_location = previous_; }

Tensors record_all(Recipe recipe) {
    const auto location = recipe.location;
    const std::vector<Shape> shapes = recipe.results;
    const Tensor all = record(std::move(recipe));
    Tensors results;
    for (std::size_t i = 0; i < shapes.size(); ++i)
        results.push_back(record({.op = rows::result,
                                  .shape = shapes[i],
                                  .operands = {all},
                                  .attributes = {{static_cast<std::int64_t>(i)}},
                                  .location = location}));
    return results;
}

Tensor scalar_of(DataType type, const Operand& number) {
    HostArray array{Shape(type, {})};
    store(array, 0, number.is_integral() && !is_inexact(type) ? Number(number.integer()) : Number(number.real()));
    if (!is_inexact(type) && (!number.is_integral() || array.as_double(0) != number.real()))
        fail_at(Code::DTYPE_MISMATCH, number.location(),
                fmt::format("the number {} does not fit {}; write an integer that does, or convert the tensor",
                            number.real(), podium::name(type)));
    return constant(array, number.location());
}

Tensor as_tensor(const Operand& operand, DataType type) {
    return operand.is_number() ? scalar_of(type, operand) : operand.tensor();
}

std::optional<Dims> broadcast_dims(const Dims& a, const Dims& b) {
    Dims dims(std::max(a.size(), b.size()));
    for (std::size_t i = 0; i < dims.size(); ++i) {
        const std::int64_t left = i < dims.size() - a.size() ? 1 : a[i - (dims.size() - a.size())];
        const std::int64_t right = i < dims.size() - b.size() ? 1 : b[i - (dims.size() - b.size())];
        if (left != right && left != 1 && right != 1) return std::nullopt;
        dims[i] = left == 1 ? right : left;
    }
    return dims;
}

Dims broadcast_dims(std::string_view op, const Tensor& x, const Tensor& y, const Location& location) {
    if (auto dims = broadcast_dims(x.dims(), y.dims())) return std::move(*dims);
    fail_at(Code::SHAPE_MISMATCH, location,
            fmt::format("{}: cannot broadcast {} with {}", op, to_string(x.shape()), to_string(y.shape())));
}

void fail_at(Code code, const Location& location, std::string message) {
    raise(code, std::move(message), location.line == 0 ? std::string{} : to_string(location));
}

std::int64_t normalize_axis(std::string_view op, std::int64_t axis, std::int64_t rank, const Location& location) {
    if (axis < -rank || axis >= rank)
        fail_at(Code::SHAPE_MISMATCH, location,
                fmt::format("{}: no dimension {} in a tensor of rank {}", op, axis, rank));
    return axis < 0 ? axis + rank : axis;
}

void expect_rank(std::string_view op, const Tensor& x, std::size_t count, std::string_view what,
                 const Location& location) {
    if (static_cast<std::int64_t>(count) != x.rank())
        fail_at(
            Code::SHAPE_MISMATCH, location,
            fmt::format("{}: {} has {} dimensions, {} {} were given", op, to_string(x.shape()), x.rank(), count, what));
}

void set_recording_limit(void (*evaluate)(const Tensor&)) { recording_limit = evaluate; }

std::string array_attribute(std::string_view name, const Dims& values) {
    return values.empty() ? fmt::format("{} = array<i64>", name)
                          : fmt::format("{} = array<i64: {}>", name, join(values, ", "));
}

std::string integer_attribute(std::string_view name, std::int64_t value) {
    return fmt::format("{} = {} : i64", name, value);
}

std::string padding_attribute(const Dims& low, const Dims& high) {
    std::string pairs;
    for (std::size_t i = 0; i < low.size(); ++i)
        pairs += fmt::format("{}[{}, {}]", i == 0 ? "" : ", ", low[i], high[i]);
    return fmt::format("padding = dense<{}> : tensor<{}x2xi64>", pairs.empty() ? "" : "[" + pairs + "]", low.size());
}

std::string precision_attribute(const Node& node) {
    const auto of = [&](std::size_t i) {
        return part_type(node.operands[i].type()) == DataType::FLOAT32 ? "HIGHEST" : "DEFAULT";
    };
    return fmt::format("precision_config = [#stablehlo<precision {}>, #stablehlo<precision {}>]", of(0), of(1));
}

}  // namespace podium

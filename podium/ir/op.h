#pragma once

#include <concepts>
#include <functional>
#include <initializer_list>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>

#include "podium/ir/graph.h"

namespace podium {

/// What an op argument may be: a tensor, or a C++ number that takes the other operands' type. Carries the caller's
/// line.
class Operand {
public:
    Operand(const Tensor& tensor, std::source_location place = std::source_location::current())
        : tensor_(&tensor), location_(place) {}
    Operand(const Tensor& tensor, const Location& location) : tensor_(&tensor), location_(location) {}
    template <class T>
        requires std::is_arithmetic_v<T>
    Operand(T number, std::source_location place = std::source_location::current())
        : Operand(number, Location(place)) {}
    template <class T>
        requires std::is_arithmetic_v<T>
    Operand(T number, const Location& location)
        : integral_(std::is_integral_v<T>),
          real_(static_cast<double>(number)),
          integer_(static_cast<std::int64_t>(number)),
          location_(location) {}

    bool is_number() const { return tensor_ == nullptr; }
    bool is_integral() const { return integral_; }
    const Tensor& tensor() const { return *tensor_; }
    double real() const { return real_; }
    std::int64_t integer() const { return integer_; }
    const Location& location() const { return location_; }

private:
    const Tensor* tensor_ = nullptr;
    bool integral_ = false;
    double real_ = 0.0;
    std::int64_t integer_ = 0;
    Location location_;
};

/// What a row is to emitters, transforms and the interpreter.
enum class Kind {
    PARAMETER,    ///< of the graph
    CONSTANT,     ///< holds a literal
    EVALUATED,    ///< holds a buffer
    RESULT,       ///< projects one result of an op that has several
    ELEMENTWISE,  ///< one element of each operand makes one element of the result
    STRUCTURAL,   ///< everything else that StableHLO has
    COMPOSITE,    ///< expands into other ops before emission; a STRUCTURAL row may, for its reference
};

/// The element types that an elementwise row takes.
enum class Types {
    ANY,
    NUMBER,   ///< integers, floating-point and complex numbers
    ORDERED,  ///< what `<` compares: all but complex numbers
    REAL,     ///< integers and floating-point numbers
    SIGNED,   ///< signed integers, floating-point and complex numbers
    INEXACT,  ///< floating-point and complex numbers
    FLOAT,
    PARTS,  ///< f32 and f64: what complex numbers are made of
    INTEGER,
    LOGICAL,  ///< booleans and integers
    UNSIGNED,
    WIDE,  ///< f32, f64 and complex numbers
    NONE,  ///< what has no tensor as an operand
};
/// True if the row's operands may have that type.
bool takes(Types types, DataType type);

/// The element type of an elementwise row's result.
enum class Gives { SAME, BOOL, PART, COMPLEX };
/// Returns the result's type for operands of `type`: PART is f32 of c64 and the type itself of real ones.
DataType result_type(Gives gives, DataType type);

/// Value of one element, by number kind; rounded to the data type at every node. Missing ones are not taken.
struct Reference {
    double (*f64)(const double*) = nullptr;
    std::int64_t (*i64)(const std::int64_t*) = nullptr;
    std::uint64_t (*u64)(const std::uint64_t*) = nullptr;  ///< and booleans, as 0 and 1
    Complex128 (*c128)(const Complex128*) = nullptr;
};

/// What the reference evaluation of a structural row works on.
struct Evaluation {
    const Node& node;
    std::span<const HostArray> operands;
    const std::function<std::vector<HostArray>(const Graph&, std::span<const HostArray>)>& run;  ///< runs a region
};
using Evaluate = std::vector<HostArray> (*)(const Evaluation&);

/// The reference of an operation between devices: from each device's operands to each device's results.
using EvaluateTogether = std::vector<std::vector<HostArray>> (*)(const Node&, std::span<const std::vector<HostArray>>);

/// What a vjp rule works on. `cotangents` has one entry a result; undefined entries are zero.
struct VjpArguments {
    const Node& node;
    std::span<const Tensor> operands;
    const Tensor& result;  ///< of an op with one result
    std::span<const Tensor> cotangents;
    const Tensor& cotangent;  ///< of an op with one result
};
/// Returns one cotangent an operand; undefined ones are zero.
using Vjp = Tensors (*)(const VjpArguments&);
/// What a jvp rule works on: `tangents` has one entry an operand; undefined entries are zero.
struct JvpArguments {
    const Node& node;
    std::span<const Tensor> operands;
    const Tensor& result;  ///< of an op with one result
    std::span<const Tensor> tangents;
};
/// Returns one tangent a result; undefined ones are zero.
using Jvp = Tensors (*)(const JvpArguments&);
/// What a vmap rule works on: `mapped` says which operands have the mapped dimension, of `size`, as their first.
struct VmapArguments {
    const Node& node;
    std::span<const Tensor> operands;
    const std::vector<bool>& mapped;
    std::int64_t size;
};
/// Returns the results, each with the mapped dimension as its first.
using Vmap = Tensors (*)(const VmapArguments&);
/// Returns a bool scalar: whether all indices among the operands lie inside what they index.
using Inside = Tensor (*)(const Node&, std::span<const Tensor> operands);
/// Returns what a composite stands for: one tensor a result.
using Expand = Tensors (*)(const Node&);
/// Returns the node with the results that its backward pass needs added after its own; undefined where it needs none.
using Augment = Tensor (*)(const Node&);
/// Returns the op's attributes as StableHLO text without the braces; "" for none.
using AttributeText = std::string (*)(const Node&);

/// A function, or the reason why there is none.
template <class F>
struct RowRule {
    F function = nullptr;
    std::string_view reason;
    constexpr RowRule() = default;
    constexpr RowRule(const char* why) : reason(why) {}
    template <class L>
        requires std::convertible_to<L, F>
    constexpr RowRule(L rule) : function(rule) {}
    constexpr explicit operator bool() const { return function != nullptr; }
};

/// Why a row of integers and truth values has no derivative.
inline constexpr const char* NOT_DIFFERENTIABLE = "takes or gives no real numbers";
/// Why a row of steps has none.
inline constexpr const char* FLAT = "piecewise constant: its gradient is zero";

/// Where tests sample the operands.
struct Domain {
    double low = -2.0, high = 2.0;
};

/// All that the system knows about one op. Emitters, transforms and tests read rows.
struct Op {
    std::string_view name;       ///< spelling in the IR
    std::string_view spec;       ///< source of the semantics
    std::string_view stablehlo;  ///< PJRT spelling
    std::string_view scalar;     ///< kernel spelling, operands are $0, $1, $2; elementwise rows only
    Kind kind = Kind::ELEMENTWISE;
    Types types = Types::NUMBER;
    Gives gives = Gives::SAME;
    int arity = 0;           ///< operands of an elementwise row
    bool condition = false;  ///< the first operand is bool, whatever the others are
    Reference reference{};
    Evaluate evaluate = nullptr;
    EvaluateTogether together = nullptr;  ///< of operations between devices, which have no value on one alone
    AttributeText attributes = nullptr;
    Expand expand = nullptr;
    Augment augment = nullptr;
    Inside inside = nullptr;  ///< of rows that move indices inside, or leave out what is outside
    RowRule<Vjp> vjp = "not differentiable";
    RowRule<Jvp> jvp{};    ///< where it is not what the vjp says: see pushforward.h
    RowRule<Vmap> vmap{};  ///< elementwise rows need none: see batching.h
    Domain domain{};
    bool captures_operands = false;  ///< regions see the operands after the first by name instead of as block arguments
};

/// True for rows whose value is that of what they stand for.
constexpr bool is_made_of_others(const Op& op) {
    return op.kind == Kind::COMPOSITE ||
           (op.kind == Kind::STRUCTURAL && op.evaluate == nullptr && op.together == nullptr && op.expand != nullptr);
}

/// The shape of tokens, which order transfers and have no value.
inline const Shape TOKEN_SHAPE{DataType::BOOL, {-1}};

/// Rows that users call. Each records one node; shapes broadcast as NumPy's do.
struct Unary : Op {
    constexpr Unary(const Op& row) : Op(row) { arity = 1; }
    Tensor operator()(const Operand& x) const;
};
struct Binary : Op {
    constexpr Binary(const Op& row) : Op(row) { arity = 2; }
    Tensor operator()(const Operand& x, const Operand& y) const;
};
struct Ternary : Op {
    constexpr Ternary(const Op& row) : Op(row) { arity = 3; }
    Tensor operator()(const Operand& x, const Operand& y, const Operand& z) const;
};

/// A node under construction: fill it in, then `record` it.
struct Recipe {
    const Op& op;
    Shape shape;
    Tensors operands;
    std::vector<Dims> attributes = {};
    Location location = {};
    std::vector<GraphPtr> regions = {};
    const Op* inner = nullptr;
    std::vector<Shape> results = {};
    std::string label = {};
    std::shared_ptr<const HostArray> literal = {};
};
/// Returns a tensor for the node; its level is its operands' deepest.
Tensor record(Recipe recipe);
/// Returns the projections of an op that has several results.
Tensors record_all(Recipe recipe);

/// While one lives, what its thread records carries `location`, whatever it says itself: for functions made of several
/// ops and for gradients, which belong to the line that called them.
class LocationScope {
public:
    enum class Among { OUTERMOST, INNERMOST };
    /// OUTERMOST changes nothing inside another scope. An unknown location changes nothing either.
    explicit LocationScope(const Location& location, Among wins = Among::OUTERMOST);
    ~LocationScope();
    LocationScope(const LocationScope&) = delete;
    LocationScope& operator=(const LocationScope&) = delete;

private:
    Location previous_;
};

/// Returns a constant of `type` with no dimensions; throws DTYPE_MISMATCH where the number does not fit the type.
Tensor scalar_of(DataType type, const Operand& number);
/// Returns the operand as a tensor: itself, or a scalar of `type`.
Tensor as_tensor(const Operand& operand, DataType type);
/// Returns the dims that both broadcast to, NumPy's rule, or nothing.
std::optional<Dims> broadcast_dims(const Dims& a, const Dims& b);
/// The same; throws SHAPE_MISMATCH naming both.
Dims broadcast_dims(std::string_view op, const Tensor& x, const Tensor& y, const Location& location);
/// Throws `code`, naming the op, with the user's line as context.
[[noreturn]] void fail_at(Code code, const Location& location, std::string message);
/// Returns `axis` counted from the front; throws SHAPE_MISMATCH where there is no such dimension.
std::int64_t normalize_axis(std::string_view op, std::int64_t axis, std::int64_t rank, const Location& location);
/// Throws SHAPE_MISMATCH where `count` numbers do not give one to each dimension of `x`; `what` names them.
void expect_rank(std::string_view op, const Tensor& x, std::size_t count, std::string_view what,
                 const Location& location);

/// Limits what is recorded and never read: `evaluate` is called with a tensor that has more than 4,096 nodes behind it.
void set_recording_limit(void (*evaluate)(const Tensor&));

/// Helpers for attribute text: `name = array<i64: 1, 2>`, `name = 3 : i64`.
std::string array_attribute(std::string_view name, const Dims& values);
std::string integer_attribute(std::string_view name, std::int64_t value);
/// `padding = dense<[[low, high], …]> : tensor<Nx2xi64>`.
std::string padding_attribute(const Dims& low, const Dims& high);
/// The precision that a product of the node's operands asks for: the highest of f32, where backends have several.
std::string precision_attribute(const Node& node);

}  // namespace podium

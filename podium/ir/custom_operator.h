#pragma once

#include "podium/ir/plumbing.h"

namespace podium {

namespace rows {
extern const Op custom_operator;
}

/// What the C++ function of an operator works on. Arrays are row-major; results have no value yet.
struct OperatorCall {
    std::span<const HostArray> operands;
    std::span<HostArray> results;
    const CallSettings& settings;
    /// Calls f(0) … f(count - 1) and waits for all, on the backend's own threads where it has several.
    std::function<void(std::int64_t count, const std::function<void(std::int64_t)>& f)> for_each;
    void* stream = nullptr;  ///< on CUDA: arrays are device memory, and what works on them is put into this CUstream
};

/// What the vjp of an operator works on.
struct OperatorVjp {
    std::span<const Tensor> operands;
    Tensors results, cotangents;  ///< one cotangent a result
    const CallSettings& settings;
};

/// All that podium knows of an operator.
struct OperatorRules {
    std::string name;  ///< its own in the process, "example.mish": a word, or several with '.' between
    /// Returns the results' shapes; throws for operands that it does not take.
    std::function<std::vector<Shape>(std::span<const Shape>, const CallSettings&)> shapes;
    /// Writes the results. Called by several threads at once; what it throws is the program's error.
    std::function<void(const OperatorCall&)> run;
    std::function<void(const OperatorCall&)> run_cuda = {};  ///< the same on device memory
    /// Returns one cotangent an operand; undefined ones are zero. Without it a gradient through the operator throws.
    std::function<Tensors(const OperatorVjp&)> vjp = {};
    /// Operands whose first dimension counts examples, each computed by itself; then it is the first dimension of all
    /// results too. vmap makes one call of many examples (without this, one call an example), and a mesh gives each
    /// device its own examples (without this, every device computes all).
    std::vector<std::size_t> batched = {};
    std::string mesh_axis = "data";  ///< along which a mesh that has it splits the examples
    /// Results that are written where operands are, which the program copies first where it needs them again: (result,
    /// operand). On the interpreter they lie apart.
    std::vector<std::pair<std::size_t, std::size_t>> in_place = {};
};

/// A C++ function as an operation: it runs inside compiled programs, on the CPU plugin, on CUDA and on the interpreter.
/// Source: XLA's foreign function interface, xla/ffi/api/c_api.h.
class CustomOperator {
public:
    /// Throws ALREADY_EXISTS for a name that another operator of the process has, INVALID_ARGUMENT for one that is no
    /// word. What is defined stays to the process's end.
    explicit CustomOperator(OperatorRules rules);
    /// Returns the results on `operands`.
    Tensors operator()(const Tensors& operands, const CallSettings& settings = {},
                       Location location = std::source_location::current()) const;

private:
    const OperatorRules* rules_;
};

/// Returns the results of the operator of that name; throws NOT_FOUND.
Tensors call_operator(std::string_view name, const Tensors& operands, const CallSettings& settings,
                      const Location& location);
/// True if an operator of that name was defined.
bool is_operator(std::string_view name);
/// Returns the operator's rules; throws NOT_FOUND for a name that was not defined.
const OperatorRules& operator_rules(std::string_view name);
/// Returns the rules of a `custom_operator` node.
const OperatorRules& operator_rules(const Node& node);
/// Runs the operator's function; what it throws names the operator.
void run_operator(const OperatorRules& rules, const OperatorCall& call);

/// The target under which backends know all operators, and the setting that names the one.
inline constexpr std::string_view OPERATOR_TARGET = "podium.operator", OPERATOR_SETTING = "operator";

}  // namespace podium

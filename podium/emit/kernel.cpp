#include "podium/emit/kernel.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "podium/ir/ops.h"

namespace podium {
namespace {

using Nodes = std::unordered_set<const Node*>;

constexpr std::int64_t LEAST_ELEMENTS = 1 << 16;  // below, XLA's fusions cost no more than a call

template <class... Rows>
bool is_one_of(const Op& op, const Rows&... rows) {
    return (... || (&op == &rows));
}

bool is_comparison(const Op& op) { return is_one_of(op, equal, not_equal, less, less_equal, greater, greater_equal); }

/// Rows whose C spelling gives the specified value, to the last bit, or (rsqrt) as closely as XLA's.
bool is_arithmetic(const Op& op) {
    return is_comparison(op) || is_one_of(op, add, subtract, multiply, divide, negate, sqrt, rsqrt, abs, sign, maximum,
                                          minimum, clamp, select);
}

/// Returns the type that a loop computes the node in: of what it compares, if it compares.
DataType computed_type(const Node& node) { return is_comparison(*node.op) ? node.operands[0].type() : node.shape.type; }

bool in_one_loop(const Node& a, const Node& b) {
    return a.shape.dims == b.shape.dims && computed_type(a) == computed_type(b);
}

/// What `operand` repeats, if that is one number; else the operand.
Tensor scalar_behind(const Tensor& operand) {
    const bool repeats = operand->op == &rows::broadcast_in_dim && operand->operands[0].rank() == 0;
    return repeats ? operand->operands[0] : operand;
}

std::string_view c_type(DataType type) {
    return type == DataType::BOOL ? "bool" : type == DataType::FLOAT64 ? "double" : "float";
}

/// A graph's nodes in order, and who uses each.
class Users {
public:
    explicit Users(const Graph& graph) : order_(topological(graph.results)) {
        for (const Node* node : order_)
            for (const auto& operand : node->operands) users_[operand.node().get()].push_back(node);
        for (const auto& result : graph.results) results_.insert(result.node().get());
    }

    /// Returns the pieces of arithmetic that end in results: what is used in its piece alone, or is a result itself.
    std::vector<Nodes> pieces(std::int64_t least_elements) const {
        Nodes found;
        for (auto each = order_.rbegin(); each != order_.rend(); ++each) {
            const Node* const node = *each;
            if (!fits(*node) || node->shape.count() < least_elements) continue;
            const auto users = users_.find(node);
            const bool is_inside = users != users_.end() && std::ranges::all_of(users->second, [&](const Node* user) {
                                       return found.contains(user) && in_one_loop(*user, *node);
                                   });
            const bool is_result = results_.contains(node);
            if (is_comparison(*node->op) ? is_inside && !is_result : is_inside || is_result) found.insert(node);
        }
        return connected(found);
    }

    /// True if what the pieces are computed of is computed of none of them.
    bool are_separate(const Nodes& pieces) const {
        Nodes after;  // outside of the pieces, and computed of them
        const auto depends = [&](const Tensor& operand) {
            return after.contains(operand.node().get()) || pieces.contains(operand.node().get());
        };
        for (const Node* node : order_) {
            if (!pieces.contains(node)) {
                if (std::ranges::any_of(node->operands, depends)) after.insert(node);
            } else if (std::ranges::any_of(node->operands, [&](const Tensor& operand) {
                           return after.contains(operand.node().get());
                       })) {
                return false;
            }
        }
        return true;
    }

    bool is_result(const Node* node) const { return results_.contains(node); }

private:
    static bool fits(const Node& node) {
        if (!is_arithmetic(*node.op)) return false;
        const DataType type = computed_type(node);
        if (type != DataType::FLOAT32 && type != DataType::FLOAT64) return false;
        if (node.op != &select) return true;
        const Tensor condition = scalar_behind(node.operands[0]);
        return condition.rank() == 0 || (is_comparison(*condition->op) && in_one_loop(*condition.node(), node));
    }

    /// Returns the parts of `nodes` that have nothing to do with each other: no array is read by two of them.
    std::vector<Nodes> connected(const Nodes& nodes) const {
        std::vector<Nodes> parts;  // with the arrays that they read
        std::unordered_map<const Node*, std::size_t> part_of;
        for (const Node* node : order_) {
            if (!nodes.contains(node)) continue;
            const auto own = parts.size();
            parts.push_back({node});
            part_of[node] = own;
            for (const auto& operand : node->operands) {
                if (!in_one_loop(*operand.node(), *node) || scalar_behind(operand).rank() == 0) continue;
                const auto other = part_of.try_emplace(operand.node().get(), own).first->second;
                parts[own].insert(operand.node().get());
                if (other == own) continue;
                for (const Node* member : parts[other]) part_of[member] = own;
                parts[own].merge(parts[other]);
            }
        }
        for (auto& part : parts) std::erase_if(part, [&](const Node* node) { return !nodes.contains(node); });
        std::erase_if(parts, [](const Nodes& part) { return part.size() < 2; });
        return parts;
    }

    std::vector<Node*> order_;
    std::unordered_map<const Node*, std::vector<const Node*>> users_;
    Nodes results_;
};

/// Writes a piece as a loop: all is loaded, then computed, then stored, so that results may lie where operands are.
class Printer {
public:
    Printer(const Graph& graph, const Users& users, const Nodes& piece) : graph_(graph), users_(users), piece_(piece) {}

    Kernel print() {
        for (const Tensor& tensor : topological_tensors(roots()))
            if (piece_.contains(tensor.node().get())) statement(tensor);
        for (std::size_t j = 0; j < graph_.results.size(); ++j) copy(j);
        std::string in_place;
        for (std::size_t i = 0; i < kernel_.results.size(); ++i)
            for (std::size_t j = 0; j < graph_.results.size(); ++j)
                if (graph_.results[j].node() == kernel_.results[i].node()) in_place += reuse(i, j);
        kernel_.body = fmt::format(
            "(const void* const* in, void* const* out, std::int64_t begin, std::int64_t end) {{{}\n{}{}"
            "#pragma GCC ivdep\n    for (std::int64_t i = begin; i < end; ++i) {{\n{}{}    }}\n}}\n",
            in_place, inputs_, outputs_, loop_, stores_);
        return std::move(kernel_);
    }

private:
    /// Returns the piece's results, those with the most before them first, whatever their order in the graph.
    Tensors roots() const {
        std::vector<std::pair<std::size_t, Tensor>> sized;
        for (const auto& result : graph_.results)
            if (piece_.contains(result.node().get()))
                sized.emplace_back(std::ranges::count_if(topological(std::span(&result, 1)),
                                                         [&](const Node* node) { return piece_.contains(node); }),
                                   result);
        std::ranges::stable_sort(sized, [](const auto& a, const auto& b) { return a.first > b.first; });
        Tensors found;
        for (auto& [size, tensor] : sized) found.push_back(std::move(tensor));
        return found;
    }

    std::optional<std::size_t> operand_at(const Tensor& tensor) const {
        const auto found = std::ranges::find(kernel_.operands, tensor.node(), &Tensor::node);
        if (found == kernel_.operands.end()) return std::nullopt;
        return static_cast<std::size_t>(found - kernel_.operands.begin());
    }

    /// Returns the operand whose memory a result of the graph takes, if it takes any's.
    std::optional<std::size_t> reused(std::size_t position) const {
        if (position >= graph_.reuse.size() || graph_.reuse[position] < 0) return std::nullopt;
        return operand_at(graph_.parameters[static_cast<std::size_t>(graph_.reuse[position])]);
    }

    std::string reuse(std::size_t result, std::size_t position) {
        const auto operand = reused(position);
        if (!operand) return {};
        kernel_.in_place.emplace_back(result, *operand);
        return fmt::format("  // out[{}] may be in[{}]", result, *operand);
    }

    /// Stores an operand that is a result of the graph in another operand's memory: outside of the loop it would be
    /// read once more, after the loop.
    void copy(std::size_t position) {
        const Tensor& result = graph_.results[position];
        const auto from = operand_at(result), to = reused(position);
        if (!from || !to || from == to || result.rank() == 0) return;
        if (std::ranges::find(kernel_.results, result.node(), &Tensor::node) != kernel_.results.end()) return;
        kernel_.copies.emplace_back(kernel_.results.size(), position);
        store(result, fmt::format("x{}", *from));
    }

    /// Returns the value's name in the loop; what comes from outside is loaded first.
    std::string value(const Tensor& operand) {
        const Tensor source = scalar_behind(operand);
        const auto [place, is_new] = names_.try_emplace(source.node().get());
        if (!is_new) return place->second;
        const auto position = kernel_.operands.size();
        const auto type = c_type(source.type());
        kernel_.operands.push_back(source);
        if (source.rank() == 0) {
            place->second = fmt::format("s{}", position);
            inputs_ += fmt::format("    const {0} s{1} = *static_cast<const {0}*>(in[{1}]);\n", type, position);
        } else {
            if (source.type() != DataType::BOOL) kernel_.array = position;
            place->second = fmt::format("x{}", position);
            inputs_ += fmt::format("    const auto* const a{1} = static_cast<const {0}*>(in[{1}]);\n", type, position);
            loop_ += fmt::format("        const {0} x{1} = a{1}[i];\n", type, position);
        }
        return place->second;
    }

    void statement(const Tensor& tensor) {
        const Node& node = *tensor.node();
        std::string expression(node.op == &select ? "pick($0, $1, $2)" : node.op->scalar);
        for (std::size_t k = 0; k < node.operands.size(); ++k) {
            const auto mark = fmt::format("${}", k);
            const auto operand = value(node.operands[k]);
            for (auto at = expression.find(mark); at != std::string::npos; at = expression.find(mark))
                expression.replace(at, mark.size(), operand);
        }
        const auto type = c_type(node.shape.type);
        loop_ += fmt::format("        const {} t{} = {};\n", type, next_, expression);
        const auto& name = names_[&node] = fmt::format("t{}", next_++);
        if (users_.is_result(&node)) store(tensor, name);
    }

    void store(const Tensor& tensor, std::string_view name) {
        const auto result = kernel_.results.size();
        outputs_ += fmt::format("    auto* const r{1} = static_cast<{0}*>(out[{1}]);\n", c_type(tensor.type()), result);
        stores_ += fmt::format("        r{}[i] = {};\n", result, name);
        kernel_.results.push_back(tensor);
    }

    const Graph& graph_;
    const Users& users_;
    const Nodes& piece_;
    Kernel kernel_;
    std::unordered_map<const Node*, std::string> names_;
    std::string inputs_, outputs_, loop_, stores_;
    int next_ = 0;
};

std::atomic<KernelUse> used = KernelUse();

}  // namespace

std::string Kernel::name() const {
    constexpr std::uint64_t FNV_OFFSET = 0xCBF29CE484222325, FNV_PRIME = 0x100000001B3;  // FNV-1a
    std::uint64_t hash = FNV_OFFSET;
    for (const char c : body) hash = (hash ^ static_cast<unsigned char>(c)) * FNV_PRIME;
    return fmt::format("podium.kernel.{:016x}", hash);
}

std::vector<Kernel> find_kernels(const Graph& graph, std::int64_t least_elements) {
    const Users users(graph);
    std::vector<Kernel> kernels;
    Nodes taken;
    for (const auto& piece : users.pieces(least_elements)) {
        Nodes all = taken;
        all.insert(piece.begin(), piece.end());
        if (!users.are_separate(all)) continue;
        kernels.push_back(Printer(graph, users, piece).print());
        taken = std::move(all);
    }
    return kernels;
}

Graph with_kernels(const Graph& graph) {
    const TraceScope scope;
    std::unordered_map<const Node*, Tensor> replace;
    Graph result = graph;
    for (const Kernel& kernel : find_kernels(graph, LEAST_ELEMENTS)) {
        const auto name = kernel.name();
        if (!is_operator(name)) continue;
        const Tensors results = call_operator(name, kernel.operands, {}, kernel.results.back()->location);
        for (std::size_t i = 0; i < results.size() - kernel.copies.size(); ++i)
            replace.emplace(kernel.results[i].node().get(), results[i]);
        for (const auto& [copy, position] : kernel.copies) result.results[position] = results[copy];
    }
    if (!replace.empty()) result.results = substitute(result.results, replace);
    return result;
}

KernelUse united(KernelUse a, KernelUse b) {
    return {.loops = a.loops || b.loops,
            .library = {.products = a.library.products || b.library.products,
                        .convolutions = a.library.convolutions || b.library.convolutions,
                        .attention = a.library.attention || b.library.attention}};
}

void set_kernels(KernelUse use) { used = use; }
KernelUse kernels_used() { return used; }

}  // namespace podium

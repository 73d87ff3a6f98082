#include "podium/emit/stablehlo.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "podium/emit/device_regions.h"
#include "podium/emit/kernel.h"
#include "podium/emit/literal_text.h"
#include "podium/emit/lower.h"
#include "podium/ir/ops.h"

namespace podium {
namespace {

class Emitter {
public:
    Emitter(const Mesh& mesh, const EmitOptions& options) : mesh_(mesh), options_(options) {}

    std::string module(const Graph& graph) {
        out_ = fmt::format("module @{} attributes {{mhlo.num_partitions = {} : i32, mhlo.num_replicas = 1 : i32}} {{\n",
                           in_quotes(graph.name), mesh_.size());
        if (mesh_.size() > 1) {
            std::string axes;
            for (const auto& axis : mesh_.axes())
                axes += fmt::format("{}{}={}", axes.empty() ? "" : ", ", in_quotes(axis.name), axis.size);
            out_ += fmt::format("  sdy.mesh @mesh = <[{}]>\n", axes);
        }
        out_ += "  func.func public @main(";
        for (std::size_t i = 0; i < graph.parameters.size(); ++i) {
            const Node* parameter = graph.parameters[i].node().get();
            name(*parameter, fmt::format("%arg{}", i));
            std::string attributes = options_.parameter_splits.empty()
                                         ? sharding(parameter->shape.axes, parameter->shape.rank())
                                         : given_sharding(options_.parameter_splits.at(i));
            for (std::size_t j = 0; j < graph.reuse.size(); ++j)
                if (graph.reuse[j] == static_cast<std::int64_t>(i))
                    append(attributes, fmt::format("tf.aliasing_output = {} : i32", j));
            out_ += fmt::format("{}{}: {}{}", i == 0 ? "" : ", ", names_.at(parameter), type_text(parameter->shape),
                                braced(attributes));
            if (options_.locations && !parameter->label.empty())
                out_ += fmt::format(" loc({})", in_quotes(parameter->label));
        }
        out_ += ") -> (";
        for (std::size_t i = 0; i < graph.results.size(); ++i) {
            const Shape& shape = graph.results[i].shape();
            const bool known = i < graph.result_axes.size();
            const auto split = !options_.result_splits.empty() ? given_sharding(options_.result_splits.at(i))
                               : known                         ? sharding(graph.result_axes[i], shape.rank())
                                                               : std::string();
            out_ += fmt::format("{}{}{}", i == 0 ? "" : ", ", type_text(shape), braced(split));
        }
        out_ += ") {\n";
        body(graph, "    ");
        terminator(graph, "func.return", "    ");
        out_ += "  }\n" + functions_ + "}\n";
        return std::move(out_);
    }

private:
    static void append(std::string& list, const std::string& item) { list += (list.empty() ? "" : ", ") + item; }
    static std::string braced(const std::string& attributes) {
        return attributes.empty() ? "" : " {" + attributes + "}";
    }

    std::string sharding(const std::vector<std::string>& axes, std::int64_t rank) const {
        return mesh_.size() == 1 ? "" : "sdy.sharding = #sdy.sharding" + split_text(axes, rank);
    }

    std::string given_sharding(const std::string& split) const {
        return mesh_.size() == 1 || split.empty() ? "" : "sdy.sharding = #sdy.sharding<@mesh, " + split + ">";
    }

    std::string location(const Node& node) const {
        if (!options_.locations || node.location.line == 0) return {};
        return fmt::format(" loc({}:{}:1)", in_quotes(node.location.file), node.location.line);
    }

    void name(const Node& node, std::string value) {
        if (names_.insert_or_assign(&node, std::move(value)).second) named_.push_back(&node);
    }

    void body(const Graph& graph, const std::string& indent) {
        for (const Node* node : topological(graph.results)) statement(*node, indent);
    }

    void terminator(const Graph& graph, std::string_view op, const std::string& indent) {
        std::string values, types;
        for (const auto& result : graph.results) {
            append(values, names_.at(result.node().get()));
            append(types, type_text(result.shape()));
        }
        out_ += fmt::format("{}\"{}\"({}) : ({}) -> ()\n", indent, op, values, types);
    }

    void statement(const Node& node, const std::string& indent) {
        if (names_.contains(&node)) return;
        switch (node.op->kind) {
            case Kind::PARAMETER:
                fail_at(Code::TRACED_VALUE, node.location,
                        "a value of another trace is used here; return it from its function instead");
            case Kind::EVALUATED: fail(Code::INTERNAL, "emit: an evaluated tensor was not made an argument");
            case Kind::RESULT:
                if (!node.op->stablehlo.empty()) break;
                name(node, fmt::format("{}#{}", names_.at(node.operands[0].node().get()), node.integer(0)));
                return;
            case Kind::STRUCTURAL:
                if (!lies_as_it_does(node)) break;
                name(node, names_.at(node.operands[0].node().get()));
                return;
            case Kind::COMPOSITE: fail(Code::INTERNAL, "emit: {} was not lowered", node.op->name);
            default: break;
        }
        const std::string value = fmt::format("%{}", next_++);
        std::string operands, operand_types, result_types;
        const bool captures = node.op->captures_operands;
        for (std::size_t i = 0; i < node.operands.size() && !(captures && i > 0); ++i) {
            append(operands, names_.at(node.operands[i].node().get()));
            append(operand_types, value_type(*node.operands[i].node()));
        }
        const bool single = node.results.empty() || node.op == &rows::tuple || node.op == &rows::async_start;
        for (const auto& shape : node.results) append(result_types, type_text(shape));
        if (single) result_types = value_type(node);
        if (const auto* const axis = split_axis(node); axis != nullptr) {
            out_ += fmt::format("{}{}:{} = ", indent, value, node.results.size());
            split_call(node, *axis, indent, operands);
            out_ += fmt::format(" : ({}) -> ({}){}\n", operand_types, result_types, location(node));
            name(node, value);
            return;
        }
        out_ += fmt::format("{}{}{} = \"{}\"({})", indent, value, single ? "" : fmt::format(":{}", node.results.size()),
                            node.op->stablehlo, operands);
        regions(node, indent);
        std::string attributes = node.op->kind == Kind::CONSTANT  ? "value = " + literal_text(*node.literal)
                                 : node.op->attributes != nullptr ? node.op->attributes(node)
                                                                  : std::string();
        if (node.op == &rows::sharding_constraint)
            attributes = "sharding = #sdy.sharding" + split_text(split_of(node, mesh_), node.shape.rank());
        if (on_device_ && node.op->together != nullptr) append(attributes, channel(node));
        if (node.op == &rows::composite) append(attributes, "decomposition = @" + function(*node.regions[0]));
        out_ += fmt::format("{} : ({}) -> {}{}{}{}\n", braced(attributes), operand_types, single ? "" : "(",
                            result_types, single ? "" : ")", location(node));
        name(node, value);
    }

    /// True for what says where tensors lie and has nothing to say here: on one device, or for one device's own piece.
    bool lies_as_it_does(const Node& node) const {
        if (node.op == &rows::sharding_constraint) return on_device_ || mesh_.size() == 1;
        if (mesh_.size() > 1 || (node.op != &rows::to_shards && node.op != &rows::from_shards)) return false;
        split_of(node, mesh_);
        return true;
    }

    /// Returns what tells the compiler that a group is of devices of the mesh, not of replicas of the program.
    std::string channel(const Node& node) {
        if (node.op == &rows::partition_id || node.op == &rows::replica_id) return {};
        const bool reduces = node.op != &rows::all_to_all && node.op != &rows::collective_permute &&
                             node.op != &rows::collective_broadcast;
        return fmt::format("channel_handle = #stablehlo.channel_handle<handle = {}, type = 1>{}", ++channels_,
                           reduces ? ", use_global_device_ids" : "");
    }

    static std::string value_type(const Node& node) {
        if (node.op == &rows::async_start) return "!stablehlo.future<" + type_text(node.results[0]) + ">";
        if (node.op != &rows::tuple) return type_text(node.shape);
        std::string types;
        for (const auto& shape : node.results) append(types, type_text(shape));
        return "tuple<" + types + ">";
    }

    /// Writes a graph as a function of its own behind the main one, and returns its name.
    std::string function(const Graph& graph) {
        Emitter inner(mesh_, options_);
        std::string name = fmt::format("decomposition{}", functions_count_++), parameters, types;
        inner.functions_count_ = functions_count_;
        for (const auto& parameter : graph.parameters) {
            const auto value = fmt::format("%p{}", inner.next_++);
            inner.name(*parameter.node(), value);
            append(parameters, value + ": " + type_text(parameter.shape()));
        }
        for (const auto& result : graph.results) append(types, type_text(result.shape()));
        inner.out_ = fmt::format("  func.func private @{}({}) -> ({}) {{\n", name, parameters, types);
        inner.body(graph, "    ");
        inner.terminator(graph, "func.return", "    ");
        functions_ += inner.out_ + "  }\n" + inner.functions_;
        functions_count_ = inner.functions_count_;
        return name;
    }

    void regions(const Node& node, const std::string& indent) {
        if (node.op == &rows::composite) return;
        if (node.inner != nullptr || node.op == &rows::scatter) return combiner(node, indent);
        if (node.regions.empty()) return;
        out_ += " (";
        for (std::size_t i = 0; i < node.regions.size(); ++i) {
            const Graph& region = *node.regions[i];
            const auto outside = named_.size();
            out_ += i == 0 ? "{\n" : ", {\n";
            if (node.op->captures_operands) {
                for (std::size_t j = 0; j < region.parameters.size(); ++j)
                    name(*region.parameters[j].node(), names_.at(node.operands[j + 1].node().get()));
            } else {
                std::string arguments;
                for (const auto& parameter : region.parameters) {
                    const auto value = fmt::format("%r{}", next_++);
                    name(*parameter.node(), value);
                    append(arguments, fmt::format("{}: {}", value, type_text(parameter.shape())));
                }
                out_ += fmt::format("{}^bb0({}):\n", indent, arguments);
            }
            const bool outer = std::exchange(on_device_, on_device_ || node.op == &DEVICE_REGION);
            body(region, indent + "  ");
            terminator(region, node.op == &DEVICE_REGION ? "sdy.return" : "stablehlo.return", indent + "  ");
            on_device_ = outer;
            for (; named_.size() > outside; named_.pop_back()) names_.erase(named_.back());
            out_ += indent + "}";
        }
        out_ += ")";
    }

    /// Returns the mesh's axis along which an operator's examples are split; null where every device has all.
    const Mesh::Axis* split_axis(const Node& node) const {
        if (mesh_.size() == 1 || on_device_ || node.op != &rows::custom_operator) return nullptr;
        const OperatorRules& rules = operator_rules(node);
        for (const auto& axis : mesh_.axes())
            if (!rules.batched.empty() && axis.name == rules.mesh_axis && node.results[0].dims[0] % axis.size == 0)
                return &axis;
        return nullptr;
    }

    /// Writes an operator's call as what each device does with its own examples.
    void split_call(const Node& node, const Mesh::Axis& axis, const std::string& indent, const std::string& operands) {
        const auto& batched = operator_rules(node).batched;
        std::string arguments, names, types, result_types, in, out, axes;
        const auto share = [&](Shape shape, bool is_split, std::string& types_list, std::string& splits) {
            if (is_split) shape.dims[0] /= axis.size;
            append(types_list, type_text(shape));
            append(splits, split_text({is_split ? axis.name : ""}, shape.rank()));
            return type_text(shape);
        };
        for (std::size_t i = 0; i < node.operands.size(); ++i) {
            const bool is_split = std::find(batched.begin(), batched.end(), i) != batched.end();
            append(names, fmt::format("%r{}", next_));
            append(arguments, fmt::format("%r{}: {}", next_++, share(node.operands[i].shape(), is_split, types, in)));
        }
        for (const auto& shape : node.results) share(shape, true, result_types, out);
        for (const auto& each : mesh_.axes()) append(axes, in_quotes(each.name));
        out_ += fmt::format("\"sdy.manual_computation\"({}) ({{\n{}^bb0({}):\n", operands, indent, arguments);
        const auto value = fmt::format("%{}", next_++), count = std::to_string(node.results.size());
        out_ += fmt::format("{}  {}:{} = \"stablehlo.custom_call\"({}) {{{}}} : ({}) -> ({})\n", indent, value, count,
                            names, node.op->attributes(node), types, result_types);
        std::string values;
        for (std::size_t i = 0; i < node.results.size(); ++i) append(values, fmt::format("{}#{}", value, i));
        out_ += fmt::format(
            "{}  \"sdy.return\"({}) : ({}) -> ()\n{}}}) {{in_shardings = #sdy.sharding_per_value<[{}]>, "
            "manual_axes = #sdy<manual_axes{{{}}}>, out_shardings = #sdy.sharding_per_value<[{}]>}}",
            indent, values, result_types, indent, in, axes, out);
    }

    /// The region of reduce, scatter and all_reduce: one row on scalars, or "take the update".
    void combiner(const Node& node, const std::string& indent) {
        const Shape scalar(node.shape.type, {});
        const auto type = type_text(scalar);
        const auto x = fmt::format("%r{}", next_++), y = fmt::format("%r{}", next_++);
        out_ += fmt::format(" ({{\n{}^bb0({}: {}, {}: {}):\n", indent, x, type, y, type);
        std::string result = y;
        if (node.inner != nullptr) {
            result = fmt::format("%{}", next_++);
            out_ += fmt::format("{}  {} = \"{}\"({}, {}) : ({}, {}) -> {}\n", indent, result, node.inner->stablehlo, x,
                                y, type, type, type);
        }
        out_ += fmt::format("{}  \"stablehlo.return\"({}) : ({}) -> ()\n{}}})", indent, result, type, indent);
    }

    const Mesh& mesh_;
    const EmitOptions& options_;
    std::string out_, functions_;
    int functions_count_ = 0;
    std::unordered_map<const Node*, std::string> names_;
    std::vector<const Node*> named_;  ///< in order: those named in a region are unknown behind it
    int next_ = 0, channels_ = 0;
    bool on_device_ = false;  ///< inside a region that each device runs by itself
};

/// True where only first dimensions of what goes in and out are split.
bool splits_first_dimensions(const Graph& graph) {
    const auto is_whole_behind = [](const std::vector<std::string>& axes) {
        return std::all_of(axes.begin() + (axes.empty() ? 0 : 1), axes.end(),
                           [](const std::string& axis) { return axis.empty(); });
    };
    return std::ranges::all_of(graph.parameters, [&](const Tensor& t) { return is_whole_behind(t.shape().axes); }) &&
           std::ranges::all_of(graph.result_axes, is_whole_behind);
}

}  // namespace

std::string stablehlo(const Graph& graph, const Mesh& mesh, const EmitOptions& options) {
    const bool one_cpu = options.cpu_forms && mesh.size() == 1 && mesh.type() == DeviceType::CPU;
    const KernelUse use = one_cpu ? kernels_used() : KernelUse();
    Graph lowered = lower(graph, options.cpu_forms, use.library, splits_first_dimensions(graph));
    if (use.loops) lowered = with_kernels(lowered);
    if (mesh.size() > 1) lowered = with_device_regions(lowered, mesh);
    // The CPU plugin cannot read back what is narrower than a byte in another order than row-major, and chooses the
    // order of what has several dimensions.
    if (options.cpu_forms && mesh.size() == 1)
        for (auto& result : lowered.results)
            if (size_bits(result.type()) < 8 && result.rank() > 1) result = reshape(result, {result.shape().count()});
    return Emitter(mesh, options).module(lowered);
}

}  // namespace podium

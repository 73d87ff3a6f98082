#include <algorithm>

#include "podium/base/dims.h"
#include "podium/numeric/numeric.h"
#include "podium/onnx/arithmetic.h"
#include "podium/onnx/node_rows.h"

namespace podium::onnx {
namespace {

[[noreturn]] void fail_unknown(const Call& call, std::string_view what) {
    fail(Code::TRACED_VALUE, "{}: {} \"{}\": {} is not known while a program is made; call run",
         call.import().model.file, call.node().type, call.node().name, what);
}

bool truth(const HostArray& value) { return value.count() > 0 && value.as_double(0) != 0.0; }

/// A condition that is known chooses its graph now; the other's shapes may then differ.
Tensors if_node(const Call& call) {
    const auto known = call.value_of(call.in(0));
    if (known) return call.run(call.graph(truth(*known) ? "then_branch" : "else_branch"), {});
    if (call.graph("then_branch").outputs.size() != call.graph("else_branch").outputs.size())
        call.refuse("its branches have not the same number of outputs");
    const auto branch = [&](std::string_view name) {
        return [&call, name](const Tensors&) { return call.run(call.graph(name), {}); };
    };
    try {
        return cond(reshape(call.in(0), {}), branch("then_branch"), branch("else_branch"), {});
    } catch (const Error& error) {
        if (error.code() == Code::SHAPE_MISMATCH) fail_unknown(call, "which of two shapes its result has");
        throw;
    }
}

/// Loops that are short are unrolled.
constexpr std::int64_t UNROLL_LIMIT = 16;

struct LoopInputs {
    std::optional<std::int64_t> trips;  ///< the most there can be; nothing where that is not known
    Tensor condition;                   ///< bool scalar
    Tensors carried;
};

LoopInputs loop_inputs(const Call& call) {
    LoopInputs in{.trips = INT64_MAX};
    if (call.has(0)) {
        const auto value = call.value_of(call.in(0));
        in.trips = value ? std::optional(integers_of(*value).at(0)) : std::nullopt;
    }
    in.condition = call.has(1) ? reshape(call.in(1), {}) : constant(HostArray::scalar(true));
    in.carried =
        Tensors(call.inputs().begin() + std::min<std::ptrdiff_t>(2, std::ssize(call.inputs())), call.inputs().end());
    return in;
}

/// Returns what a body gives for iteration `number`: the next condition, what is carried, and a slice of each output.
Tensors run_body(const Call& call, const Tensor& number, const Tensor& condition, const Tensors& carried) {
    Tensors inputs{number, condition};
    inputs.insert(inputs.end(), carried.begin(), carried.end());
    Tensors results = call.run(call.graph("body"), inputs);
    if (results.size() < 1 + carried.size()) call.refuse("its body has fewer outputs than it is given");
    results[0] = reshape(results[0], {});
    return results;
}

/// Runs as long as the values say; each iteration is recorded by itself.
Tensors unrolled(const Call& call, LoopInputs in) {
    std::vector<Tensors> slices(call.graph("body").outputs.size() - 1 - in.carried.size());
    for (std::int64_t i = 0; i < *in.trips; ++i) {
        const auto goes_on = call.value_of(in.condition);
        if (!goes_on) fail_unknown(call, "whether it goes on");
        if (!truth(*goes_on)) break;
        const Tensors results = run_body(call, constant(HostArray::scalar(i)), in.condition, in.carried);
        in.condition = results[0];
        for (std::size_t k = 0; k < in.carried.size(); ++k) in.carried[k] = results[k + 1];
        for (std::size_t k = 0; k < slices.size(); ++k) slices[k].push_back(results[1 + in.carried.size() + k]);
    }
    Tensors all = in.carried;
    for (const auto& slice : slices) {
        if (slice.empty()) call.refuse("it runs not once, and so nothing says what shape its outputs have");
        all.push_back(stack(slice, 0));
    }
    return all;
}

Tensors as_while(const Call& call, const LoopInputs& in) {
    Tensors state{scalar_of(DataType::INT64, std::int64_t{0}), in.condition};
    state.insert(state.end(), in.carried.begin(), in.carried.end());
    const Tensor trips =
        call.has(0) ? convert(reshape(call.in(0), {}), DataType::INT64) : scalar_of(DataType::INT64, INT64_MAX);
    const Tensors last =
        while_loop([&](const Tensors& now) -> Tensors { return {logical_and(less(now[0], trips), now[1])}; },
                   [&](const Tensors& now) {
                       Tensors next = run_body(call, now[0], now[1], Tensors(now.begin() + 2, now.end()));
                       next.insert(next.begin(), now[0] + std::int64_t{1});
                       return next;
                   },
                   state);
    return {last.begin() + 2, last.end()};
}

/// A loop that runs to its end, whatever its body says: its outputs have a known size.
Tensors as_scan(const Call& call, const LoopInputs& in) {
    if (!in.trips) fail_unknown(call, "how often it runs");
    const auto begins = call.value_of(in.condition);
    if (!begins || !truth(*begins)) fail_unknown(call, "whether it begins");
    return scan_list(
        [&](const Tensors& now) {
            const Tensor condition = constant(HostArray::scalar(true));
            Tensors results = run_body(call, now.back(), condition, Tensors(now.begin(), now.end() - 1));
            const auto goes_on = call.value_of(results[0]);
            if (!goes_on || !truth(*goes_on)) fail_unknown(call, "whether it goes on");
            results.erase(results.begin());
            return results;
        },
        in.carried, {arange(*in.trips, DataType::INT64)}, *in.trips);
}

Tensors loop(const Call& call) {
    const LoopInputs in = loop_inputs(call);
    const auto outputs = call.graph("body").outputs.size();
    if (outputs < 1 + in.carried.size()) call.refuse("its body has fewer outputs than it is given");
    const bool can_read = current_trace() == 0 && !inlining();
    if (in.trips && (can_read || *in.trips <= UNROLL_LIMIT)) {
        const bool known = in.trips && call.value_of(in.condition);
        if (known) try {
                return unrolled(call, in);
            } catch (const Error& error) {
                if (error.code() != Code::TRACED_VALUE || outputs > 1 + in.carried.size()) throw;
            }
    }
    return outputs == 1 + in.carried.size() ? as_while(call, in) : as_scan(call, in);
}

Tensor axis_first(const Tensor& x, std::int64_t axis) {
    Dims order = counting(0, x.rank());
    order.erase(order.begin() + axis);
    order.insert(order.begin(), axis);
    return transpose(x, order);
}
Tensor axis_back(const Tensor& x, std::int64_t axis) {
    Dims order = counting(1, x.rank() - 1);
    order.insert(order.begin() + axis, 0);
    return transpose(x, order);
}

Tensors scan(const Call& call) {
    const auto scanned = static_cast<std::size_t>(call.integer("num_scan_inputs", 0));
    if (scanned == 0 || scanned > call.count()) call.refuse("it goes over nothing");
    const auto states = call.count() - scanned;
    const auto& body = call.graph("body");
    if (body.outputs.size() < states) call.refuse("its body has fewer outputs than states");
    const auto outputs = body.outputs.size() - states;
    const auto numbers = [&](std::string_view name, std::size_t count) {
        Dims given = call.integers(name, Dims(count, 0));
        if (given.size() != count) call.refuse(fmt::format("{} has not one number each", name));
        return given;
    };
    const Dims axes = numbers("scan_input_axes", scanned), turned = numbers("scan_input_directions", scanned);
    const Dims out_axes = numbers("scan_output_axes", outputs), out_turned = numbers("scan_output_directions", outputs);
    const Tensors carry(call.inputs().begin(), call.inputs().begin() + static_cast<std::ptrdiff_t>(states));
    Tensors slices;
    for (std::size_t i = 0; i < scanned; ++i) {
        const Tensor& x = call.in(states + i);
        const Tensor first = axis_first(x, axis_of(call, axes[i], x.rank()));
        slices.push_back(turned[i] != 0 ? reverse(first, {0}) : first);
    }
    Tensors results = scan_list([&](const Tensors& in) { return call.run(body, in); }, carry, slices, slices[0].dim(0));
    for (std::size_t i = 0; i < outputs; ++i) {
        Tensor& result = results[states + i];
        if (out_turned[i] != 0) result = reverse(result, {0});
        result = axis_back(result, axis_of(call, out_axes[i], result.rank()));
    }
    return results;
}

/// Version 8 goes over dimension 1 of a batch, and its first input says how long each sequence is.
Tensors batched_scan(const Call& call) {
    if (call.has(0)) call.refuse("sequences of different lengths have no row before version 9");
    const auto scanned = static_cast<std::size_t>(call.integer("num_scan_inputs", 0));
    if (scanned == 0 || scanned + 1 > call.count()) call.refuse("it goes over nothing");
    const auto states = static_cast<std::ptrdiff_t>(call.count() - 1 - scanned);
    std::vector<Tensors> of_results;
    for (std::int64_t b = 0; b < call.in(1).dim(0); ++b) {
        Tensors one;
        for (std::size_t i = 1; i < call.count(); ++i) one.push_back(squeeze(slice_axis(call.in(i), 0, b, b + 1), 0));
        const Tensors carry(one.begin(), one.begin() + states), slices(one.begin() + states, one.end());
        const Tensors results = scan_list([&](const Tensors& in) { return call.run(call.graph("body"), in); }, carry,
                                          slices, slices[0].dim(0));
        of_results.resize(results.size());
        for (std::size_t i = 0; i < results.size(); ++i) of_results[i].push_back(results[i]);
    }
    Tensors all;
    for (const auto& each : of_results) all.push_back(stack(each, 0));
    return all;
}

Tensors optional_has_element(const Call& call) {
    return {constant(HostArray::scalar(call.count() > 0 && call.has(std::size_t{0})))};
}

constexpr NodeRow CONTROL_ROWS[] = {
    {"", "If", 1, if_node},
    {"", "Loop", 1, loop},
    {"", "Optional", 1, [](const Call& call) -> Tensors { return {call.in(0)}; }},
    {"", "OptionalGetElement", 1, [](const Call& call) -> Tensors { return {call.in(0)}; }},
    {"", "OptionalHasElement", 1, optional_has_element},
    {"", "Scan", 1, batched_scan},
    {"", "Scan", 9, scan},
};

}  // namespace

std::span<const NodeRow> control_rows() { return CONTROL_ROWS; }

}  // namespace podium::onnx

#include "podium/runtime/pjrt/compile_options.h"

#include <utility>

#include "podium/base/error.h"
#include "podium/base/wire.h"
#include "podium/runtime/pjrt/executable.h"

namespace podium {
namespace {

/// XLA's EffortLevel: O0 is 9, O1 19, O2 29, O3 39.
std::int64_t effort_level(int optimization_level) {
    if (optimization_level > 3)
        fail(Code::INVALID_ARGUMENT, "xla: optimization level {} is not one of 0, 1, 2, 3", optimization_level);
    return 10 * optimization_level + 9;
}

void disable_pass(std::map<std::string, XlaOptions::Value>& flags, const std::string& pass) {
    auto& value = flags["xla_disable_hlo_passes"];
    auto* passes = std::get_if<std::string>(&value);
    if (passes && !passes->empty())
        passes->append(",").append(pass);
    else
        value = pass;
}

/// Returns the flags the plugin gets: the caller's, and what keeps the CPU plugin's numbers right. It loses NaNs in
/// min and max, folds `add` of booleans to XOR, folds some in-range gathers wrongly, rounds f16 to floats of 8 bits
/// wrongly in small loops, and on processors without AVX-512 its XNNPACK products keep the first call's matrix when the
/// next call's stands at the same address.
std::map<std::string, XlaOptions::Value> all_flags(DeviceType type, const XlaOptions& options,
                                                   const PjrtProgram& program) {
    auto flags = options.flags;
    if (!options.fusion) disable_pass(flags, "fusion");
    if (!options.layout_assignment) disable_pass(flags, "layout-assignment");
    if (options.safe_defaults && type == DeviceType::CPU) {
        flags.emplace("xla_cpu_enable_fast_min_max", false);
        flags.emplace("xla_cpu_use_xnnpack", false);
        if (program.constant_inputs) disable_pass(flags, "constant_folding");
        if (program.text.find("f8E") != std::string_view::npos) disable_pass(flags, "small-while-loop-hoisting");
    }
    return flags;
}

WireWriter override_value(const XlaOptions::Value& value) {
    WireWriter writer;
    if (const auto* text = std::get_if<std::string>(&value)) writer.bytes(1, *text);
    if (const auto* boolean = std::get_if<bool>(&value)) writer.integer(2, *boolean);
    if (const auto* integer = std::get_if<std::int64_t>(&value)) writer.integer(3, *integer);
    if (const auto* floating = std::get_if<double>(&value)) writer.floating(4, *floating);
    return writer;
}

}  // namespace

std::string compile_options(std::span<const int> device_ids, DeviceType type, const XlaOptions& options,
                            const PjrtProgram& program) {
    const auto devices = static_cast<std::int64_t>(device_ids.size());
    const bool replicas = program.replicas;
    const auto rows = replicas ? devices : 1, partitions = replicas ? 1 : devices;
    WireWriter assignment, column;
    assignment.integer(1, rows).integer(2, partitions);
    for (const int id : device_ids) {
        column.integer(1, id);
        if (!replicas) assignment.message(3, std::exchange(column, {}));
    }
    if (replicas) assignment.message(3, column);

    WireWriter build;
    build.integer(1, -1).integer(4, rows).integer(5, partitions).message(9, assignment);
    if (partitions > 1) build.integer(6, true).integer(19, true);
    if (options.exec_time_effort != 0) build.floating(20, static_cast<float>(options.exec_time_effort));
    if (options.memory_fitting_effort != 0) build.floating(21, static_cast<float>(options.memory_fitting_effort));
    if (options.optimization_level >= 0) build.integer(24, effort_level(options.optimization_level));

    WireWriter writer;
    writer.message(3, build);
    for (const auto& [name, value] : all_flags(type, options, program))
        writer.message(7, WireWriter().bytes(1, name).message(2, override_value(value)));
    return writer.text();
}

}  // namespace podium

#include "podium/plan/compile_job.h"

#include <xxhash.h>

#include <chrono>

#include "podium/base/error.h"
#include "podium/base/file.h"
#include "podium/base/log.h"
#include "podium/base/scratch_folder.h"
#include "podium/exec/memory_profile.h"
#include "podium/plan/ahead.h"
#include "podium/plan/answer_json.h"
#include "podium/plan/child.h"
#include "podium/plan/out_of_memory.h"

namespace podium::plan {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using Status = CompileAnswer::Status;

constexpr const char *JOB_FILE = "job.json", *TEXT_FILE = "step.mlir", *ANSWER_FILE = "answer.json";
/// To be raised where the same program gives another answer.
constexpr int ANSWER_REVISION = 3;

fs::path kept_file(const CompileJob& job, const std::string& key, const fs::path& folder) {
    if (folder.empty()) return {};
    std::error_code gone;
    std::string text = fmt::format("{} {} {} {} {} {} {}\n", ANSWER_REVISION, job.topology, job.chip_config,
                                   job.optimization_level, job.loss, fs::file_size(job.plugin, gone),
                                   fs::last_write_time(job.plugin, gone).time_since_epoch().count());
    for (const auto tag : job.tags) text += static_cast<char>('a' + static_cast<int>(tag));
    text += key;
    const auto hash = XXH3_128bits(text.data(), text.size());
    return folder / fmt::format("{:016x}{:016x}.json", hash.high64, hash.low64);
}

void keep(const CompileAnswer& answer, const fs::path& file) {
    if (file.empty() || answer.status == Status::CRASHED || answer.status == Status::TIMED_OUT) return;
    try {
        make_directories(file.parent_path());
        write_atomically(file, answer_to_json(answer).dump() + "\n");
    } catch (const Error& error) {
        logger().debug("plan: {}", error.message());
    }
}

void write_job(const CompileJob& job, const fs::path& folder) {
    std::vector<int> tags;
    tags.reserve(job.tags.size());
    for (const auto tag : job.tags) tags.push_back(static_cast<int>(tag));
    write_atomically(folder / TEXT_FILE, job.text);
    write_atomically(folder / JOB_FILE, nlohmann::ordered_json{{"plugin", job.plugin},
                                                               {"topology", job.topology},
                                                               {"chip_config", job.chip_config},
                                                               {"tags", tags},
                                                               {"loss", job.loss},
                                                               {"optimization_level", job.optimization_level},
                                                               {"devices", job.device_count}}
                                            .dump());
}

CompileAnswer compiled(const PjrtTopology& topology, const CompileJob& job, const std::string& text) {
    CompileAnswer answer{.limit_bytes = topology.memory_limit_bytes()};
    if (const auto found = std::ssize(topology.device_ids()); found != job.device_count)
        fail(Code::INVALID_ARGUMENT, "{} has {} devices, the program is for {}", job.topology, found, job.device_count);
    const AheadExecutable program(topology, text, {.optimization_level = job.optimization_level});
    const auto memory = program.memory();
    answer.status = Status::COMPILED;
    answer.peak_bytes =
        memory.argument_bytes + memory.output_bytes - memory.alias_bytes + memory.temporary_bytes + memory.code_bytes;
    answer.memory = memory_profile(program, job.tags, job.loss).at_peak;
    answer.traffic = hlo_traffic(program.optimized_program());
    return answer;
}

}  // namespace

std::optional<CompileAnswer> kept_answer(const CompileJob& job, const std::string& key, const CompileOptions& options) {
    const auto file = kept_file(job, key, options.cache_folder);
    if (file.empty() || !fs::exists(file)) return std::nullopt;
    try {
        auto answer = answer_from_json(nlohmann::json::parse(read_file(file)));
        answer.from_cache = true;
        return answer;
    } catch (const std::exception& error) {
        logger().debug("plan: {} is made again: {}", file.string(), error.what());
        return std::nullopt;
    }
}

CompileAnswer compile_in_child(const CompileJob& job, const std::string& key, const CompileOptions& options) {
    if (auto kept = kept_answer(job, key, options)) return *std::move(kept);
    const ScratchFolder folder("plan");
    write_job(job, folder.path());
    auto command = options.child_command;
    command.push_back(folder.path().string());
    const auto end = run_child(command, folder.path() / "stderr.txt", options.timeout_s);
    CompileAnswer answer;
    try {
        answer = answer_from_json(nlohmann::json::parse(read_file(folder.path() / ANSWER_FILE)));
    } catch (const std::exception&) {
        answer.status = end.timed_out ? Status::TIMED_OUT : Status::CRASHED;
        answer.message = end.timed_out ? fmt::format("the compiler was not done within {:.0f} s", options.timeout_s)
                                       : fmt::format("the compiler's process ended with {}{}", end.how,
                                                     end.last_words.empty() ? "" : ": " + end.last_words);
    }
    keep(answer, kept_file(job, key, options.cache_folder));
    return answer;
}

void run_compile_job(const fs::path& folder) {
    const auto json = nlohmann::json::parse(read_file(folder / JOB_FILE));
    CompileJob job{.plugin = json.at("plugin"),
                   .topology = json.at("topology"),
                   .chip_config = json.at("chip_config"),
                   .loss = json.at("loss"),
                   .optimization_level = json.at("optimization_level"),
                   .device_count = json.at("devices")};
    for (const int tag : json.at("tags")) job.tags.push_back(static_cast<MemoryTag>(tag));
    const auto text = read_file(folder / TEXT_FILE);
    const auto begin = Clock::now();
    use_libtpu_without_tpu();  // should there be one, it is another process's
    CompileAnswer answer;
    try {
        const auto plugin = PjrtPlugin::load(job.plugin);
        const PjrtTopology topology(*plugin.value(), job.topology, job.chip_config);
        answer.limit_bytes = topology.memory_limit_bytes();
        try {
            answer = compiled(topology, job, text);
        } catch (const OutOfMemory& error) {
            answer.status = Status::OUT_OF_MEMORY;
            answer.message = error.message();
            if (auto report = read_out_of_memory(error.message())) {
                answer.peak_bytes = report->needed_bytes;
                answer.limit_bytes = report->limit_bytes;
                answer.largest = std::move(report->largest);
            }
        }
    } catch (const Error& error) {
        answer.status = Status::REFUSED;
        answer.message = error.message();
    }
    answer.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    write_atomically(folder / ANSWER_FILE, answer_to_json(answer).dump());
}

}  // namespace podium::plan

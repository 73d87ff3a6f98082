#include "podium/plan/answer_json.h"

#include <cctype>

#include "podium/base/error.h"
#include "podium/base/named_enum.h"

namespace podium::plan {
namespace {

std::string tag_key(std::size_t tag) {
    std::string key(MEMORY_TAG_NAMES[tag]);
    for (char& c : key) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return key;
}

}  // namespace

nlohmann::ordered_json memory_json(const TaggedBytes& memory) {
    auto json = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < MEMORY_TAG_NAMES.size(); ++i) json[tag_key(i)] = memory[static_cast<MemoryTag>(i)];
    return json;
}

nlohmann::ordered_json answer_to_json(const CompileAnswer& answer) {
    auto collectives = nlohmann::ordered_json::array();
    for (const auto& each : answer.traffic.collectives)
        collectives.push_back(
            {{"kind", each.kind}, {"group", each.group}, {"bytes", each.bytes}, {"count", each.count}});
    return {{"format", 1},
            {"status", find_name(answer.status).value()},
            {"message", answer.message},
            {"peak_bytes", answer.peak_bytes},
            {"limit_bytes", answer.limit_bytes},
            {"memory", memory_json(answer.memory)},
            {"memory_traffic_bytes", answer.traffic.memory_bytes},
            {"unknown_loops", answer.traffic.unknown_loops},
            {"collectives", collectives},
            {"largest", answer.largest},
            {"seconds", answer.seconds}};
}

CompileAnswer answer_from_json(const nlohmann::json& json) {
    CompileAnswer answer;
    if (json.at("format") != 1) fail(Code::INVALID_DATA, "an answer of another podium");
    if (const auto status = find_named<CompileAnswer::Status>(json.at("status").get<std::string>()))
        answer.status = *status;
    answer.message = json.at("message");
    answer.peak_bytes = json.at("peak_bytes");
    answer.limit_bytes = json.at("limit_bytes");
    for (std::size_t i = 0; i < MEMORY_TAG_NAMES.size(); ++i)
        answer.memory[static_cast<MemoryTag>(i)] = json.at("memory").at(tag_key(i));
    answer.traffic.memory_bytes = json.at("memory_traffic_bytes");
    answer.traffic.unknown_loops = json.at("unknown_loops");
    for (const auto& each : json.at("collectives"))
        answer.traffic.collectives.push_back(
            {.kind = each.at("kind"), .group = each.at("group"), .bytes = each.at("bytes"), .count = each.at("count")});
    answer.largest = json.at("largest");
    answer.seconds = json.at("seconds");
    return answer;
}

}  // namespace podium::plan

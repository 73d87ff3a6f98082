#pragma once

#include <nlohmann/json.hpp>

#include "podium/plan/compile_job.h"

namespace podium::plan {

nlohmann::ordered_json answer_to_json(const CompileAnswer& answer);
/// Throws nlohmann's errors for what is no answer.
CompileAnswer answer_from_json(const nlohmann::json& json);
/// Returns {"parameters": bytes, …}.
nlohmann::ordered_json memory_json(const TaggedBytes& memory);

}  // namespace podium::plan

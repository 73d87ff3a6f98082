#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "podium/runtime/backend.h"

namespace podium::bench {

struct Options {
    double seconds = 8.0;  ///< how long a case is measured at most
    std::string dump;      ///< folder for the programs' text; empty: none
    XlaOptions xla;
};

/// What a case measured, under the peers' keys.
struct Measurement {
    std::vector<double> times_ms;
    nlohmann::json extra = nlohmann::json::object();
};

struct Case {
    std::string_view name;
    std::string_view summary;
    Measurement (*run)(const Options&);
};
/// Returns every case.
std::span<const Case> cases();

/// Calls `f` `warmup` times, then until `min_count` calls and (`seconds` or `max_count` calls); returns milliseconds a
/// call.
std::vector<double> measure(const std::function<void()>& f, int warmup, int min_count, double seconds,
                            int max_count = 1000);
/// Returns {"peer", "case", "median_ms", "min_ms", "n", "extra"}.
nlohmann::json to_json(const Case& which, const Measurement& measured);

}  // namespace podium::bench

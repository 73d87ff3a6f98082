#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace podium::optim {

/// What a config says of one method's own options: a number for a name; 0 and 1 for what is a bool.
using OwnOptions = std::vector<std::pair<std::string, double>>;

/// Throws INVALID_ARGUMENT, naming what the method has, where a name is none of these.
void expect_own_options(std::string_view method, const std::vector<std::string_view>& names, const OwnOptions& given);
/// Returns the number; throws INVALID_ARGUMENT, naming the option, unless it is an integer from 0 on, or 0 or 1.
double whole_number(std::string_view method, std::string_view name, double number);
bool zero_or_one(std::string_view method, std::string_view name, double number);

/// Calls f(name, field) for each option of a method's struct that no other key of a config gives.
template <class T, class F>
void visit_own_options(T& o, const F& f) {
    if constexpr (requires { o.rank; }) f("rank", o.rank);
    if constexpr (requires { o.every; }) f("every", o.every);
    if constexpr (requires { o.scale; }) f("scale", o.scale);
    if constexpr (requires { o.block; }) f("block", o.block);
    if constexpr (requires { o.ridge; }) f("ridge", o.ridge);
    if constexpr (requires { o.largest; }) f("largest", o.largest);
    if constexpr (requires { o.damping; }) f("damping", o.damping);
    if constexpr (requires { o.norm_constraint; }) f("norm_constraint", o.norm_constraint);
    if constexpr (requires { o.rest_scale; }) f("rest_scale", o.rest_scale);
    if constexpr (requires { o.memory; }) f("memory", o.memory);
    if constexpr (requires { o.scale_first; }) f("scale_first", o.scale_first);
    if constexpr (requires { o.iterations; }) f("iterations", o.iterations);
    if constexpr (requires { o.freeze_step; }) f("freeze_step", o.freeze_step);
    if constexpr (requires { o.alpha; }) f("alpha", o.alpha);
    if constexpr (requires { o.beta; }) f("beta", o.beta);
    if constexpr (requires { o.gamma; }) f("gamma", o.gamma);
    if constexpr (requires { o.mu; }) f("mu", o.mu);
    if constexpr (requires { o.rho; }) f("rho", o.rho);
    if constexpr (requires { o.eta; }) f("eta", o.eta);
    if constexpr (requires { o.eta_minus; }) f("eta_minus", o.eta_minus);
    if constexpr (requires { o.eta_plus; }) f("eta_plus", o.eta_plus);
    if constexpr (requires { o.clip; }) f("clip", o.clip);
    if constexpr (requires { o.clip_gap; }) f("clip_gap", o.clip_gap);
    if constexpr (requires { o.clip_rms; }) f("clip_rms", o.clip_rms);
    if constexpr (requires { o.seed; }) f("seed", o.seed);
    if constexpr (requires { o.step; }) f("step", o.step);
    if constexpr (requires { o.least_step; }) f("least_step", o.least_step);
    if constexpr (requires { o.greatest_step; }) f("greatest_step", o.greatest_step);
    if constexpr (requires { o.threshold; }) f("threshold", o.threshold);
    if constexpr (requires { o.first_rate; }) f("first_rate", o.first_rate);
    if constexpr (requires { o.final_rate; }) f("final_rate", o.final_rate);
    if constexpr (requires { o.first_distance; }) f("first_distance", o.first_distance);
    if constexpr (requires { o.distance_scale; }) f("distance_scale", o.distance_scale);
    if constexpr (requires { o.safeguard_warmup; }) f("safeguard_warmup", o.safeguard_warmup);
    if constexpr (requires { o.lower_bound; }) f("lower_bound", o.lower_bound);
    if constexpr (requires { o.adapt_lower_bound; }) f("adapt_lower_bound", o.adapt_lower_bound);
    if constexpr (requires { o.least_factored; }) f("least_factored", o.least_factored);
    if constexpr (requires { o.decay_exponent; }) f("decay_exponent", o.decay_exponent);
    if constexpr (requires { o.by_parameter_scale; }) f("by_parameter_scale", o.by_parameter_scale);
    if constexpr (requires { o.consistent_rms; }) f("consistent_rms", o.consistent_rms);
    if constexpr (requires { o.root_mean_square; }) f("root_mean_square", o.root_mean_square);
    if constexpr (requires { o.initial_accumulator; }) f("initial_accumulator", o.initial_accumulator);
    if constexpr (requires { o.epsilon_root; }) f("epsilon_root", o.epsilon_root);
    if constexpr (requires { o.epsilon_in_root; }) f("epsilon_in_root", o.epsilon_in_root);
    if constexpr (requires { o.centered; }) f("centered", o.centered);
    if constexpr (requires { o.bias_correction; }) f("bias_correction", o.bias_correction);
    if constexpr (requires { o.shrinking; }) f("shrinking", o.shrinking);
    if constexpr (requires { o.exponent; }) f("exponent", o.exponent);
    if constexpr (requires { o.average_after; }) f("average_after", o.average_after);
    if constexpr (requires { o.min_norm; }) f("min_norm", o.min_norm);
    if constexpr (requires { o.trust_coefficient; }) f("trust_coefficient", o.trust_coefficient);
    if constexpr (requires { o.weight_power; }) f("weight_power", o.weight_power);
    if constexpr (requires { o.line_search.steps; }) f("line_search_steps", o.line_search.steps);
}

/// Takes what the config gives of a method's own options.
template <class T>
void take_own_options(T& options, std::string_view method, const OwnOptions& given) {
    std::vector<std::string_view> names;
    visit_own_options(options, [&]<class V>(std::string_view name, V& field) {
        names.push_back(name);
        for (const auto& [key, number] : given) {
            if (key != name) continue;
            if constexpr (std::is_same_v<V, bool>)
                field = zero_or_one(method, name, number);
            else if constexpr (std::is_integral_v<V>)
                field = static_cast<V>(whole_number(method, name, number));
            else
                field = number;
        }
    });
    expect_own_options(method, names, given);
}

}  // namespace podium::optim

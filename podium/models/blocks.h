#pragma once

#include <string>
#include <vector>

#include "podium/models/parameters.h"

namespace podium::models {

/// What several transformers are made of.

/// Returns x @ weight (+ bias, where there is one) of the layer at `path`: […, outputs].
Tensor linear(const Tree& parameters, std::string_view path, const Tensor& x, std::int64_t outputs);
/// Returns the layer norm at `path` of x.
Tensor layer_norm(const Tree& parameters, std::string_view path, const Tensor& x, double epsilon);
/// Returns x […, width] as [batch, length, heads, width / heads], and back.
Tensor into_heads(const Tensor& x, std::int64_t heads);
Tensor out_of_heads(const Tensor& x);

/// Collects what parameters there are.
class SpecList {
public:
    void add(std::string path, Dims dims, ParameterSpec::Start start = ParameterSpec::Start::NORMAL) {
        specs_.push_back({std::move(path), std::move(dims), start});
    }
    void linear(const std::string& path, std::int64_t inputs, std::int64_t outputs, bool bias) {
        add(path + ".weight", {inputs, outputs});
        if (bias) add(path + ".bias", {outputs}, ParameterSpec::Start::ZEROS);
    }
    void norm(const std::string& path, std::int64_t width, bool bias,
              ParameterSpec::Start start = ParameterSpec::Start::ONES) {
        add(path + ".weight", {width}, start);
        if (bias) add(path + ".bias", {width}, ParameterSpec::Start::ZEROS);
    }
    std::vector<ParameterSpec> take() { return std::move(specs_); }

private:
    std::vector<ParameterSpec> specs_;
};

}  // namespace podium::models

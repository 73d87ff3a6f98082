#pragma once

#include <map>
#include <variant>

#include "podium/ir/control.h"

namespace podium {

namespace rows {
extern const Op after_all, tuple, get_tuple_element, composite, custom_call, infeed, outfeed, send, recv;
}

/// Returns a token that is there when all of `tokens` are: what orders transfers between host and device.
Tensor after_all(const Tensors& tokens = {}, Location location = std::source_location::current());
/// True for tensors that are tokens: they have no value.
bool is_token(const Tensor& tensor);

/// Returns the tensors, as one value of the program and out of it again.
Tensors through_tuple(const Tensors& tensors, Location location = std::source_location::current());

/// Returns f(operands), as an operation of that name which a backend may know better than its decomposition f. It sees
/// nothing but its operands.
Tensors composite(std::string name, const TensorFunction& f, const Tensors& operands,
                  Location location = std::source_location::current());

/// A setting of a foreign function.
using CallSetting = std::variant<bool, std::int64_t, double, std::string>;
using CallSettings = std::map<std::string, CallSetting>;
/// Returns the results, of those shapes, of the function that is registered as `target` with the backend (XLA's FFI,
/// version 4). It has no derivatives of its own: wrap it in custom_vjp_list or custom_jvp_list.
Tensors custom_call(std::string_view target, const Tensors& operands, std::vector<Shape> results,
                    const CallSettings& settings = {}, Location location = std::source_location::current());
/// Returns the attributes of such a call.
std::string call_attributes(std::string_view target, const CallSettings& settings);
/// Returns the text as MLIR's string.
std::string in_quotes(std::string_view text);

/// Returns tensors of those shapes that the host feeds in, and a token. PJRT has no such transfers: programs with one
/// are refused before they are compiled, as those with `outfeed`, `send` and `recv`.
Tensors infeed(const Tensor& token, std::vector<Shape> shapes, Location location = std::source_location::current());
/// Returns a token that is there when the host has the tensors.
Tensor outfeed(const Tensors& tensors, const Tensor& token, Location location = std::source_location::current());
Tensor send(const Tensors& tensors, const Tensor& token, std::int64_t channel,
            Location location = std::source_location::current());
Tensors recv(const Tensor& token, std::vector<Shape> shapes, std::int64_t channel,
             Location location = std::source_location::current());

std::span<const Op* const> plumbing_ops();

}  // namespace podium

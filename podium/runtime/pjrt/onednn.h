#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "podium/base/shape.h"
#include "podium/runtime/pjrt/discover.h"

/// oneDNN's primitives, each on the thread that runs it. Source: oneDNN 3.2, oneapi/dnnl/dnnl.h.
namespace podium::onednn {

/// Returns the library that is there: `./dev setup`'s, else the user's.
std::optional<std::filesystem::path> find_library(const DiscoverOptions& options = {});
/// Loads what `find_library` returns, once; false where there is none, or one that cannot be used.
bool is_there();

/// An array as a primitive sees it. Strides are elements between neighbours; without them the layout is the primitive's
/// own.
struct Layout {
    DataType type;
    Dims dims, strides;
};

/// What primitives call their arrays.
enum class Role { INPUT, WEIGHTS, OUTPUT, INPUT_GRADIENT, WEIGHTS_GRADIENT, OUTPUT_GRADIENT };

struct Argument {
    Role role;
    const void* data;  ///< written to where the role is that of a result
};

/// A computation that is ready to run, by any number of threads at once. Needs `is_there()`.
class Primitive {
public:
    Primitive(const Primitive&) = delete;
    Primitive& operator=(const Primitive&) = delete;
    ~Primitive();

    void run(std::span<const Argument> arguments) const;
    void run(std::initializer_list<Argument> arguments) const { run({arguments.begin(), arguments.size()}); }

    /// Returns the bytes of the layout that the primitive has for that array.
    std::size_t bytes(Role role) const;
    /// Returns the copy (INPUT to OUTPUT) of an array into the layout that the primitive has for it.
    std::shared_ptr<const Primitive> into(Role role, const Layout& from) const;
    /// Returns the copy of an array out of that layout.
    std::shared_ptr<const Primitive> out_of(Role role, const Layout& to) const;

private:
    friend struct Maker;
    struct State;
    explicit Primitive(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};
using PrimitivePtr = std::shared_ptr<const Primitive>;

/// Returns the primitive that was made for that key before, or makes it.
PrimitivePtr known(const Dims& key, const std::function<PrimitivePtr()>& make);

/// Returns the copy of INPUT as OUTPUT.
PrimitivePtr copy(const Layout& from, const Layout& to);
/// Returns INPUT times WEIGHTS as OUTPUT, or added to it: matrices, behind one dimension of batches or none.
PrimitivePtr product(const Layout& lhs, const Layout& rhs, const Layout& result, bool added = false);

/// How the windows of a convolution lie; one number each spatial dimension.
struct Windows {
    Dims strides, dilation;  ///< distances between windows, and between a window's elements
    Dims low, high;          ///< padding
};
/// Arrays have dimensions [batch, features, spatial …], kernels [outputs, inputs, spatial …].
struct ConvolutionArrays {
    Layout input, kernel, output;
    Windows windows;
};
PrimitivePtr convolution(const ConvolutionArrays& arrays);
/// Returns OUTPUT_GRADIENT and WEIGHTS to INPUT_GRADIENT.
PrimitivePtr convolution_input_gradient(const ConvolutionArrays& arrays);
/// Returns INPUT and OUTPUT_GRADIENT to WEIGHTS_GRADIENT, which is f32.
PrimitivePtr convolution_kernel_gradient(const ConvolutionArrays& arrays);

}  // namespace podium::onednn

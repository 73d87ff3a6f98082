#include "podium/runtime/pjrt/library_operators.h"

#include <algorithm>
#include <array>
#include <bit>
#include <mutex>

#include "podium/base/dims.h"
#include "podium/base/platform.h"
#include "podium/emit/library_calls.h"
#include "podium/ir/custom_operator.h"
#include "podium/runtime/pjrt/attention_operators.h"
#include "podium/runtime/pjrt/onednn.h"

namespace podium {
namespace {

using onednn::Layout;
using onednn::PrimitivePtr;
using onednn::Role;

enum Key : std::int64_t { PRODUCT, CONVOLUTION, KERNEL_COPY, SUM_COPY };  // what primitives are known by begins so
constexpr std::int64_t MOST_TILES = 64, TILE_SIDE = 64;
constexpr std::int64_t LEAST_TILE_PRODUCTS = 1 << 26, LEAST_IMAGE_PRODUCTS = 1 << 25;  // of a tile

std::int64_t rounded_up(std::int64_t count, std::int64_t unit) { return (count + unit - 1) / unit * unit; }

/// `count` split into at most so many equal parts of a multiple of `unit`, but for the last, which may be smaller.
struct Parts {
    std::int64_t count, size;
    Parts(std::int64_t all, std::int64_t tiles, std::int64_t unit)
        : count(all), size(std::min(all, rounded_up(rounded_up(all, tiles) / tiles, unit))) {}
    std::int64_t tiles() const { return (count + size - 1) / size; }
    std::int64_t begin(std::int64_t i) const { return i * size; }
    std::int64_t length(std::int64_t i) const { return std::min(size, count - i * size); }
};

std::int64_t tiles_for(std::int64_t products, std::int64_t least) {
    const auto tiles = static_cast<std::uint64_t>(std::clamp(products / least, std::int64_t{1}, MOST_TILES));
    return static_cast<std::int64_t>(std::bit_floor(tiles));
}

/// A product of matrices, or of `batch` pairs of them.
struct Product {
    DataType type;
    bool lhs_contract_first, rhs_contract_first;
    std::int64_t batch, rows, columns, contracted;
};

Product product_of(std::span<const Shape> shapes, const CallSettings& settings) {
    const auto call = ProductCall::of(settings);
    const Dims &lhs = shapes[0].dims, &rhs = shapes[1].dims;
    const std::size_t behind = lhs.size() - 2;
    return {.type = shapes[0].type,
            .lhs_contract_first = call.lhs_contract_first,
            .rhs_contract_first = call.rhs_contract_first,
            .batch = behind == 0 ? 1 : lhs[0],
            .rows = lhs[behind + (call.lhs_contract_first ? 1 : 0)],
            .columns = rhs[behind + (call.rhs_contract_first ? 1 : 0)],
            .contracted = lhs[behind + (call.lhs_contract_first ? 0 : 1)]};
}

/// Returns the primitive of a part of the product: so many matrices, rows and columns.
PrimitivePtr part_of(const Product& p, std::int64_t batch, std::int64_t rows, std::int64_t columns) {
    const Dims key{0,
                   static_cast<std::int64_t>(p.type),
                   p.lhs_contract_first,
                   p.rhs_contract_first,
                   p.rows,
                   p.columns,
                   p.contracted,
                   batch,
                   rows,
                   columns};
    return onednn::known(key, [&] {
        const auto layout = [&](Dims dims, Dims strides, std::int64_t matrix) {
            if (batch > 1) {
                dims.insert(dims.begin(), batch);
                strides.insert(strides.begin(), matrix);
            }
            return Layout{p.type, std::move(dims), std::move(strides)};
        };
        return onednn::product(
            layout({rows, p.contracted}, p.lhs_contract_first ? Dims{1, p.rows} : Dims{p.contracted, 1},
                   p.rows * p.contracted),
            layout({p.contracted, columns}, p.rhs_contract_first ? Dims{p.columns, 1} : Dims{1, p.contracted},
                   p.contracted * p.columns),
            layout({rows, columns}, {p.columns, 1}, p.rows * p.columns));
    });
}

void run_product(const OperatorCall& call) {
    const std::array shapes{call.operands[0].shape(), call.operands[1].shape()};
    const Product p = product_of(shapes, call.settings);
    const auto size = static_cast<std::int64_t>(size_bits(p.type)) / 8;
    const auto tiles = tiles_for(p.batch * p.rows * p.columns * p.contracted, LEAST_TILE_PRODUCTS);
    const bool by_batch = p.batch > 1, by_rows = !by_batch && p.rows >= p.columns;
    const Parts parts = by_batch  ? Parts(p.batch, tiles, 1)
                        : by_rows ? Parts(p.rows, tiles, TILE_SIDE)
                                  : Parts(p.columns, tiles, TILE_SIDE);
    const auto primitive_of = [&](std::int64_t length) {
        return part_of(p, by_batch ? length : 1, by_rows ? length : p.rows, by_batch || by_rows ? p.columns : length);
    };
    const auto whole = primitive_of(parts.size);
    const auto rest = primitive_of(parts.length(parts.tiles() - 1));
    call.for_each(parts.tiles(), [&](std::int64_t tile) {
        const auto at = parts.begin(tile) * size;
        std::int64_t lhs = 0, rhs = 0, result = 0;
        if (by_batch) {
            lhs = at * p.rows * p.contracted;
            rhs = at * p.contracted * p.columns;
            result = at * p.rows * p.columns;
        } else if (by_rows) {
            lhs = p.lhs_contract_first ? at : at * p.contracted;
            result = at * p.columns;
        } else {
            rhs = p.rhs_contract_first ? at : at * p.contracted;
            result = at;
        }
        const auto& primitive = tile + 1 < parts.tiles() ? whole : rest;
        primitive->run({{Role::INPUT, call.operands[0].data() + lhs},
                        {Role::WEIGHTS, call.operands[1].data() + rhs},
                        {Role::OUTPUT, call.results[0].data() + result}});
    });
}

/// Returns a row-major array's dimensions in the order `of`, and their distances.
Layout ordered(const Shape& shape, const Dims& of) {
    Dims strides(shape.dims.size(), 1);
    for (auto i = strides.size(); i-- > 1;) strides[i - 1] = strides[i] * shape.dims[i];
    return {shape.type, picked(shape.dims, of), picked(strides, of)};
}

/// The arrays of a convolution and what they are split into: images.
struct Images {
    ConvolutionCall call;
    Layout input, kernel, output;
    Parts parts;

    Images(ConvolutionCall c, const Shape& a, const Shape& b, const Shape& result)
        : call(std::move(c)),
          input(ordered(call.kind == ConvolutionCall::INPUT_GRADIENT ? result : a, call.input)),
          kernel(ordered(call.kind == ConvolutionCall::KERNEL_GRADIENT ? result : b, call.kernel)),
          output(ordered(call.kind == ConvolutionCall::FORWARD          ? result
                         : call.kind == ConvolutionCall::INPUT_GRADIENT ? a
                                                                        : b,
                         call.output)),
          parts(input.dims[0], tiles_for(products(), LEAST_IMAGE_PRODUCTS), 1) {}

    std::int64_t products() const {
        return Shape(DataType::BOOL, kernel.dims).count() * Shape(DataType::BOOL, output.dims).count() / output.dims[1];
    }

    PrimitivePtr primitive(std::int64_t images) const {
        Dims key{CONVOLUTION, call.kind, static_cast<std::int64_t>(input.type), images};
        for (const auto* dims : {&input.dims, &input.strides, &kernel.dims, &output.dims, &output.strides,
                                 &call.strides, &call.dilation, &call.low, &call.high})
            key = joined(std::move(key), *dims);
        return onednn::known(key, [&] {
            onednn::ConvolutionArrays arrays{.input = input,
                                             .kernel = {kernel.type, kernel.dims, {}},
                                             .output = output,
                                             .windows = {call.strides, call.dilation, call.low, call.high}};
            arrays.input.dims[0] = arrays.output.dims[0] = images;
            return call.kind == ConvolutionCall::FORWARD          ? onednn::convolution(arrays)
                   : call.kind == ConvolutionCall::INPUT_GRADIENT ? onednn::convolution_input_gradient(arrays)
                                                                  : onednn::convolution_kernel_gradient(arrays);
        });
    }

    /// Returns the copy of the kernel into (or its gradient out of) the primitive's layout.
    PrimitivePtr copy(const PrimitivePtr& primitive) const {
        const Dims key =
            joined({KERNEL_COPY, call.kind, reinterpret_cast<std::intptr_t>(primitive.get())}, kernel.strides);
        return onednn::known(key, [&] {
            const Layout sums{DataType::FLOAT32, kernel.dims, kernel.strides};
            return call.kind == ConvolutionCall::KERNEL_GRADIENT ? primitive->out_of(Role::WEIGHTS_GRADIENT, sums)
                                                                 : primitive->into(Role::WEIGHTS, kernel);
        });
    }

    /// Returns where the images of a part begin.
    static std::size_t offset(const Layout& layout, std::int64_t image) {
        return static_cast<std::size_t>(image * layout.strides[0]) * size_bits(layout.type) / 8;
    }
};

/// The images' results, each computed of its own images and the kernel.
void run_images(const Images& images, const OperatorCall& call) {
    const auto whole = images.primitive(images.parts.size),
               rest = images.primitive(images.parts.length(images.parts.tiles() - 1));
    const bool forward = images.call.kind == ConvolutionCall::FORWARD;
    const auto kernels_of = [&](const PrimitivePtr& primitive) {
        std::vector<std::byte> kernel(primitive->bytes(Role::WEIGHTS));
        images.copy(primitive)->run({{Role::INPUT, call.operands[1].data()}, {Role::OUTPUT, kernel.data()}});
        return kernel;
    };
    const auto kernel = kernels_of(whole), kernel_of_rest = whole == rest ? std::vector<std::byte>() : kernels_of(rest);
    const Layout &from = forward ? images.input : images.output, &to = forward ? images.output : images.input;
    call.for_each(images.parts.tiles(), [&](std::int64_t tile) {
        const auto image = images.parts.begin(tile);
        const bool is_rest = tile + 1 == images.parts.tiles() && whole != rest;
        (is_rest ? rest : whole)
            ->run(
                {{forward ? Role::INPUT : Role::OUTPUT_GRADIENT, call.operands[0].data() + Images::offset(from, image)},
                 {Role::WEIGHTS, is_rest ? kernel_of_rest.data() : kernel.data()},
                 {forward ? Role::OUTPUT : Role::INPUT_GRADIENT, call.results[0].data() + Images::offset(to, image)}});
    });
}

/// The kernel's gradient: each part's own, summed in their order.
void run_kernel_gradient(const Images& images, const OperatorCall& call) {
    const auto tiles = images.parts.tiles();
    const auto whole = images.primitive(images.parts.size), rest = images.primitive(images.parts.length(tiles - 1));
    const auto count = static_cast<std::size_t>(call.results[0].count());
    std::vector<float> sums(count * static_cast<std::size_t>(tiles));
    call.for_each(tiles, [&](std::int64_t tile) {
        const auto& primitive = tile + 1 == tiles ? rest : whole;
        std::vector<std::byte> own(primitive->bytes(Role::WEIGHTS_GRADIENT));
        const auto image = images.parts.begin(tile);
        primitive->run({{Role::INPUT, call.operands[0].data() + Images::offset(images.input, image)},
                        {Role::OUTPUT_GRADIENT, call.operands[1].data() + Images::offset(images.output, image)},
                        {Role::WEIGHTS_GRADIENT, own.data()}});
        images.copy(primitive)->run(
            {{Role::INPUT, own.data()}, {Role::OUTPUT, sums.data() + count * static_cast<std::size_t>(tile)}});
    });
    for (std::size_t tile = 1; tile < static_cast<std::size_t>(tiles); ++tile)
        for (std::size_t i = 0; i < count; ++i) sums[i] += sums[tile * count + i];
    const Layout from{DataType::FLOAT32, {call.results[0].count()}, {1}};
    const Layout to{images.kernel.type, from.dims, from.strides};
    onednn::known({SUM_COPY, static_cast<std::int64_t>(to.type), to.dims[0]}, [&] {
        return onednn::copy(from, to);
    })->run({{Role::INPUT, sums.data()}, {Role::OUTPUT, call.results[0].data()}});
}

void run_convolution(const OperatorCall& call) {
    const Images images(ConvolutionCall::of(call.settings), call.operands[0].shape(), call.operands[1].shape(),
                        call.results[0].shape());
    if (images.call.kind == ConvolutionCall::KERNEL_GRADIENT) return run_kernel_gradient(images, call);
    run_images(images, call);
}

}  // namespace

void define_library_operators() {
    static std::once_flag once;
    std::call_once(once, [] {
        if (!onednn::is_there()) return;
        CustomOperator({.name = std::string(PRODUCT_OPERATOR),
                        .shapes =
                            [](std::span<const Shape> in, const CallSettings& settings) {
                                const Product p = product_of(in, settings);
                                Shape shape(p.type, {p.rows, p.columns});
                                if (in[0].rank() == 3) shape.dims.insert(shape.dims.begin(), p.batch);
                                return std::vector{shape};
                            },
                        .run = run_product});
        if (has_vectors_of_kernels()) define_attention_operators();
        CustomOperator({.name = std::string(CONVOLUTION_OPERATOR),
                        .shapes =
                            [](std::span<const Shape> in, const CallSettings& settings) {
                                return std::vector{Shape(in[0].type, ConvolutionCall::of(settings).result)};
                            },
                        .run = run_convolution});
    });
}

}  // namespace podium

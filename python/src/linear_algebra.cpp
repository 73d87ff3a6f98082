// Linear algebra and Fourier transforms.
#include "bindings.h"

namespace podium::python {

void bind_linear_algebra(nb::module_& parent) {
    auto module = parent.def_submodule("linalg");
    module.def("cholesky", &cholesky, "a"_a, "lower"_a);
    module.def(
        "qr",
        [](const Operand& a, bool complete) {
            auto [q, r] = linalg::qr(a, complete);
            return std::pair(q, r);
        },
        "a"_a, "complete"_a);
    module.def(
        "eigh",
        [](const Operand& a) {
            auto [values, vectors] = linalg::eigh(a);
            return std::pair(values, vectors);
        },
        "a"_a);
    module.def(
        "svd",
        [](const Operand& a, bool full_matrices) {
            auto [u, s, vh] = linalg::svd(a, full_matrices);
            return Tensors{u, s, vh};
        },
        "a"_a, "full_matrices"_a);
    module.def("singular_values", &linalg::singular_values, "a"_a);
    module.def("solve", &linalg::solve, "a"_a, "b"_a);
    module.def("inverse", &linalg::inverse, "a"_a);
    module.def("det", &linalg::det, "a"_a);
    module.def(
        "slogdet",
        [](const Operand& a) {
            auto [sign, magnitude] = linalg::slogdet(a);
            return std::pair(sign, magnitude);
        },
        "a"_a);
    module.def("pinv", &linalg::pinv, "a"_a, "tolerance"_a);
    module.def("matrix_rank", &linalg::matrix_rank, "a"_a, "tolerance"_a);
    module.def(
        "diagonal", [](const Operand& x, std::int64_t offset) { return linalg::diagonal(x, offset); }, "x"_a,
        "offset"_a);
    module.def(
        "trace", [](const Operand& x, std::int64_t offset) { return linalg::trace(x, offset); }, "x"_a, "offset"_a);
    module.def(
        "norm",
        [](const Operand& x, const std::optional<double>& order, const std::string& name, Dims axes, bool keep_dims) {
            const linalg::NormOrder named = name == "fro" ? "fro" : name == "nuc" ? "nuc" : linalg::NormOrder();
            return linalg::norm(
                x,
                {.order = order ? linalg::NormOrder(*order) : named, .axes = std::move(axes), .keep_dims = keep_dims});
        },
        "x"_a, "order"_a, "name"_a, "axes"_a, "keep_dims"_a);
}

void bind_fourier(nb::module_& parent) {
    auto module = parent.def_submodule("fft");
    const auto norm_of = [](std::string_view name) {
        if (name == "backward") return FourierNorm::BACKWARD;
        if (name == "ortho") return FourierNorm::ORTHO;
        if (name == "forward") return FourierNorm::FORWARD;
        fail(Code::INVALID_ARGUMENT, "fft: norm \"{}\" is none of backward, ortho and forward", name);
    };
    using One = Tensor (*)(const Operand&, const FourierOptions&);
    for (const auto& [name, function] : std::initializer_list<std::pair<const char*, One>>{
             {"fft", fft}, {"ifft", ifft}, {"rfft", rfft}, {"irfft", irfft}, {"hfft", hfft}, {"ihfft", ihfft}})
        module.def(
            name,
            [function = function, norm_of](const Operand& x, const std::optional<std::int64_t>& n, std::int64_t axis,
                                           std::string_view norm) {
                return function(x, {.length = n, .axis = axis, .norm = norm_of(norm)});
            },
            "x"_a, "n"_a, "axis"_a, "norm"_a);
    using Many = Tensor (*)(const Operand&, const FourierManyOptions&);
    for (const auto& [name, function] : std::initializer_list<std::pair<const char*, Many>>{
             {"fftn", fftn}, {"ifftn", ifftn}, {"rfftn", rfftn}, {"irfftn", irfftn}})
        module.def(
            name,
            [function = function, norm_of](const Operand& x, Dims s, Dims axes, std::string_view norm) {
                return function(x, {.lengths = std::move(s), .axes = std::move(axes), .norm = norm_of(norm)});
            },
            "x"_a, "s"_a, "axes"_a, "norm"_a);
    module.def("fftshift", &fftshift, "x"_a, "axes"_a);
    module.def("ifftshift", &ifftshift, "x"_a, "axes"_a);
    module.def(
        "fftfreq", [](std::int64_t n, double d, DataType type) { return fftfreq(n, d, type, user_line()); }, "n"_a,
        "d"_a, "dtype"_a);
    module.def(
        "rfftfreq", [](std::int64_t n, double d, DataType type) { return rfftfreq(n, d, type, user_line()); }, "n"_a,
        "d"_a, "dtype"_a);
}

}  // namespace podium::python

// Keys and what is drawn with them.
#include "bindings.h"

namespace podium::python {

void bind_random(nb::module_& parent) {
    auto module = parent.def_submodule("random");
    module.def("key", &key, "seed"_a, "Returns the key of a seed, u32[2].");
    module.def("split", &split_list, "key"_a, "count"_a = 2, "Returns independent keys.");
    module.def("fold_in", &fold_in, "key"_a, "data"_a, "Returns the key of `key` and a number.");
    module.def("bits", &random_bits, "key"_a, "shape"_a, "dtype"_a = DataType::UINT32);
    module.def("uniform", &uniform, "key"_a, "shape"_a = Dims{}, "low"_a = 0.0, "high"_a = 1.0,
               "dtype"_a = DataType::FLOAT32, "Returns numbers in [low, high).");
    module.def("normal", &normal, "key"_a, "shape"_a = Dims{}, "dtype"_a = DataType::FLOAT32,
               "Returns numbers of mean 0 and standard deviation 1.");
    module.def("truncated_normal", &truncated_normal, "key"_a, "shape"_a = Dims{}, "low"_a = -2.0, "high"_a = 2.0,
               "dtype"_a = DataType::FLOAT32);
    module.def("bernoulli", &bernoulli, "key"_a, "probability"_a = 0.5, "shape"_a = Dims{});
    module.def("categorical", &categorical, "key"_a, "logits"_a,
               "Returns i32 indices drawn with probabilities softmax(logits) over the last dimension.");
    using namespace distributions;
    module.def("randint", &randint, "key"_a, "shape"_a, "low"_a, "high"_a, "dtype"_a = DataType::INT32,
               "Returns integers in [low, high).");
    module.def(
        "permutation",
        [](const Key& key, const Operand& x) {
            return x.is_number() ? permutation(key, x.integer()) : permutation(key, x, 0);
        },
        "key"_a, "x"_a, "Returns 0 … x − 1, or the rows of x, in random order.");
    using Plain = Tensor (*)(const Key&, const Dims&, DataType);
    for (const auto& [name, function] : std::initializer_list<std::pair<const char*, Plain>>{
             {"exponential", exponential}, {"laplace", laplace}, {"cauchy", cauchy}, {"gumbel", gumbel}})
        module.def(name, function, "key"_a, "shape"_a = Dims{}, "dtype"_a = DataType::FLOAT32);
    module.def("gamma", &distributions::gamma, "key"_a, "concentration"_a, "shape"_a = nb::none(),
               "dtype"_a = DataType::FLOAT32);
    module.def("beta", &distributions::beta, "key"_a, "a"_a, "b"_a, "shape"_a = nb::none(),
               "dtype"_a = DataType::FLOAT32);
    module.def("poisson", &poisson, "key"_a, "rate"_a, "shape"_a = nb::none(), "dtype"_a = DataType::INT32);
}

}  // namespace podium::python

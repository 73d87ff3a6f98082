#include "tests/support/oracle.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/python.h"
#include "tests/support/temporary_folder.h"

namespace podium::test {
namespace {

constexpr const char* SCRIPT = R"(
import json, os, sys
os.environ.update(JAX_PLATFORMS="cpu", XLA_FLAGS="--xla_backend_optimization_level=0", TF_CPP_MIN_LOG_LEVEL="3")
import jax, jax.flatten_util, jax.numpy as jnp, ml_dtypes, numpy as np
from jax import lax
jax.config.update("jax_enable_x64", True)
jax.config.update("jax_threefry_partitionable", True)
folder = sys.argv[1]
cases = json.load(open(f"{folder}/cases.json"))

TYPES = {f"{kind}{bits}": np.dtype(f"{kind}{bits // 8}") for kind in "iuf" for bits in (8, 16, 32, 64) if kind + str(bits) != "f8"}
TYPES |= {"bool": np.dtype("bool"), "bf16": np.dtype(ml_dtypes.bfloat16), "c64": np.dtype("c8"), "c128": np.dtype("c16")}
TYPES |= {f"{kind}{bits}": np.dtype(getattr(ml_dtypes, f"{'u' * (kind == 'u')}int{bits}")) for kind in "iu" for bits in (2, 4)}
TYPES |= {f"f{n[0]}{n[1:].replace('_', '')}": np.dtype(getattr(ml_dtypes, "float" + n.lower()))
          for n in "8_E3M4 8_E4M3 8_E4M3FN 8_E4M3FNUZ 8_E4M3B11FNUZ 8_E5M2 8_E5M2FNUZ 8_E8M0FNU 4_E2M1FN".split()}
NAMES = {dtype: name for name, dtype in TYPES.items()}
data = open(f"{folder}/inputs", "rb").read()

def like(y, x):
    """y in x's type. JAX's sums of integers are wider than what they add, and its convolutions are floats."""
    return y if y.dtype == x.dtype else y.astype("int64").astype(x.dtype)

def load(type, dims, offset):
    return np.frombuffer(data, TYPES[type], int(np.prod(dims)), offset).reshape(dims)

def result_of(i, x):
    return eval(cases[i][0], dict(jax=jax, jnp=jnp, lax=lax, np=np, like=like, x=x))

def is_refused(i):
    try:
        jax.jit(lambda x: result_of(i, x)).lower(inputs[i])
    except Exception:
        return True
    return False

inputs = [[load(*array) for array in case[2:]] for case in cases]
refused = {i for i in range(len(cases)) if cases[i][1] and is_refused(i)}
compute = lambda all: [np.zeros(0) if i in refused else result_of(i, x) for i, x in enumerate(all)]
with open(f"{folder}/outputs", "wb") as file:
    for i, result in enumerate(map(np.asarray, jax.jit(compute)(inputs))):
        if i in refused:
            print("refused")
            continue
        narrow = {"int2": np.int8, "int4": np.int8, "uint2": np.uint8, "uint4": np.uint8}.get(result.dtype.name)
        file.write((result.astype(narrow) if narrow else result).tobytes())  # without what is above their bits
        print(NAMES[result.dtype], *result.shape)
)";

double tolerance_of(DataType type) {
    switch (type) {
        case DataType::FLOAT64:
        case DataType::COMPLEX128: return 1e-13;
        case DataType::FLOAT32:
        case DataType::COMPLEX64: return 2e-6;
        case DataType::FLOAT16: return 2e-3;
        case DataType::BFLOAT16: return 1.6e-2;
        default: return 0.0;
    }
}

}  // namespace

void Oracle::expect(std::string expression, std::vector<HostArray> inputs, HostArray ours, double tolerance,
                    std::source_location place) {
    if (tolerance < 0) tolerance = tolerance_of(ours.type());
    cases_.push_back({std::move(expression), std::move(inputs), std::move(ours), tolerance, place, false});
}

void Oracle::expect_unless_refused(std::string expression, std::vector<HostArray> inputs, HostArray ours,
                                   double tolerance, std::source_location place) {
    expect(std::move(expression), std::move(inputs), std::move(ours), tolerance, place);
    cases_.back().may_refuse = true;
}

void Oracle::check() const {
    const TemporaryFolder folder;
    nlohmann::json list = nlohmann::json::array();
    std::string bytes;
    for (const auto& one : cases_) {
        nlohmann::json row{one.expression, one.may_refuse};
        for (const auto& input : one.inputs) {
            row.push_back({name(input.type()), input.shape().dims, bytes.size()});
            bytes.append(reinterpret_cast<const char*>(input.data()), input.size_bytes());
        }
        list.push_back(row);
    }
    std::ofstream(folder / "cases.json") << list;
    std::ofstream(folder / "inputs", std::ios::binary) << bytes;
    std::istringstream shapes(run_python(SCRIPT, {folder.path().string()}));
    std::ifstream outputs(folder / "outputs", std::ios::binary);
    for (const auto& one : cases_) {
        std::string line, type;
        std::getline(shapes, line);
        std::istringstream words(line);
        words >> type;
        if (type == "refused") continue;
        Dims dims;
        for (std::int64_t dim = 0; words >> dim;) dims.push_back(dim);
        HostArray theirs(Shape(data_type_named(type).value(), dims));
        outputs.read(reinterpret_cast<char*>(theirs.mutable_data()), static_cast<std::streamsize>(theirs.size_bytes()));
        if (const auto text = difference(one.ours, theirs, one.tolerance); !text.empty())
            ADD_FAILURE_AT(one.place.file_name(), static_cast<int>(one.place.line())) << one.expression << ": " << text;
    }
}

std::string difference(const HostArray& found, const HostArray& expected, double tolerance) {
    if (!(found.shape() == expected.shape()))
        return fmt::format("found {}, expected {}", to_string(found.shape()), to_string(expected.shape()));
    for (std::int64_t i = 0; i < found.count(); ++i) {
        const Complex128 a = found.as_complex(i), b = expected.as_complex(i);
        const auto near = [&](double x, double y) {
            return x == y || (std::isnan(x) && std::isnan(y)) ||
                   std::abs(x - y) <= tolerance * std::max(1.0, std::abs(b));
        };
        if (!near(a.real(), b.real()) || !near(a.imag(), b.imag()))
            return fmt::format("{}: element {} is {} + {}i, expected {} + {}i", to_string(found.shape()), i, a.real(),
                               a.imag(), b.real(), b.imag());
    }
    return "";
}

}  // namespace podium::test

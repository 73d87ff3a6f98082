#include "tests/support/jax.h"

#include <gtest/gtest.h>

#include <cmath>

#include "podium/arrays/safetensors.h"
#include "podium/ir/creation.h"
#include "tests/support/interpreted.h"
#include "tests/support/python.h"
#include "tests/support/temporary_folder.h"

namespace podium::test {

Tensor sample(const Dims& dims, int seed) {
    HostArray array(Shape(DataType::FLOAT64, dims));
    double at = 0.7 + seed;
    for (double& element : array.mutable_span<double>()) element = std::sin(at += 2.3);
    return tensor(array);
}

Tree sampled(Tree tree, int seed) {
    for (Tensor& leaf : tree.leaves()) leaf = sample(leaf.dims(), seed++);
    return tree;
}

BasicTree<HostArray> jax_results(const std::string& script, const Tree& inputs) {
    const TemporaryFolder folder;
    write_safetensors(folder / "given", BasicTree<HostArray>(inputs.paths(), interpreted(inputs.leaves())));
    constexpr auto* PROGRAM = R"(
import os, sys
os.environ['JAX_PLATFORMS'] = 'cpu'
import jax, jax.numpy as jnp, numpy as np, optax
from safetensors.numpy import load_file, save_file
jax.config.update('jax_enable_x64', True)
given, out = load_file(sys.argv[1]), {}
exec(sys.argv[3])
save_file({k: np.array(v, order='C') for k, v in out.items()}, sys.argv[2])
)";
    run_python(PROGRAM, {folder / "given", folder / "out", script});
    return read_safetensors(folder / "out");
}

void expect_near(const HostArray& ours, const HostArray& expected, double tolerance, const std::string& what) {
    ASSERT_EQ(to_string(ours.shape()), to_string(expected.shape())) << what;
    double worst = 0.0;
    for (std::int64_t i = 0; i < ours.count(); ++i) {
        const double difference = std::fabs(ours.as_double(i) - expected.as_double(i));
        ASSERT_FALSE(std::isnan(difference)) << what << ", element " << i;
        worst = std::max(worst, difference);
    }
    EXPECT_LE(worst, tolerance) << what;
}

}  // namespace podium::test

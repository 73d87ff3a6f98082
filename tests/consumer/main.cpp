#include <podium/podium.h>
namespace pd = podium;

int main() {
    const auto slope = pd::jit(pd::grad([](const pd::Tensor& x) { return pd::sum(x * x); }));
    const pd::Tensor result = slope(pd::tensor<float>({1, 2, 3}));
    fmt::print("{} {}\n", pd::to_string(pd::default_device()), result.to_host().as_double(2));
}

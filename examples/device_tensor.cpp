// Tensors and a model on a device: the TPU where there is one, else the CPU.
#include <podium/podium.h>

namespace pd = podium;

int main() {
    const pd::Device tpu(pd::DeviceType::TPU, 0);
    fmt::print("{} is {}\n", pd::to_string(tpu), tpu.is_available() ? "there" : "not there");
    const pd::Device device = tpu.is_available() ? tpu : pd::Device(pd::DeviceType::CPU, 0);

    const pd::Tensor zeros({2, 3}, pd::DataType::FLOAT32, device);
    const pd::Tensor numbers = pd::put(pd::HostArray::of<float>({3, 2}, {1, 2, 3, 4, 5, 6}), device);
    const pd::Tensor result = pd::matmul(zeros + 1.0, numbers);
    fmt::print("{} on {}\n", pd::to_text(result), pd::to_string(device));

    const pd::nn::Sequential network{.layers = {pd::nn::Linear{2, 4}, pd::nn::relu, pd::nn::Linear{4, 2}}};
    const auto model = pd::nn::Model{network, network.init(pd::key(0))}.to(device);
    fmt::print("a model on {} says {}\n", pd::to_string(device), pd::to_text(model(result)));
}

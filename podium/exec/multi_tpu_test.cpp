#include "podium/exec/multi_tpu.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/exec/compile.h"
#include "podium/exec/device_fault.h"
#include "podium/exec/evaluate.h"
#include "podium/ir/ops.h"

namespace podium {
namespace {

TEST(MultiTpu, TakesTheDevicesThereAre) {
    const Mesh mesh = setup_multi_tpu(4);
    EXPECT_EQ(mesh.axis_size("data"), 4);
    EXPECT_EQ(get_tpu_device(), Device(mesh.type(), 0));
    EXPECT_EQ(setup_multi_tpu().size(), 1) << "a CPU is one device where no number is given";
    const auto status = get_tpu_status(mesh);
    ASSERT_EQ(status.size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(status[i].device, Device(mesh.type(), static_cast<int>(i)));
        EXPECT_TRUE(status[i].responds) << status[i].problem;
        EXPECT_GT(status[i].memory.limit_bytes, 0);
    }
}

TEST(MultiTpu, WaitsAndForgetsPrograms) {
    const Mesh mesh = setup_multi_tpu(2);
    const Tensor x = put(HostArray::scalar(2.0F), Device(mesh.type(), 1));
    const Tensor y = x * x;
    eval(y);
    synchronize_tpu(mesh);
    const auto before = compile_stats().compiled;
    cleanup_multi_tpu(mesh);
    synchronize_tpu(mesh);
    EXPECT_GT(compile_stats().compiled, before) << "the programs were compiled anew";
    EXPECT_EQ(y.item<float>(), 4);
}

TEST(MultiTpu, ADeviceThatFailsSaysWhy) {
    const Mesh mesh = setup_multi_tpu(1);
    set_device_fault_hook([](DeviceOperation at, std::string_view) {
        return DeviceFault{.code = at == DeviceOperation::EXECUTE ? Code::UNAVAILABLE : Code::OK};
    });
    const auto status = get_tpu_status(mesh);
    set_device_fault_hook({});
    ASSERT_EQ(status.size(), 1U);
    EXPECT_FALSE(status[0].responds);
    EXPECT_NE(status[0].problem.find("injected fault"), std::string::npos) << status[0].problem;
}

}  // namespace
}  // namespace podium

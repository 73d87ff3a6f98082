#include "podium/exec/device_fault.h"

#include <gtest/gtest.h>

#include <cmath>

#include "podium/exec/jit.h"
#include "tests/support/error_of.h"

namespace podium {
namespace {

struct DeviceFaultTest : testing::Test {
    ~DeviceFaultTest() override { set_device_fault_hook({}); }
};
using DeviceFaults = DeviceFaultTest;

auto doubling(const char* name) {
    return jit([](const Tensor& x) { return x + x; }, {.name = name});
}

TEST_F(DeviceFaults, TheNthRunOfTheNamedProgramFails) {
    set_device_fault_hook(parse_device_fault("OUT_OF_MEMORY:EXECUTE:doubling:2"));
    const auto f = doubling("doubling"), other = doubling("other");
    const Tensor one = tensor(HostArray::scalar(1.0F));
    EXPECT_EQ(f(one).item<float>(), 2);
    EXPECT_EQ(other(one).item<float>(), 2);
    EXPECT_EQ(test::error_of([&] { f(one); }).code(), Code::OUT_OF_MEMORY);
    EXPECT_EQ(f(one).item<float>(), 2);
}

TEST_F(DeviceFaults, EachCompilationFromTheNthOnFails) {
    set_device_fault_hook(parse_device_fault("COMPILE_FAILED:COMPILE:fresh:1+"));
    const auto f = doubling("fresh");
    const Tensor one = tensor(HostArray::scalar(1.0F));
    for (int i = 0; i < 2; ++i) EXPECT_EQ(test::error_of([&] { f(one); }).code(), Code::COMPILE_FAILED);
    set_device_fault_hook({});
    EXPECT_EQ(f(one).item<float>(), 2);
}

TEST_F(DeviceFaults, ResultsBecomeNaN) {
    set_device_fault_hook(parse_device_fault("NAN:EXECUTE:doubling:1"));
    EXPECT_TRUE(std::isnan(doubling("doubling")(tensor(HostArray::scalar(1.0F))).item<float>()));
}

TEST_F(DeviceFaults, OtherTextsAreRefused) {
    for (const char* text :
         {"", "NAN", "NAN:EXECUTE:a", "NAN:EXECUTE:a:0", "NAN:RUN:a:1", "BAD:EXECUTE:a:1", "NAN:EXECUTE:a:1x"})
        EXPECT_EQ(test::error_of([&] { parse_device_fault(text); }).code(), Code::INVALID_ARGUMENT) << text;
}

}  // namespace
}  // namespace podium

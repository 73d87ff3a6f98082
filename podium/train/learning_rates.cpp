#include "podium/train/learning_rates.h"

#include "podium/exec/backends.h"

namespace podium::train {

double LearningRates::at(std::int64_t step) const {
    if (const auto constant = schedule_.constant()) return *constant;
    const DeviceScope on_the_host(Device("interp"));
    const std::int64_t updates = (step - 1) / accumulate_;
    return schedule_(scalar_of(DataType::INT32, updates), DataType::FLOAT64).item<double>();
}

}  // namespace podium::train

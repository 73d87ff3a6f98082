#include "podium/nn/initializers.h"

#include <cmath>

namespace podium::nn {
namespace {

struct Fans {
    double in = 0, out = 0;
};

Fans fans(const Dims& dims) {
    if (dims.size() < 2)
        fail(Code::SHAPE_MISMATCH, "initializer: needs dimensions (in, out), got [{}]; use normal(…) for it",
             join(dims));
    double window = 1;
    for (std::size_t i = 0; i + 2 < dims.size(); ++i) window *= static_cast<double>(dims[i]);
    return {window * static_cast<double>(dims[dims.size() - 2]), window * static_cast<double>(dims.back())};
}

double xavier(const Fans& fans) { return 2.0 / (fans.in + fans.out); }
double kaiming(const Fans& fans) { return 2.0 / fans.in; }

Initializer uniform_of(double (*variance)(const Fans&)) {
    return [variance](const Key& key, const Dims& dims, DataType type) {
        const double limit = std::sqrt(3.0 * variance(fans(dims)));
        return uniform(key, dims, -limit, limit, type);
    };
}

Initializer normal_of(double (*variance)(const Fans&)) {
    return [variance](const Key& key, const Dims& dims, DataType type) {
        return podium::normal(key, dims, type) * std::sqrt(variance(fans(dims)));
    };
}

}  // namespace

Initializer normal(double standard_deviation) {
    return [=](const Key& key, const Dims& dims, DataType type) {
        return podium::normal(key, dims, type) * standard_deviation;
    };
}

Initializer truncated_normal(double standard_deviation) {
    return [=](const Key& key, const Dims& dims, DataType type) {
        return podium::truncated_normal(key, dims, -2.0, 2.0, type) * standard_deviation;
    };
}

Initializer xavier_uniform() { return uniform_of(xavier); }
Initializer xavier_normal() { return normal_of(xavier); }
Initializer kaiming_uniform() { return uniform_of(kaiming); }
Initializer kaiming_normal() { return normal_of(kaiming); }

}  // namespace podium::nn

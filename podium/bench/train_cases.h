#pragma once

#include "podium/bench/bench.h"

namespace podium::bench {

Measurement gpt_step(const Options& options);
Measurement gpt_step_bf16(const Options& options);
Measurement mlp_step(const Options& options);
Measurement cnn_step(const Options& options);
Measurement adam_33m(const Options& options);
Measurement dp8_gpt_step_auto(const Options& options);
Measurement time_to_first_step(const Options& options);

}  // namespace podium::bench

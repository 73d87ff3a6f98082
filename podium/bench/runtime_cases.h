#pragma once

#include "podium/bench/bench.h"

namespace podium::bench {

Measurement dispatch_scalar_ready(const Options& options);
Measurement dispatch_leaves(const Options& options);
Measurement allreduce8(const Options& options);
Measurement trainer_overhead(const Options& options);
Measurement logging_overhead(const Options& options);
Measurement checkpoint_save(const Options& options);
Measurement checkpoint_restore(const Options& options);
Measurement checkpoint_blocked(const Options& options);
Measurement graph_build(const Options& options);

/// Returns milliseconds since this process was started.
double milliseconds_since_exec();

}  // namespace podium::bench

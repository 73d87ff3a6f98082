#pragma once

#include "podium/bench/bench.h"

namespace podium::bench {

/// Times what each optimizer's printed loop does to 33.5 million f32 parameters. Under `extra`, `copy_gbps` is STREAM's
/// copy in the same process, and `of_copy` the bytes a second that each loop reads and writes, as a share of it.
Measurement optimizer_loops(const Options& options);

}  // namespace podium::bench

#pragma once

#include <memory>

#include "podium/runtime/backend.h"

namespace podium {

/// Returns the backend that runs whole programs by the rows' reference evaluations, on `devices` pretended devices: a
/// mesh changes nothing but where buffers say they lie. For tests, and where no plugin is found; never for speed.
std::shared_ptr<Backend> make_interp_backend(int devices = 1);

}  // namespace podium

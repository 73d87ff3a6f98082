#pragma once

// Functions of functions.
#include "podium/transform/custom.h"
#include "podium/transform/forward.h"
#include "podium/transform/jacobian.h"
#include "podium/transform/loops.h"
#include "podium/transform/reverse.h"
#include "podium/transform/vmap.h"
#include "podium/transform/weight_products.h"

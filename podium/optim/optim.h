#pragma once

// Everything in podium::optim.
#include "podium/optim/adamw.h"
#include "podium/optim/clipping.h"
#include "podium/optim/multi_steps.h"
#include "podium/optim/optimizers.h"
#include "podium/optim/sgd.h"

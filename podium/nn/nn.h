#pragma once

// Every layer, loss and initializer.
#include "podium/nn/activations.h"
#include "podium/nn/convolution.h"
#include "podium/nn/float8.h"
#include "podium/nn/initializers.h"
#include "podium/nn/layers.h"
#include "podium/nn/losses.h"
#include "podium/nn/module.h"
#include "podium/nn/normalization.h"
#include "podium/nn/padding.h"
#include "podium/nn/pooling.h"
#include "podium/nn/precision.h"
#include "podium/nn/quantization.h"
#include "podium/nn/recurrent.h"
#include "podium/nn/transformer.h"

#pragma once

/// podium: models on TPU pods, GPUs and CPUs from C++20. Write `namespace pd = podium;`.

#include "podium/arrays/dlpack.h"
#include "podium/arrays/npy.h"
#include "podium/arrays/safetensors.h"
#include "podium/checkpoint/checkpoint.h"
#include "podium/data/text.h"
#include "podium/exec/backends.h"
#include "podium/exec/bucketing.h"
#include "podium/exec/evaluate.h"
#include "podium/exec/jit.h"
#include "podium/exec/memory_manager.h"
#include "podium/exec/multi_tpu.h"
#include "podium/models/gpt.h"
#include "podium/models/mlp.h"
#include "podium/models/resnet.h"
#include "podium/nn/nn.h"
#include "podium/numeric/numeric.h"
#include "podium/onnx/export.h"
#include "podium/onnx/model.h"
#include "podium/optim/optim.h"
#include "podium/transform/transform.h"

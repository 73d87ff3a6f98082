#pragma once

// What users of NumPy's and jax.numpy's libraries look for, made of rows.
#include "podium/numeric/arrangement.h"
#include "podium/numeric/counting.h"
#include "podium/numeric/distributions.h"
#include "podium/numeric/einsum.h"
#include "podium/numeric/fourier.h"
#include "podium/numeric/interpolation.h"
#include "podium/numeric/linalg.h"
#include "podium/numeric/padding.h"
#include "podium/numeric/rejection.h"
#include "podium/numeric/selection.h"
#include "podium/numeric/signal.h"
#include "podium/numeric/sparse.h"
#include "podium/numeric/statistics.h"
#include "podium/transform/transform.h"

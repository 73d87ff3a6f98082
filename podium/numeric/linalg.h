#pragma once

// The linear-algebra library. Everything is composed of rows, so that it runs wherever they do.
#include "podium/numeric/linalg_factor.h"
#include "podium/numeric/linalg_norm.h"
#include "podium/numeric/linalg_products.h"
#include "podium/numeric/linalg_solve.h"
#include "podium/numeric/linalg_spectral.h"

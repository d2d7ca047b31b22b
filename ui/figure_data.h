// SPDX-License-Identifier: GPL-3.0-or-later
// From a finished run to the numbers of its picture.
#pragma once
#include "core/api/session.h"
#include "widgets/comparison_figure.h"

namespace mprdo {

/// Bits and sensitivity per layer, the predicted front with the measured points, the accuracy of the methods. What the
/// report lacks (a run with --allocation has no front) stays empty.
widgets::ComparisonFigureData figureData(const RunReport&);

/// 95 % half-width of a drop measured on the same images as FP32, in points. The images whose prediction changed bound
/// those whose correctness did, so the interval errs on the wide side.
double dropHalfWidth(const MethodRow&);

} // namespace mprdo

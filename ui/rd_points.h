// SPDX-License-Identifier: GPL-3.0-or-later
// What the rate-distortion chart draws of a session, on given axes.
#pragma once
#include "ui/rd_scale.h"

namespace mprdo {

/// Uniform widths, ascending in size; predicted where y is a distortion. As all that is measured, at their entropy-coded
/// size too where the scale shows both.
QList<widgets::RdPoint> uniformPoints(const SessionModel&, const RdScale&);

/// Every run of the session, in its order. Those that another run or a uniform width is no worse and no larger than are
/// pale; those of another context are grey and say why.
QList<widgets::RdPoint> runPoints(const SessionModel&, const RdScale&);

/// "Not distinguishable from FP32", in points around no drop: half the paired 95 % interval of a network that is as good as
/// FP32 and disagrees with it about as many images as the best run does (the one that loses least; of the uniform widths
/// before there is a run). What lies inside may as well be chance. Nothing where answers were not kept.
std::optional<double> noiseHalfWidth(const SessionModel&, const PairedDrops&);

/// The front as predicted for one kind of rounding, ascending in x; empty where the axes cannot have it.
/// \param band  with the prediction's range \param index  receives the front's point of each corner; may be null
QList<widgets::RdFrontPoint> frontPoints(const FrontView&, const RdScale&, Rounding, bool band, QVector<std::size_t>* index);

/// The front's allocations counted the other way, without those that cost more there and give less; empty where that is not
/// known. No front of its own: what is best at fixed length may be another allocation.
QList<widgets::RdFrontPoint> otherFrontPoints(const FrontView&, const RdScale&, Rounding);

/// "nearest rounding", "optimised".
QString roundingText(Rounding);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers as the window writes them.
#pragma once
#include "core/api/snapshots.h"
#include <QString>
#include <string>

namespace mprdo {

inline QString fromStd(const std::string& text) { return QString::fromStdString(text); }
inline QString fromStd(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

QString bitsText(double averageBits);     ///< "4.19"
QString percentText(double percent);      ///< "81.23 %"
QString pointsText(double points);        ///< "+0.31" or "-0.05": drop in points, signed
QString factorText(double factor);        ///< "7.6x"
QString durationText(double seconds);     ///< "12.3 s", "4:05"
QString countText(std::int64_t count);    ///< with group separators
QString distortionText(double distortion); ///< three significant digits; "-" for NaN
QString layerBitsText(Bits bits);         ///< "4", "FP32"

} // namespace mprdo

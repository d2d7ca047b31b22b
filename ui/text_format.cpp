// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/text_format.h"
#include <QLocale>
#include <cmath>

namespace mprdo {

QString bitsText(double averageBits) { return QString::number(averageBits, 'f', 2); }

QString percentText(double percent) { return QStringLiteral("%1 %").arg(percent, 0, 'f', 2); }

QString pointsText(double points)
{
    const double rounded = std::round(points * 100) / 100;
    return (rounded > 0 ? QStringLiteral("+") : QString()) + QString::number(rounded == 0 ? 0.0 : rounded, 'f', 2);
}

QString factorText(double factor) { return QStringLiteral("%1x").arg(factor, 0, 'f', factor < 10 ? 2 : 1); }

QString durationText(double seconds)
{
    if (seconds < 60)
        return QStringLiteral("%1 s").arg(seconds, 0, 'f', 1);
    const auto whole = std::int64_t(std::llround(seconds));
    return QStringLiteral("%1:%2").arg(whole / 60).arg(whole % 60, 2, 10, QLatin1Char('0'));
}

QString countText(std::int64_t count)
{
    return QLocale(QLocale::English).toString(qlonglong(count));
}

QString distortionText(double distortion)
{
    return std::isfinite(distortion) ? QString::number(distortion, 'g', 3) : std::isinf(distortion) ? QObject::tr("not finite") : QStringLiteral("-");
}

QString layerBitsText(Bits bits) { return bits == kKeepFp32 ? QStringLiteral("FP32") : QString::number(bits); }

} // namespace mprdo

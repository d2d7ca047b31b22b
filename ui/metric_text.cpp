// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/metric_text.h"
#include <QCoreApplication>

namespace mprdo {

namespace {
QString text(const char* source) { return QCoreApplication::translate("Metric", source); }
} // namespace

QString metricText(Metric metric)
{
    switch (metric) {
    case Metric::Kl: return text("KL divergence");
    case Metric::Loss: return text("Loss increase");
    case Metric::Sqnr: return text("Noise / signal");
    case Metric::Hessian: return text("Hessian trace");
    case Metric::Fisher: return text("Fisher");
    }
    return {};
}

QString metricUnit(Metric metric)
{
    return metric == Metric::Kl || metric == Metric::Loss ? text("nats") : QString();
}

} // namespace mprdo

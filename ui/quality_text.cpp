// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/quality_text.h"
#include <QCoreApplication>

namespace mprdo {

namespace {
QString text(const char* source) { return QCoreApplication::translate("Quality", source); }
} // namespace

QString qualityText(bool labelled) { return labelled ? text("Accuracy") : text("Agreement"); }

QString qualityDropText(bool labelled) { return labelled ? text("Accuracy drop") : text("Agreement lost"); }

QString qualityInSentence(bool labelled) { return labelled ? text("accuracy") : text("agreement with FP32"); }

} // namespace mprdo

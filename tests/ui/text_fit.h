// SPDX-License-Identifier: GPL-3.0-or-later
// Which texts of a window do not fit where they stand.
#pragma once
#include <QStringList>

class QWidget;

namespace mprdo::test {

/// One line for each text that is wider or higher than its place: labels, buttons, tabs, titles, header sections,
/// boxes, visible cells (a cut cell needs a tool tip with the whole text), charts (no two texts on one another). Text
/// that scrolls (editors, paths being typed) is free. Empty = all is well.
QStringList textFaults(const QWidget& shown);

} // namespace mprdo::test

// SPDX-License-Identifier: GPL-3.0-or-later
// The allocation being edited, as the session keeps it and as JSON of bits is pasted, saved and opened.
#pragma once
#include "ui/what_if_model.h"

namespace mprdo {

/// Widths and states of all layers, set of widths, metric and budget: JSON for SessionModel's note "document".
QString documentText(const AllocationDocument&, const WhatIfModel&);
/// Back into a document that was just reset; not a step of the history. Layers it does not name stay. False: no such text.
bool restoreDocument(const QString& text, AllocationDocument&, WhatIfModel&);

/// {"layer": bits, ...}, ready for --allocation.
QString bitsJson(const AllocationDocument&);
QString bitsJson(const QStringList& names, const Allocation&);
struct BitsFromJson {
    Allocation allocation;  ///< 0 where the text says nothing of a layer
    QStringList unmatched;  ///< names and patterns that match no layer
    QString error;          ///< one sentence; empty: read
};
/// {"layer or pattern": bits} or an own quant_export.json.
BitsFromJson bitsFromJson(const QByteArray& text, const AllocationDocument&);

} // namespace mprdo

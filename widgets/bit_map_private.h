// SPDX-License-Identifier: GPL-3.0-or-later
// State of the bit map, shared by its painting and its events.
#pragma once
#include "widgets/bit_map.h"
#include "widgets/layer_axis.h"
#include <QPointer>

namespace mprdo::widgets {

struct BitMap::Private {
    BitMap* q = nullptr;
    QPointer<LayerAxis> axis;
    QList<int> widths;              // ascending
    QList<int> stored;              // per row, empty = as the widths
    QList<int> bits;                // per layer, 0 = unknown
    QList<LayerState> states;
    QList<int> solver, ghost;
    QList<qint64> weights;
    QList<QList<double>> distortion;
    QList<int> selection;           // layers
    bool labels = false, editable = true, measured = false;
    Theme theme;
    std::optional<Theme> fixedTheme;
    bool exporting = false;
    QSize exportSize;

    // The gesture under way. paint = width being painted; keyHeld = the key that keeps a gesture open.
    int paint = 0;
    int pressColumn = -1, lastColumn = -1, anchorColumn = -1;
    bool leftPressColumn = false;
    int keyHeld = 0;
    QList<int> refusedLocks;

    // bit_map.cpp
    QSize size() const { return exporting ? exportSize : q->size(); }
    int strip() const { return size().width(); }
    QFont font(double factor = 1) const;
    double stateHeight() const;
    double shareHeight() const { return weights.isEmpty() ? 0 : 26; }
    double labelHeight() const;
    QRectF rowsArea() const;
    int rowOf(int width) const { return int(widths.indexOf(width)); }
    int rowAt(double y) const;
    int storedOf(int row) const { return row >= 0 && row < stored.size() ? stored[row] : widths.value(row); }
    int bitsOf(int layer) const { return layer >= 0 && layer < bits.size() ? bits[layer] : 0; }
    LayerState stateOf(int layer) const
    {
        return layer >= 0 && layer < states.size() ? states[layer] : LayerState::Automatic;
    }
    void visible(int* first, int* last) const;

    // bit_map_paint.cpp
    void paintAll(QPainter& painter) const;
    void paintRowLabels(QPainter& painter) const;
    void paintColumn(QPainter& painter, int column) const;
    void paintState(QPainter& painter, int column, const QRectF& cell) const;
    void paintShares(QPainter& painter) const;
    void paintSelection(QPainter& painter) const;
    QColor emptyCellColor(int layer, int row, double lowest, double highest) const;

    // bit_map_events.cpp
    void request(const QList<int>& columns, int width);
    void requestLayers(const QList<int>& layers, int width);
    void step(int direction);
    void moveSelection(int direction, bool extend);
    void select(const QList<int>& layers, bool tell = true);
    void endStroke();
};

} // namespace mprdo::widgets

// SPDX-License-Identifier: GPL-3.0-or-later
// The editable map of widths: a column per layer, a row per width.
#pragma once
#include "widgets/table_source.h"
#include "widgets/theme.h"
#include <QImage>
#include <QWidget>
#include <memory>
#include <optional>

namespace mprdo::widgets {
class LayerAxis;

enum class LayerState { Automatic, Manual, Locked };

/// Columns are skylines: cells up to the chosen width carry that width's colour. The widget changes nothing by itself:
/// it asks (widthRequested, ...) and shows what setAllocation()/setLayer() then say. Layers it names are network indices.
/// Mouse: click sets, drag paints, Shift+click extends the selection's stroke from the last clicked column, Ctrl+click toggles
/// the selection. Keys: 2-8 and 0 (FP; F too) set the selection, arrows move, Shift+arrows extend, L locks, Delete = automatic,
/// Up and Down give the next width of the set, Ctrl+A selects all, Escape clears the selection. Locked layers are left out of every request for a width.
/// To a screen reader: a row per width, a column per layer; the chosen cell of a column tells its state.
class BitMap : public QWidget, public TableSource {
    Q_OBJECT
public:
    explicit BitMap(LayerAxis* axis, QWidget* parent = nullptr);
    ~BitMap() override;

    /// Rows, any order; kFloatBits adds the FP row on top.
    void setWidths(const QList<int>& widths);
    QList<int> widths() const;          ///< as drawn, ascending
    /// Width that each row of widths() is stored with; a row where it is another one is marked. Empty = all as they are.
    void setStoredWidths(const QList<int>& stored);
    void setAllocation(const QList<int>& bits, const QList<LayerState>& states);
    void setLayer(int layer, int bits, LayerState state);
    int bits(int layer) const;          ///< 0 = unknown
    LayerState state(int layer) const;
    /// The solver's own choice, outlined where it differs; empty = none.
    void setSolverChoice(const QList<int>& bits);
    /// Another allocation shown as a ghost (hover on the curve); empty = none.
    void setGhost(const QList<int>& bits);
    /// Number of weights (or bytes) per layer for the strip below; empty = no strip.
    void setWeights(const QList<qint64>& weights);
    /// distortion[layer][row of widths()], shades unchosen cells in greys; empty = off.
    void setDistortion(const QList<QList<double>>& values);
    void setSelection(const QList<int>& layers);
    QList<int> selection() const;
    /// Layer names below; off where another strip shows them. Default off.
    void setLabelsVisible(bool on);
    /// Whether a run has measured this very allocation; only told to screen readers. Default off.
    void setMeasured(bool on);
    /// Off while a run forbids editing: requests are not emitted.
    void setEditable(bool on);
    void setTheme(const std::optional<Theme>& theme);   ///< nullopt follows the palette

    QRectF cellRect(int column, int row) const;         ///< row 0 = lowest width; empty outside
    double columnCentre(int column) const;
    /// Draws at the given size with the light theme, without focus, hover and selection marks.
    QImage image(QSize size, double scale = 1);
    QString layerText(int layer) const;                 ///< "layer3.0.conv2: 4 bits, manual, 36,864 weights (13.5 %)"
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

    ChartTable chartTable() const override;
    QString cellSentence(const ChartTable& table, int row, int column) const override;
    QRect cellArea(int row, int column) const override;
    std::optional<QPoint> currentCell() const override;
    QList<int> selectedColumns() const override;
    bool selectColumns(const QList<int>& columns) override;

Q_SIGNALS:
    void strokeStarted();
    void widthRequested(const QList<int>& layers, int bits);
    void strokeFinished();              ///< end of one gesture: one undo step
    void lockToggled(const QList<int>& layers);
    void automaticRequested(const QList<int>& layers);
    void selectionChanged(const QList<int>& layers);
    void layerActivated(int layer);     ///< double click or Return: open it in the inspector
    void refused(const QString& reason); ///< for the status line: a width outside the set, a locked layer

protected:
    void paintEvent(QPaintEvent*) override;
    void mousePressEvent(QMouseEvent*) override;
    void mouseMoveEvent(QMouseEvent*) override;
    void mouseReleaseEvent(QMouseEvent*) override;
    void mouseDoubleClickEvent(QMouseEvent*) override;
    void keyPressEvent(QKeyEvent*) override;
    void keyReleaseEvent(QKeyEvent*) override;
    void wheelEvent(QWheelEvent*) override;
    void leaveEvent(QEvent*) override;
    void focusInEvent(QFocusEvent*) override;
    void focusOutEvent(QFocusEvent*) override;
    void changeEvent(QEvent*) override;
    bool event(QEvent*) override;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace mprdo::widgets

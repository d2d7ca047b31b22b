// SPDX-License-Identifier: GPL-3.0-or-later
// Base of all charts: the only class that owns a QCustomPlot.
#pragma once
#include "widgets/table_source.h"
#include "widgets/theme.h"
#include <QImage>
#include <QWidget>
#include <optional>

class QCustomPlot;
class QCPPainter;
class QPaintDevice;
class QPainter;

namespace mprdo::widgets {

/// Replots are queued and never happen while hidden; colours follow the palette unless setTheme() fixed them.
/// Context menu: copy as image, copy data, save as PNG, SVG, PDF or CSV. Exports use the light theme and hold vectors.
/// A frame shows the keyboard's focus. To a screen reader the chart is the table that its CSV is.
class PlotView : public QWidget, public TableSource {
    Q_OBJECT
public:
    ~PlotView() override;

    const Theme& theme() const { return m_theme; }
    /// Fixes the theme; nullopt follows the palette again.
    void setTheme(const std::optional<Theme>& theme);
    /// Text shown in the middle while there is nothing to draw; empty = none.
    void setEmptyText(const QString& text);

    /// Draws at the given size with the light theme, scale device pixels per unit.
    QImage image(QSize size, double scale = 1);
    bool savePng(const QString& path, QSize size, double scale = 2);
    bool saveSvg(const QString& path, QSize size);
    bool savePdf(const QString& path, QSize size);
    /// The values drawn, one line each, header first.
    virtual QString csv() const = 0;
    ChartTable chartTable() const override;
    bool saveCsv(const QString& path) const;
    /// Where text stands when drawn at that size; for layout checks.
    QList<QRectF> textRects(QSize size);

    int replotCount() const { return m_replots; }
    virtual QString dataName() const = 0;   ///< file name offered when saving, without suffix
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

public Q_SLOTS:
    void copyImage();
    void copyData();
    void saveAs(); ///< asks for a file; its suffix decides the format

Q_SIGNALS:
    void saveFailed(const QString& reason);

protected:
    explicit PlotView(QWidget* parent);
    QCustomPlot* plot() const { return m_plot; }
    /// Asks for one replot once control returns to the event loop.
    void queueReplot();
    /// True while drawing for a file: hover and selection marks are left out.
    bool isExporting() const { return m_exporting; }
    /// Redraws what hovering shows, without the rest of the chart.
    void redrawOverlay();
    /// Font of charts in pixels, so that exports look alike whatever their resolution.
    QFont chartFont(double factor = 1) const;
    /// Everything that depends on the theme; called before the first drawing and after each change.
    virtual void applyTheme(const Theme& theme);
    /// Everything that depends on the chart's size; called before each drawing.
    virtual void layoutFor(QSize size);
    virtual bool isEmpty() const = 0;
    /// So many of the first fields of a CSV line say what the line is about.
    virtual int headerColumns() const { return 1; }

    void resizeEvent(QResizeEvent*) override;
    void showEvent(QShowEvent*) override;
    void changeEvent(QEvent*) override;
    void contextMenuEvent(QContextMenuEvent*) override;
    bool eventFilter(QObject* watched, QEvent* event) override; ///< the canvas' events

private:
    bool drawOn(QPaintDevice& device, QSize size, double scale);
    void useTheme(const Theme& theme);
    void followScreen();
    void paintOverlay(QPainter& painter) const;

    QCustomPlot* m_plot;
    Theme m_theme;
    std::optional<Theme> m_fixedTheme;
    QString m_emptyText;
    int m_replots = 0;
    bool m_stale = true;
    bool m_exporting = false;
};

} // namespace mprdo::widgets

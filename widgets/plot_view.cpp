// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plot_view.h"
#include "widgets/plot_canvas.h"
#include "widgets/strip_paint.h"
#include "widgets/text_probe.h"
#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QFileDialog>
#include <QFontInfo>
#include <QMenu>
#include <QMimeData>
#include <QPdfWriter>
#include <QSaveFile>
#include <QScopedValueRollback>
#include <QSvgGenerator>
#include <QWindow>
#include <qcustomplot.h>

namespace mprdo::widgets {
namespace {
constexpr int kLargestImage = 20000; // pixels per side; beyond, memory would not be bounded
}

PlotView::PlotView(QWidget* parent)
    : QWidget(parent), TableSource(this), m_plot(new QCustomPlot(this)), m_theme(Theme::fromPalette(palette()))
{
    setFocusPolicy(Qt::StrongFocus);
    setFocusProxy(m_plot);
    m_plot->setFocusPolicy(Qt::StrongFocus);
    m_plot->setContextMenuPolicy(Qt::NoContextMenu); // events come up to this widget
    m_plot->setPlottingHint(QCP::phImmediateRefresh, false);
    m_plot->setNoAntialiasingOnDrag(false);
    m_plot->setLocale(QLocale(QLocale::English));
    m_plot->axisRect()->setMinimumSize(1, 1);
    m_plot->addLayer(QStringLiteral("data"), m_plot->layer(QStringLiteral("axes")));
    m_plot->addLayer(QStringLiteral("hover"), m_plot->layer(QStringLiteral("data")));
    m_plot->layer(QStringLiteral("hover"))->setMode(QCPLayer::lmBuffered);
    m_plot->installEventFilter(this);
    addCanvas(m_plot, QStringLiteral("hover"), [this](QPainter& painter) { paintOverlay(painter); });
    connect(m_plot, &QCustomPlot::beforeReplot, this, [this] { layoutFor(m_plot->viewport().size()); });
    connect(m_plot, &QCustomPlot::afterReplot, this, [this] { ++m_replots; });
}

PlotView::~PlotView() = default;

void PlotView::paintOverlay(QPainter& painter) const
{
    if (!m_emptyText.isEmpty() && isEmpty()) {
        painter.setFont(chartFont());
        const QRectF room = QRectF(m_plot->axisRect()->rect()).adjusted(8, 8, -8, -8);
        const int flags = Qt::AlignCenter | Qt::TextWordWrap;
        painter.fillRect(painter.boundingRect(room, flags, m_emptyText).adjusted(-4, -2, 4, 2), m_theme.surface); // over the grid
        painter.setPen(m_theme.mutedText);
        painter.drawText(room, flags, m_emptyText);
    }
    if (!m_exporting && m_plot->hasFocus())
        paintFocusFrame(painter, m_plot->viewport(), m_theme);
}

bool PlotView::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_plot && (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut))
        redrawOverlay();
    return QWidget::eventFilter(watched, event);
}

ChartTable PlotView::chartTable() const
{
    return ChartTable::fromCsv(csv(), headerColumns());
}

void PlotView::setTheme(const std::optional<Theme>& theme)
{
    m_fixedTheme = theme;
    useTheme(theme.value_or(Theme::fromPalette(palette())));
    queueReplot();
}

void PlotView::setEmptyText(const QString& text)
{
    m_emptyText = text;
    queueReplot();
}

void PlotView::useTheme(const Theme& theme)
{
    m_theme = theme;
    applyTheme(theme);
}

QFont PlotView::chartFont(double factor) const
{
    QFont out = font();
    out.setPixelSize(std::max(7, int(std::lround(QFontInfo(font()).pixelSize() * 0.92 * factor))));
    return out;
}

void PlotView::applyTheme(const Theme& theme)
{
    m_plot->setBackground(QBrush(theme.surface));
    const auto axes = m_plot->axisRect()->axes();
    for (QCPAxis* axis : axes) {
        axis->setBasePen(QPen(theme.axis, 1));
        axis->setTickPen(QPen(theme.axis, 1));
        axis->setSubTickPen(Qt::NoPen);
        axis->setTickLabelColor(theme.mutedText);
        axis->setLabelColor(theme.mutedText);
        axis->setTickLabelFont(chartFont());
        axis->setLabelFont(chartFont());
        axis->grid()->setPen(QPen(theme.grid, 1));
        axis->grid()->setZeroLinePen(QPen(theme.grid, 1));
        axis->grid()->setSubGridVisible(false);
    }
}

void PlotView::layoutFor(QSize) {}

void PlotView::queueReplot()
{
    if (m_exporting)
        return;
    tableChanged();
    if (isVisible())
        m_plot->replot(QCustomPlot::rpQueuedReplot);
    else
        m_stale = true;
}

void PlotView::redrawOverlay()
{
    if (isVisible() && !m_exporting)
        m_plot->layer(QStringLiteral("hover"))->replot();
}

bool PlotView::drawOn(QPaintDevice& device, QSize size, double scale)
{
    const Theme before = m_theme;
    const QScopedValueRollback exporting(m_exporting, true);
    useTheme(Theme::lightTheme());
    layoutFor(size);
    bool ok = false;
    QCPPainter painter;
    if (painter.begin(&device)) {
        painter.setMode(QCPPainter::pmVectorized); // text as text, no half-pixel shifts
        painter.setMode(QCPPainter::pmNoCaching);
        painter.scale(scale, scale);
        m_plot->toPainter(&painter, size.width(), size.height());
        ok = painter.end();
    }
    useTheme(before);
    layoutFor(m_plot->viewport().size());
    // toPainter() leaves the layout of the picture behind, and the mouse would be looked for there.
    for (const auto phase : {QCPLayoutElement::upPreparation, QCPLayoutElement::upMargins, QCPLayoutElement::upLayout})
        m_plot->plotLayout()->update(phase);
    return ok;
}

QImage PlotView::image(QSize size, double scale)
{
    const QSize pixels = (QSizeF(size) * scale).toSize();
    if (pixels.isEmpty() || pixels.width() > kLargestImage || pixels.height() > kLargestImage)
        return {};
    QImage out(pixels, QImage::Format_ARGB32_Premultiplied);
    out.fill(Theme::lightTheme().surface);
    return drawOn(out, size, scale) ? out : QImage();
}

bool PlotView::savePng(const QString& path, QSize size, double scale)
{
    const QImage picture = image(size, scale);
    QSaveFile file(path);
    return !picture.isNull() && file.open(QIODevice::WriteOnly) && picture.save(&file, "PNG") && file.commit();
}

bool PlotView::saveSvg(const QString& path, QSize size)
{
    QSaveFile file(path);
    if (size.isEmpty() || !file.open(QIODevice::WriteOnly))
        return false;
    QSvgGenerator generator;
    generator.setOutputDevice(&file);
    generator.setSize(size);
    generator.setViewBox(QRect(QPoint(0, 0), size));
    generator.setResolution(96);
    generator.setTitle(dataName());
    return drawOn(generator, size, 1) && file.commit();
}

bool PlotView::savePdf(const QString& path, QSize size)
{
    QSaveFile file(path);
    if (size.isEmpty() || !file.open(QIODevice::WriteOnly))
        return false;
    bool drawn = false;
    {
        QPdfWriter writer(&file);
        writer.setResolution(96);
        writer.setPageSize(QPageSize(QSizeF(size) * 72.0 / 96.0, QPageSize::Point, QString(), QPageSize::ExactMatch));
        writer.setPageMargins(QMarginsF());
        writer.setTitle(dataName());
        drawn = drawOn(writer, size, 1);
    }
    return drawn && file.commit();
}

bool PlotView::saveCsv(const QString& path) const
{
    QSaveFile file(path);
    const QByteArray text = csv().toUtf8();
    return file.open(QIODevice::WriteOnly) && file.write(text) == text.size() && file.commit();
}

QList<QRectF> PlotView::textRects(QSize size)
{
    TextProbe probe(size);
    drawOn(probe, size, 1);
    return probe.rects();
}

void PlotView::copyImage()
{
    QApplication::clipboard()->setImage(image(size(), 2));
}

void PlotView::copyData()
{
    auto* data = new QMimeData;
    data->setText(csv());
    data->setData(QStringLiteral("text/csv"), csv().toUtf8());
    QApplication::clipboard()->setMimeData(data);
}

void PlotView::saveAs()
{
    const QString path = QFileDialog::getSaveFileName(
        this, tr("Save chart"), dataName() + QStringLiteral(".png"),
        tr("PNG image (*.png);;SVG drawing (*.svg);;PDF document (*.pdf);;CSV data (*.csv)"));
    if (path.isEmpty())
        return;
    const QString suffix = path.section(QLatin1Char('.'), -1).toLower();
    const bool ok = suffix == QLatin1String("svg")   ? saveSvg(path, size())
                    : suffix == QLatin1String("pdf") ? savePdf(path, size())
                    : suffix == QLatin1String("csv") ? saveCsv(path)
                                                     : savePng(path, size(), 3);
    if (!ok)
        Q_EMIT saveFailed(tr("%1 could not be written.").arg(path));
}

QSize PlotView::sizeHint() const
{
    return {480, 300};
}

QSize PlotView::minimumSizeHint() const
{
    return {200, 120};
}

void PlotView::resizeEvent(QResizeEvent*)
{
    m_plot->setGeometry(rect());
}

void PlotView::followScreen()
{
    if (qFuzzyCompare(m_plot->bufferDevicePixelRatio(), devicePixelRatioF()))
        return;
    m_plot->setBufferDevicePixelRatio(devicePixelRatioF()); // 2.1.0 does not follow the screen by itself
    queueReplot();
}

void PlotView::showEvent(QShowEvent*)
{
    if (QWindow* handle = window()->windowHandle())
        connect(handle, &QWindow::screenChanged, this, &PlotView::followScreen, Qt::UniqueConnection);
    followScreen();
    if (m_stale) {
        m_stale = false;
        useTheme(m_fixedTheme.value_or(Theme::fromPalette(palette())));
        m_plot->replot(QCustomPlot::rpQueuedReplot);
    }
}

void PlotView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() != QEvent::PaletteChange && event->type() != QEvent::FontChange)
        return;
    useTheme(m_fixedTheme.value_or(Theme::fromPalette(palette())));
    queueReplot();
}

void PlotView::contextMenuEvent(QContextMenuEvent* event)
{
    QMenu menu(this);
    menu.addAction(tr("Copy image"), this, &PlotView::copyImage);
    menu.addAction(tr("Copy data"), this, &PlotView::copyData);
    menu.addSeparator();
    menu.addAction(tr("Save as..."), this, &PlotView::saveAs);
    menu.exec(event->globalPos());
}

} // namespace mprdo::widgets

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/report_page.h"
#include "ui/method_table_model.h"
#include "ui/text_format.h"
#include "widgets/comparison_table.h"
#include "widgets/plot_view.h"
#include <QBuffer>
#include <QCoreApplication>
#include <QImage>
#include <QPageSize>
#include <QPdfWriter>
#include <QSaveFile>
#include <QTemporaryDir>
#include <QTextDocument>
#include <functional>

namespace mprdo {

namespace {

QString say(const char* text) { return QCoreApplication::translate("Report", text); }

QString cell(const QString& text, const char* tag = "td")
{
    return QStringLiteral("<%1>%2</%1>").arg(QString::fromLatin1(tag), text.toHtmlEscaped());
}

QString modelTable(const QAbstractItemModel& model)
{
    QString out = QStringLiteral("<table border=\"1\" cellspacing=\"0\" cellpadding=\"4\"><tr>");
    for (int column = 0; column < model.columnCount(); ++column)
        out += cell(model.headerData(column, Qt::Horizontal).toString(), "th");
    out += QStringLiteral("</tr>");
    for (int row = 0; row < model.rowCount(); ++row) {
        out += QStringLiteral("<tr>");
        for (int column = 0; column < model.columnCount(); ++column)
            out += cell(model.index(row, column).data().toString());
        out += QStringLiteral("</tr>");
    }
    return out + QStringLiteral("</table>");
}

QString bitsTable(const SessionModel& session, const RunRecord& run)
{
    QString out = QStringLiteral("<table border=\"1\" cellspacing=\"0\" cellpadding=\"3\"><tr>") + cell(say("Layer"), "th")
                  + cell(say("Bits"), "th") + cell(say("Weights"), "th") + cell(say("Grid"), "th") + QStringLiteral("</tr>");
    const auto& layers = session.model().layers;
    for (std::size_t l = 0; l < layers.size() && l < run.allocation.bits.size(); ++l)
        out += QStringLiteral("<tr>") + cell(fromStd(layers[l].name)) + cell(layerBitsText(run.allocation.bits[l]))
               + cell(countText(layers[l].weights))
               + cell(l < run.layers.size() ? fromStd(run.layers[l].grid) : QString()) + QStringLiteral("</tr>");
    return out + QStringLiteral("</table>");
}

/// \param source  of the chart with that index, for <img>
QString html(const SessionModel& session, const ComparePair& pair, const QList<ReportChart>& charts,
             const std::function<QString(int)>& source)
{
    QString out = QStringLiteral("<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>%1</title><style>"
                                 "body{font-family:sans-serif;max-width:60em;margin:2em auto;color:#1a1a1a}"
                                 "td,th{text-align:right;font-variant-numeric:tabular-nums}"
                                 "td:first-child,th:first-child{text-align:left}"
                                 "</style></head><body><h1>%1</h1>")
                      .arg(session.title().toHtmlEscaped());
    const DataSnapshot& data = session.data();
    out += QStringLiteral("<p>%1</p>")
               .arg(say("%1 with %2 parameters in %3 quantizable layers; %4 calibration, %5 hold-out and %6 evaluation images "
                        "of %7.")
                        .arg(fromStd(session.model().architecture), countText(session.model().parameters),
                             countText(std::int64_t(session.model().layers.size())), countText(data.calibration),
                             countText(data.holdOut), countText(data.evaluation), fromStd(data.format))
                        .toHtmlEscaped());
    if (!data.labelled)
        out += QStringLiteral("<p>%1</p>")
                   .arg(say("The images have no labels: figures are agreement with what FP32 answers, drops its loss.").toHtmlEscaped());
    out += QStringLiteral("<h2>%1</h2>").arg(say("Methods")) + modelTable(MethodTableModel(session));
    if (const auto& c = pair.comparison())
        out += QStringLiteral("<p>%1</p>")
                   .arg(say("%1 against %2: %3 points (%4 to %5), %6 images won, %7 lost, McNemar p = %8.")
                            .arg(pair.b()->name, pair.a()->name, pointsText(c->differencePoints), pointsText(c->low),
                                 pointsText(c->high), countText(std::int64_t(c->won.size())),
                                 countText(std::int64_t(c->lost.size())), QString::number(c->mcnemarP, 'g', 2))
                            .toHtmlEscaped());
    for (int i = 0; i < charts.size(); ++i)
        out += QStringLiteral("<h2>%1</h2><p><img src=\"%2\" width=\"%3\" height=\"%4\" alt=\"%1\"></p>")
                   .arg(charts[i].title.toHtmlEscaped(), source(i))
                   .arg(charts[i].size.width())
                   .arg(charts[i].size.height());
    if (pair.b() && pair.b()->run)
        out += QStringLiteral("<h2>%1</h2>").arg(say("Bits of %1").arg(pair.b()->name).toHtmlEscaped())
               + bitsTable(session, *pair.b()->run);
    return out + QStringLiteral("</body></html>\n");
}

QString svgOf(const ReportChart& chart)
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("chart.svg"));
    QFile file(path);
    if (!chart.plot->saveSvg(path, chart.size) || !file.open(QIODevice::ReadOnly))
        return {};
    return QStringLiteral("data:image/svg+xml;base64,") + QString::fromLatin1(file.readAll().toBase64());
}

QByteArray pdfOf(const SessionModel& session, const ComparePair& pair, const QList<ReportChart>& charts)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QPdfWriter writer(&buffer);
    writer.setPageSize(QPageSize(QPageSize::A4));
    writer.setTitle(session.title());
    QTextDocument document;
    for (int i = 0; i < charts.size(); ++i) // three device pixels to one: sharp on paper
        document.addResource(QTextDocument::ImageResource, QUrl(QStringLiteral("chart:%1").arg(i)),
                             charts[i].plot->image(charts[i].size, 3));
    document.setHtml(html(session, pair, charts, [](int i) { return QStringLiteral("chart:%1").arg(i); }));
    document.print(&writer);
    return bytes;
}

} // namespace

QString writeReport(const QString& path, const SessionModel& session, const ComparePair& pair,
                    const QList<ReportChart>& charts)
{
    const QByteArray bytes = path.endsWith(QLatin1String(".pdf"), Qt::CaseInsensitive)
                                 ? pdfOf(session, pair, charts)
                                 : html(session, pair, charts, [&](int i) { return svgOf(charts[i]); }).toUtf8();
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
        return say("%1 cannot be written: %2").arg(path, file.errorString());
    return {};
}

} // namespace mprdo

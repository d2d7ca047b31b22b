// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/comparison_table.h"
#include <QAbstractTableModel>
#include <QHeaderView>
#include <QLocale>
#include <QSortFilterProxyModel>
#include <array>
#include <cmath>

namespace mprdo::widgets {
namespace {

constexpr int kSortRole = Qt::UserRole;

struct ColumnText {
    const char* title;
    const char* tip;
};
constexpr std::array<ColumnText, ComparisonTable::ColumnCount> kColumns{{
    {QT_TRANSLATE_NOOP("ComparisonTable", "Method"), QT_TRANSLATE_NOOP("ComparisonTable", "How the weights were quantized")},
    {QT_TRANSLATE_NOOP("ComparisonTable", "Accuracy (%)"), QT_TRANSLATE_NOOP("ComparisonTable", "Correct images")},
    {QT_TRANSLATE_NOOP("ComparisonTable", "95 % interval"),
     QT_TRANSLATE_NOOP("ComparisonTable", "Wilson interval of the accuracy")},
    {QT_TRANSLATE_NOOP("ComparisonTable", "Drop (points)"), QT_TRANSLATE_NOOP("ComparisonTable", "Points below FP32")},
    {QT_TRANSLATE_NOOP("ComparisonTable", "Average bits"), QT_TRANSLATE_NOOP("ComparisonTable", "Bits per weight")},
    {QT_TRANSLATE_NOOP("ComparisonTable", "Compression"), QT_TRANSLATE_NOOP("ComparisonTable", "32 / average bits")},
    {QT_TRANSLATE_NOOP("ComparisonTable", "Stored size"),
     QT_TRANSLATE_NOOP("ComparisonTable", "Codes, scales, zero points, biases and what stays in FP32")},
    {QT_TRANSLATE_NOOP("ComparisonTable", "Agreement (%)"),
     QT_TRANSLATE_NOOP("ComparisonTable", "Images that get the answer of FP32")},
}};

} // namespace

class ComparisonTable::Model final : public QAbstractTableModel {
public:
    QList<ComparisonRow> rows;

    void reset(const QList<ComparisonRow>& next)
    {
        beginResetModel();
        rows = next;
        endResetModel();
    }
    int rowCount(const QModelIndex& parent) const override { return parent.isValid() ? 0 : int(rows.size()); }
    int columnCount(const QModelIndex& parent) const override { return parent.isValid() ? 0 : ColumnCount; }
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override
    {
        if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
            return {};
        if (role == Qt::DisplayRole)
            return ComparisonTable::tr(kColumns[size_t(section)].title);
        if (role == Qt::ToolTipRole)
            return ComparisonTable::tr(kColumns[size_t(section)].tip);
        if (role == Qt::TextAlignmentRole)
            return int((section == Method ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
        return {};
    }
    QVariant data(const QModelIndex& index, int role) const override
    {
        if (!index.isValid() || index.row() >= rows.size())
            return {};
        const ComparisonRow& row = rows[index.row()];
        if (role == Qt::DisplayRole)
            return text(row, index.column());
        if (role == kSortRole)
            return value(row, index.column());
        if (role == Qt::TextAlignmentRole)
            return int((index.column() == Method ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
        if (role == Qt::FontRole && row.highlight) {
            QFont bold;
            bold.setBold(true);
            return bold;
        }
        return {};
    }

private:
    static QString text(const ComparisonRow& row, int column)
    {
        const QString about = row.predicted ? QStringLiteral("~") : QString();
        switch (column) {
        case Method:
            return row.method;
        case Accuracy:
            return about + QString::number(row.accuracy, 'f', 2);
        case Interval:
            return row.high > row.low ? QStringLiteral("%1 - %2").arg(row.low, 0, 'f', 2).arg(row.high, 0, 'f', 2)
                                      : QString();
        case Drop:
            return about + QString::number(std::round(row.drop * 100) / 100 + 0.0, 'f', 2); // no -0.00
        case AverageBits:
            return QString::number(row.averageBits, 'f', 2);
        case Compression:
            return QStringLiteral("%1x").arg(row.compression, 0, 'f', 2);
        case StoredBytes:
            return bytesText(row.storedBytes);
        default:
            return about + QString::number(row.agreement, 'f', 2);
        }
    }
    static QVariant value(const ComparisonRow& row, int column)
    {
        switch (column) {
        case Method:
            return row.method;
        case Accuracy:
            return row.accuracy;
        case Interval:
            return row.low;
        case Drop:
            return row.drop;
        case AverageBits:
            return row.averageBits;
        case Compression:
            return row.compression;
        case StoredBytes:
            return row.storedBytes;
        default:
            return row.agreement;
        }
    }
};

ComparisonTable::ComparisonTable(QWidget* parent) : TsvTableView(parent), m_model(std::make_unique<Model>())
{
    auto* sorted = new QSortFilterProxyModel(this);
    sorted->setSourceModel(m_model.get());
    sorted->setSortRole(kSortRole);
    setModel(sorted);
    sortByColumn(-1, Qt::AscendingOrder); // as given, until a header is clicked
    horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
}

ComparisonTable::~ComparisonTable()
{
    setModel(nullptr);
}

void ComparisonTable::setRows(const QList<ComparisonRow>& rows)
{
    m_model->reset(rows);
}

QString bytesText(qint64 bytes)
{
    static constexpr std::array kUnits{"B", "kB", "MB", "GB", "TB"};
    double value = double(bytes < 0 ? -bytes : bytes);
    size_t unit = 0;
    // 999.5 would be written as 1000 with three digits, so the next unit begins there.
    while (value >= 999.5 && unit + 1 < kUnits.size()) {
        value /= 1000;
        ++unit;
    }
    const int places = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    return QStringLiteral("%1%2 %3").arg(bytes < 0 ? "-" : "", QString::number(value, 'f', places),
                                         QLatin1String(kUnits[unit]));
}

} // namespace mprdo::widgets

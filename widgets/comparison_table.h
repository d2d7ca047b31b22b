// SPDX-License-Identifier: GPL-3.0-or-later
// The table of methods: accuracy, drop, bits, size.
#pragma once
#include "widgets/tsv_table_view.h"
#include <memory>

namespace mprdo::widgets {

struct ComparisonRow {
    QString method;
    double accuracy = 0, low = 0, high = 0; ///< percent, 95 % interval
    double drop = 0;                        ///< points below FP32
    double averageBits = 32;
    double compression = 1;
    qint64 storedBytes = 0;
    double agreement = 100;                 ///< percent of images with FP32's answer
    bool highlight = false;                 ///< ours, in bold
    bool predicted = false;                 ///< written with "~"
    friend bool operator==(const ComparisonRow&, const ComparisonRow&) = default;
};

/// Numbers right-aligned with the places that their interval allows; sorts by value, not by text.
class ComparisonTable : public TsvTableView {
    Q_OBJECT
public:
    enum Column { Method, Accuracy, Interval, Drop, AverageBits, Compression, StoredBytes, Agreement, ColumnCount };
    explicit ComparisonTable(QWidget* parent = nullptr);
    ~ComparisonTable() override;
    void setRows(const QList<ComparisonRow>& rows);

private:
    class Model;
    std::unique_ptr<Model> m_model;
};

/// "1.47 MB", "412 kB", "96 B"; decimal units, three significant digits.
QString bytesText(qint64 bytes);

} // namespace mprdo::widgets

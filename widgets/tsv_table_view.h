// SPDX-License-Identifier: GPL-3.0-or-later
// A table whose selection goes to the clipboard as tab-separated text.
#pragma once
#include <QTableView>

class QMenu;

namespace mprdo::widgets {

/// Ctrl+C copies the selected cells (all when none is selected) with the header line; sorting, alternate rows, no grid.
class TsvTableView : public QTableView {
    Q_OBJECT
public:
    explicit TsvTableView(QWidget* parent = nullptr);
    /// Selected cells, or all of them, as text: header first, columns in their visual order, hidden ones left out.
    QString tsv() const;
    /// All cells, hidden rows and columns left out.
    bool saveCsv(const QString& path) const;
    /// What its own context menu has, for pages that show a menu of their own.
    void fillMenu(QMenu&);

public Q_SLOTS:
    void copy();

Q_SIGNALS:
    void saveFailed(const QString& reason);

protected:
    void keyPressEvent(QKeyEvent*) override;
    void contextMenuEvent(QContextMenuEvent*) override;
};

} // namespace mprdo::widgets

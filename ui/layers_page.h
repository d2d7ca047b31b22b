// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/layer_table_model.h"
#include <QWidget>

class QSortFilterProxyModel;
namespace mprdo::widgets {
class TsvTableView;
}

namespace mprdo {

/// The layers as a table; its selection is the document's.
class LayersPage : public QWidget {
    Q_OBJECT
public:
    LayersPage(const SessionModel&, AllocationDocument&, const WhatIfModel&, QWidget* parent = nullptr);
    LayerTableModel* model() const { return m_model; }

private:
    void takeSelection();
    void showSelection();

    AllocationDocument& m_document;
    LayerTableModel* m_model;
    QSortFilterProxyModel* m_sorted;
    widgets::TsvTableView* m_table;
    bool m_syncing = false;
};

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/snapshots.h"
#include "ui/edit_layers_command.h"
#include "ui/layer_state.h"
#include <QObject>
#include <QStringList>
#include <QUndoStack>
#include <QVector>
#include <map>

namespace mprdo {

/// The widths being edited: one cell per layer, changed through undo commands alone. GUI thread.
class AllocationDocument : public QObject {
    Q_OBJECT
public:
    explicit AllocationDocument(QObject* parent = nullptr);
    ~AllocationDocument() override;

    /// A new network: one cell per name; selection and history empty.
    void reset(const QStringList& names, const std::vector<LayerCell>& cells);

    /// Cells as a session kept them; no step of the history.
    void restore(const std::map<int, LayerCell>& cells) { apply(cells); }

    int layerCount() const { return int(m_cells.size()); }
    QString name(int layer) const { return m_names.value(layer); }
    const LayerCell& cell(int layer) const { return m_cells[std::size_t(layer)]; }
    Allocation allocation() const;
    /// Widths of manual and locked layers, 0 for the solver's: what AllocationProblem's `fixed` wants.
    std::vector<Bits> fixedBits() const;
    /// Layers that differ from `other`; all when the sizes do.
    int differences(const Allocation& other) const;

    /// Widths an edit may choose, ascending; others are refused. kKeepFp32 is allowed whatever the set.
    void setAllowedWidths(std::vector<Bits> widths);
    const std::vector<Bits>& allowedWidths() const { return m_allowed; }

    /// What the solver would choose; where automatic layers return to.
    void setSolverChoice(const Allocation&);
    const Allocation& solverChoice() const { return m_solverChoice; }

    const QVector<int>& selection() const { return m_selection; }
    void setSelection(QVector<int> layers); ///< sorted, unknown ones dropped; not a step of its own

    QUndoStack* undoStack() { return &m_undo; }

    /// Edits. Each is one undo step, or joins the gesture's; returns how many layers changed.
    int paint(const QVector<int>& layers, Bits); ///< manual from now on; locked ones stay
    int setLocked(const QVector<int>& layers, bool locked);
    int makeAutomatic(const QVector<int>& layers); ///< back to the solver's choice; locked ones stay
    int load(const Allocation&, const QString& what); ///< as if painted
    /// Automatic layers alone take the widths. \param refine  joins the step of the last solve, when that was the last edit
    int solve(const Allocation&, const QString& what, bool refine = false);
    /// The same as part of the last edit's step, which keeps its name.
    int follow(const Allocation&);

    /// Edits between the two calls are one undo step.
    void beginGesture();
    void beginGestureOnce(); ///< unless one has begun
    void endGesture();

Q_SIGNALS:
    void wasReset();
    void layersChanged(const QVector<int>& layers);
    void edited(); ///< painted, locked, unlocked or made automatic; neither loaded, solved, undone nor redone
    void selectionChanged();
    void solverChoiceChanged();
    void allowedWidthsChanged();
    void refused(const QString& why); ///< one sentence for the status line

private:
    friend class EditLayersCommand;
    void apply(const std::map<int, LayerCell>&);
    Bits automaticBits(int layer) const;
    int push(const QString& verb, const std::map<int, LayerCell>& wanted, int gesture, bool follows = false);
    int edit(const QString& verb, const std::map<int, LayerCell>& wanted);
    std::map<int, LayerCell> solved(const Allocation&) const;
    int gesture() { return m_inGesture ? m_gestures : ++m_gestures; }

    QUndoStack m_undo;
    QStringList m_names;
    std::vector<LayerCell> m_cells;
    std::vector<Bits> m_allowed;
    Allocation m_solverChoice;
    QVector<int> m_selection;
    int m_gestures = 0, m_lastSolve = 0, m_lastEdit = 0;
    bool m_inGesture = false;
};

} // namespace mprdo

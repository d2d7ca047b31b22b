// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/layer_state.h"
#include <QUndoCommand>
#include <QVector>
#include <map>

namespace mprdo {

class AllocationDocument;

/// One step of the undo history: some layers' cells before and after. Steps of one gesture merge into one.
class EditLayersCommand : public QUndoCommand {
public:
    struct Change {
        LayerCell before, after;
        bool follows = false; ///< the solver's answer to the edit, not what was asked for; the text does not count it
    };
    using Changes = std::map<int, Change>; ///< by layer

    /// \param verb  "Paint 4 bits on", completed by the layer's name or the number of layers, which take the place of a
    ///              %1 where there is one; one that ends in a full stop is the whole text (without the stop). What only
    ///              follows leaves the step it joins its name
    /// \param gesture  steps with the same number > 0 merge; 0 never merges
    EditLayersCommand(AllocationDocument&, QString verb, Changes, int gesture);

    void undo() override;
    void redo() override;
    int id() const override;
    bool mergeWith(const QUndoCommand* next) override;
    const Changes& changes() const { return m_changes; }

private:
    void describe();

    AllocationDocument& m_document;
    QString m_verb;
    Changes m_changes;
    int m_gesture;
    QVector<int> m_selection; ///< as it was when the step was made; comes back with undo and redo
};

} // namespace mprdo

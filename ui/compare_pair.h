// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/run_comparison.h"
#include "ui/session_model.h"
#include <QList>
#include <QObject>
#include <optional>

namespace mprdo {

/// One side of a comparison: a row of the table or a run.
struct Comparand {
    QString key;  ///< "row:Uniform 8-bit PTQ", "run:3"
    QString name; ///< for people
    MethodRow row;
    RunPtr run;             ///< null for a row
    std::vector<Bits> bits; ///< per layer; empty where a row has no width of its own
};

/// What is compared with what, shared by the pages that show it. A is uniform 8-bit and B the run of the edited bits, else the
/// newest one, until the user says otherwise. GUI thread.
class ComparePair : public QObject {
    Q_OBJECT
public:
    explicit ComparePair(const SessionModel&, QObject* parent = nullptr);

    const QList<Comparand>& choices() const { return m_choices; }
    const Comparand* a() const { return find(m_a); } ///< null: not measured yet
    const Comparand* b() const { return find(m_b); }
    void setA(const QString& key);
    void setB(const QString& key);
    /// The edited bits: what B follows.
    void setCurrent(const Allocation&);
    /// As a session kept them: taken once they can be found; an empty B follows the edited bits.
    void restore(const QString& a, const QString& b);
    QString keyOfA() const { return m_awaitedA.isEmpty() ? m_a : m_awaitedA; }
    QString keyOfB() const; ///< empty: follows the edited bits
    void swap();
    /// Of the answers to the same images; nothing before both are there.
    const std::optional<RunComparison>& comparison() const { return m_comparison; }

Q_SIGNALS:
    void choicesChanged();
    void changed();

private:
    const Comparand* find(const QString& key) const;
    void refresh();
    void compare();
    QString followed() const;

    const SessionModel& m_session;
    QList<Comparand> m_choices;
    QString m_a, m_b;
    QString m_awaitedA, m_awaitedB; ///< wished for, not measured yet
    bool m_follow = true;
    Allocation m_current;
    std::optional<RunComparison> m_comparison;
};

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/compare_pair.h"
#include "ui/drop_fits.h"
#include "ui/text_format.h"
#include <algorithm>
#include <utility>

namespace mprdo {

namespace {

const QString kUniform8 = QStringLiteral("row:Uniform 8-bit PTQ");

/// Widths of a row that gives every layer the same; empty for any other.
std::vector<Bits> uniformBits(const MethodRow& row, std::size_t layers)
{
    Bits bits = uniformWidth(row).value_or(0);
    if (row.method == "FP32")
        bits = kKeepFp32;
    else if (row.method.starts_with("Naive 8"))
        bits = kMaxBits;
    return bits == 0 ? std::vector<Bits>() : std::vector<Bits>(layers, bits);
}

} // namespace

ComparePair::ComparePair(const SessionModel& session, QObject* parent)
    : QObject(parent)
    , m_session(session)
    , m_a(kUniform8)
{
    connect(&session, &SessionModel::opened, this, [this] {
        m_a = kUniform8;
        m_b.clear();
        m_awaitedA.clear();
        m_awaitedB.clear();
        m_follow = true;
        refresh();
    });
    connect(&session, &SessionModel::rowsChanged, this, &ComparePair::refresh);
    connect(&session, &SessionModel::runAdded, this, &ComparePair::refresh);
    connect(&session, &SessionModel::runChanged, this, &ComparePair::refresh);
    connect(&session, &SessionModel::runRemoved, this, &ComparePair::refresh);
    connect(&session, &SessionModel::contextChanged, this, &ComparePair::refresh);
    refresh();
}

const Comparand* ComparePair::find(const QString& key) const
{
    const auto at = std::find_if(m_choices.begin(), m_choices.end(), [&](const Comparand& c) { return c.key == key; });
    return at == m_choices.end() ? nullptr : &*at;
}

void ComparePair::refresh()
{
    m_choices.clear();
    const std::size_t layers = m_session.model().layers.size();
    for (const MethodRow& row : m_session.rows())
        m_choices.append({QStringLiteral("row:") + fromStd(row.method), fromStd(row.method), row, {},
                          uniformBits(row, layers)});
    for (const RunPtr& run : m_session.runs())
        m_choices.append({QStringLiteral("run:%1").arg(run->id), tr("Run %1: %2").arg(run->id).arg(fromStd(run->name)),
                          run->row, run, run->allocation.bits});
    if (find(m_awaitedA))
        m_a = std::exchange(m_awaitedA, {});
    if (find(m_awaitedB)) {
        m_b = std::exchange(m_awaitedB, {});
        m_follow = false;
    }
    if (m_follow || !find(m_b))
        m_b = followed();
    Q_EMIT choicesChanged();
    compare();
}

QString ComparePair::followed() const
{
    RunPtr run = m_session.runOf(m_current);
    if (!run)
        run = m_session.lastRun(); // one that is out of date only where there is no other
    if (!run && !m_session.runs().empty())
        run = m_session.runs().back();
    return run ? QStringLiteral("run:%1").arg(run->id) : QString();
}

void ComparePair::setCurrent(const Allocation& bits)
{
    m_current = bits;
    if (const QString b = followed(); m_follow && b != m_b) {
        m_b = b;
        compare();
    }
}

void ComparePair::setA(const QString& key)
{
    if (!find(key))
        return;
    m_awaitedA.clear();
    if (key == m_a)
        return;
    m_a = key;
    compare();
}

void ComparePair::setB(const QString& key)
{
    if (!find(key))
        return;
    m_awaitedB.clear();
    if (key == m_b)
        return;
    m_b = key;
    m_follow = false;
    compare();
}

void ComparePair::restore(const QString& a, const QString& b)
{
    m_awaitedA = a;
    m_awaitedB = b;
    m_follow = b.isEmpty();
    refresh();
}

QString ComparePair::keyOfB() const
{
    return !m_awaitedB.isEmpty() ? m_awaitedB : m_follow ? QString() : m_b;
}

void ComparePair::swap()
{
    if (!a() || !b())
        return;
    std::swap(m_a, m_b);
    m_awaitedA.clear();
    m_awaitedB.clear();
    m_follow = false;
    compare();
}

void ComparePair::compare()
{
    m_comparison.reset();
    const auto labels = m_session.rightAnswers();
    if (a() && b() && labels)
        m_comparison = compareRuns(a()->row.evaluation, b()->row.evaluation, *labels, m_session.data().classes.size());
    Q_EMIT changed();
}

} // namespace mprdo

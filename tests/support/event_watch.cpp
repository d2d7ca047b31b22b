// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/event_watch.h"
#include "tests/support/painter_waits.h"
#include <QMetaEnum>
#include <QStringList>
#include <algorithm>
#include <ctime>

namespace mprdo::test {

namespace {

constexpr double kUsual = 16, kWorst = 50; // milliseconds

double cpuMilliseconds()
{
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return 1e3 * double(now.tv_sec) + 1e-6 * double(now.tv_nsec);
}

long ownSleeps() { return sleepsSoFar() - painterSleeps(); }

} // namespace

EventWatch::EventWatch()
{
    m_deliveries.reserve(1 << 16); // so that hardly any delivery pays for the list's growing
    WatchedApplication::s_listener = this;
}

EventWatch::~EventWatch()
{
    if (WatchedApplication::s_listener == this)
        WatchedApplication::s_listener = nullptr;
}

void EventWatch::begin(const QObject& receiver, const QEvent& event)
{
    m_open = {receiver.metaObject()->className(), event.type(), 0, 0};
    m_sleepsBefore = ownSleeps();
    m_begun = cpuMilliseconds();
}

void EventWatch::end()
{
    m_open.milliseconds = cpuMilliseconds() - m_begun;
    m_open.sleeps = ownSleeps() - m_sleepsBefore;
    m_deliveries.push_back(m_open);
}

double EventWatch::worstMilliseconds() const
{
    double worst = 0;
    for (const Delivery& delivery : m_deliveries)
        worst = std::max(worst, delivery.milliseconds);
    return worst;
}

double EventWatch::percentile99() const
{
    std::vector<double> sorted;
    for (const Delivery& delivery : m_deliveries)
        sorted.push_back(delivery.milliseconds);
    if (sorted.empty())
        return 0;
    const auto at = sorted.begin() + std::ptrdiff_t((sorted.size() * 99) / 100);
    std::nth_element(sorted.begin(), at, sorted.end());
    return *at;
}

int EventWatch::blocked() const
{
    return int(std::count_if(m_deliveries.begin(), m_deliveries.end(), [](const Delivery& d) { return d.sleeps > 0; }));
}

QString EventWatch::cpuComplaint() const
{
    if (percentile99() > kUsual)
        return QStringLiteral("the 99th percentile is over %1 ms\n%2").arg(kUsual).arg(summary());
    if (worstMilliseconds() > kWorst)
        return QStringLiteral("one is over %1 ms\n%2").arg(kWorst).arg(summary());
    return {};
}

QString EventWatch::blockComplaint() const
{
    return blocked() > 2 + deliveries() / 500 ? QStringLiteral("too many slept\n") + summary() : QString();
}

QString EventWatch::complaint() const
{
    const QString cpu = cpuComplaint();
    return cpu.isEmpty() ? blockComplaint() : cpu;
}

QString EventWatch::summary() const
{
    QStringList lines{QStringLiteral("%1 deliveries, 99 % within %2 ms, worst %3 ms, %4 slept")
                          .arg(deliveries())
                          .arg(percentile99(), 0, 'f', 2)
                          .arg(worstMilliseconds(), 0, 'f', 2)
                          .arg(blocked())};
    const auto line = [](const Delivery& d) {
        const char* type = QMetaEnum::fromType<QEvent::Type>().valueToKey(d.type);
        return QStringLiteral("  %1 ms, %2 sleeps: %3 to %4")
            .arg(d.milliseconds, 0, 'f', 2)
            .arg(d.sleeps)
            .arg(QString::fromLatin1(type ? type : "user event"), QString::fromLatin1(d.receiver));
    };
    auto longest = m_deliveries;
    const auto shown = std::min<std::size_t>(5, longest.size());
    std::partial_sort(longest.begin(), longest.begin() + std::ptrdiff_t(shown), longest.end(),
                      [](const Delivery& a, const Delivery& b) { return a.milliseconds > b.milliseconds; });
    for (std::size_t i = 0; i < shown; ++i)
        lines << line(longest[i]);
    int slept = 0;
    for (const Delivery& delivery : m_deliveries)
        if (delivery.sleeps > 0 && ++slept <= 5)
            lines << line(delivery);
    return lines.join(QLatin1Char('\n'));
}

} // namespace mprdo::test

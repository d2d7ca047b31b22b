// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/support/watched_application.h"
#include <QString>
#include <vector>

namespace mprdo::test {

/// What the GUI thread spends on each outermost event delivery while this object lives. No wall clock: the thread's own CPU
/// time, which other programs on the machine hardly move, and the times it went to sleep by itself (a lock that another
/// thread holds, a sleep, a read that waits), which being preempted does not count for, nor waiting for Qt's painter.
class EventWatch : private DeliveryListener {
public:
    EventWatch();
    ~EventWatch() override;

    int deliveries() const { return int(m_deliveries.size()); }
    double worstMilliseconds() const;
    double percentile99() const; ///< milliseconds of CPU time
    int blocked() const;         ///< deliveries that slept at least once

    /// Empty when 99 % of the deliveries use at most 16 ms of CPU time and none more than 50.
    QString cpuComplaint() const;
    /// Empty when at most two deliveries slept, and one in 500 more.
    QString blockComplaint() const;
    QString complaint() const; ///< the first of both
    QString summary() const;   ///< the figures, then the five longest deliveries and the first five that slept

private:
    struct Delivery {
        const char* receiver = ""; ///< class name
        int type = 0;              ///< QEvent::Type
        double milliseconds = 0;
        long sleeps = 0;
    };

    void begin(const QObject& receiver, const QEvent&) override;
    void end() override;

    std::vector<Delivery> m_deliveries;
    Delivery m_open;
    double m_begun = 0;
    long m_sleepsBefore = 0;
};

} // namespace mprdo::test

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/arena_plan.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <random>

using namespace mprdo;

class TstArenaPlan : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void knownPlans_data()
    {
        QTest::addColumn<std::vector<ArenaBuffer>>("buffers");
        QTest::addColumn<std::vector<std::int64_t>>("offsets");
        QTest::addColumn<qint64>("size");
        using Buffers = std::vector<ArenaBuffer>;
        using Offsets = std::vector<std::int64_t>;
        QTest::newRow("nothing") << Buffers{} << Offsets{} << qint64(0);
        QTest::newRow("one") << Buffers{{5, 1, 2}} << Offsets{0} << qint64(5);
        QTest::newRow("a chain needs two") << Buffers{{8, 1, 2}, {8, 2, 3}, {8, 3, 4}, {8, 4, 5}} << Offsets{0, 8, 0, 8} << qint64(16);
        QTest::newRow("a shortcut lies beside it") << Buffers{{4, 1, 4}, {4, 2, 3}, {4, 3, 4}} << Offsets{0, 4, 8} << qint64(12);
        QTest::newRow("a gap is filled") << Buffers{{8, 1, 2}, {4, 2, 4}, {3, 3, 4}} << Offsets{0, 8, 0} << qint64(12);
        QTest::newRow("empty ones cost nothing") << Buffers{{0, 0, 0}, {3, 0, 1}, {0, 1, 1}} << Offsets{0, 0, 0} << qint64(3);
    }
    void knownPlans()
    {
        QFETCH(std::vector<ArenaBuffer>, buffers);
        QFETCH(std::vector<std::int64_t>, offsets);
        QFETCH(qint64, size);
        const ArenaPlan plan = planArena(buffers);
        QCOMPARE(plan.size, std::int64_t(size));
        QCOMPARE(plan.offsets, offsets);
    }

    void randomBuffersNeverOverlap()
    {
        std::mt19937 random(7);
        for (int trial = 0; trial < 500; ++trial) {
            std::vector<ArenaBuffer> buffers(1 + random() % 30);
            std::int64_t all = 0;
            for (ArenaBuffer& b : buffers) {
                b.size = 1 + random() % 100;
                b.begin = random() % 20;
                b.end = b.begin + random() % 6;
                all += b.size;
            }
            const ArenaPlan plan = planArena(buffers);
            std::int64_t peak = 0, end = 0;
            for (std::int64_t step = 0; step < 26; ++step) {
                std::vector<char> taken(std::size_t(plan.size), 0);
                std::int64_t live = 0;
                for (std::size_t i = 0; i < buffers.size(); ++i) {
                    if (buffers[i].begin > step || buffers[i].end < step)
                        continue;
                    live += buffers[i].size;
                    for (std::int64_t k = 0; k < buffers[i].size; ++k)
                        QVERIFY(!std::exchange(taken.at(std::size_t(plan.offsets[i] + k)), 1));
                }
                peak = std::max(peak, live);
            }
            for (std::size_t i = 0; i < buffers.size(); ++i)
                end = std::max(end, plan.offsets[i] + buffers[i].size);
            QCOMPARE(plan.size, end);
            QVERIFY(plan.size >= peak && plan.size <= all);
        }
    }
};

MPRDO_TEST(TstArenaPlan)
#include "tst_arena_plan.moc"

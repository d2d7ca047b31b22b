// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/types.h"
#include "tests/support/test_registry.h"
#include <QtTest>
#include <set>

using namespace mprdo;

namespace {

/// Every enumerator has a name of its own, which leads back to it; other texts lead nowhere.
template <class E, std::size_t N>
bool namesAreOneToOne(const std::array<E, N>& all, std::optional<E> (*fromName)(std::string_view))
{
    std::set<std::string_view> names;
    for (const E e : all)
        if (!names.insert(name(e)).second || name(e) == "?" || fromName(name(e)) != e)
            return false;
    return !fromName("") && !fromName("?") && !fromName("no such name");
}

} // namespace

class TstTypes : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void namesLeadBack()
    {
        QVERIFY(namesAreOneToOne(kStages, stageFromName));
        QVERIFY(namesAreOneToOne(kMetrics, metricFromName));
        QVERIFY(namesAreOneToOne(kRangeRules, rangeRuleFromName));
        QVERIFY(namesAreOneToOne(kExportFormats, exportFormatFromName));
    }
    void formatsAreNamedAsTheirFiles()
    {
        QCOMPARE(name(ExportFormat::Coded), std::string_view("mprz"));
        QCOMPARE(name(ExportFormat::C), std::string_view("c"));
    }
};

MPRDO_TEST(TstTypes)
#include "tst_types.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/network_input.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;

class TstInputNames : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void names()
    {
        for (const ChannelOrder e : kChannelOrders)
            QVERIFY(channelOrderFromName(name(e)) == e);
        for (const PixelRange e : kPixelRanges)
            QVERIFY(pixelRangeFromName(name(e)) == e);
        for (const Layout e : kLayouts)
            QVERIFY(layoutFromName(name(e)) == e);
        QVERIFY(layoutFromName("NHWC") == Layout::Nhwc && channelOrderFromName("Bgr") == ChannelOrder::Bgr);
        QVERIFY(pixelRangeFromName("255") == PixelRange::Byte && pixelRangeFromName("1") == PixelRange::Unit);
        for (const char* wrong : {"", "nwhc", "0-2", "grb", "nchw "})
            QVERIFY(!layoutFromName(wrong) && !pixelRangeFromName(wrong) && !channelOrderFromName(wrong));
    }

    void shapes()
    {
        QCOMPARE(laidOut(3, 20, 30, Layout::Nchw), (std::vector<std::int64_t>{3, 20, 30}));
        QCOMPARE(laidOut(3, 20, 30, Layout::Nhwc), (std::vector<std::int64_t>{20, 30, 3}));
    }
};

MPRDO_TEST(TstInputNames)
#include "tst_network_input.moc"

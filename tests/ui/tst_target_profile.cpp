// SPDX-License-Identifier: GPL-3.0-or-later
// What the network is made for: widths, bytes and rates in the other formats, and the window that counts in them.
#include "tests/support/test_registry.h"
#include "tests/ui/filled_session.h"
#include "tests/ui/window_fixture.h"
#include "ui/document_text.h"
#include "ui/readout.h"
#include "ui/target_profile.h"
#include "widgets/bit_map.h"
#include <QCheckBox>
#include <QComboBox>
#include <QDialog>
#include <QDoubleSpinBox>
#include <QPushButton>
#include <QtTest>

using namespace mprdo;
using namespace mprdo::test;

using Widths = std::vector<Bits>;
Q_DECLARE_METATYPE(TargetProfile)
Q_DECLARE_METATYPE(Widths)

class TstTargetProfile : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void widthsAreStoredAsTheNextThereIs_data()
    {
        QTest::addColumn<TargetProfile>("profile");
        QTest::addColumn<Widths>("stored"); // of 2, 3 .. 8
        QTest::addColumn<QString>("name");
        QTest::newRow("own") << TargetProfile::Own << Widths{2, 3, 4, 5, 6, 7, 8} << "own";
        QTest::newRow("ONNX") << TargetProfile::Onnx << Widths{4, 4, 4, 8, 8, 8, 8} << "onnx";
        QTest::newRow("INT8") << TargetProfile::Int8 << Widths{8, 8, 8, 8, 8, 8, 8} << "int8";
        QTest::newRow("custom") << TargetProfile::custom({8, 2, 4}) << Widths{2, 4, 4, 8, 8, 8, 8} << "custom:2,4,8";
        QTest::newRow("custom, nothing wide") << TargetProfile::custom({4}) << Widths{4, 4, 4, 5, 6, 7, 8} << "custom:4";
        QTest::newRow("custom, widths there are none of") << TargetProfile::custom({1, 16}) << Widths{2, 3, 4, 5, 6, 7, 8} << "own";
        QTest::newRow("custom, a known one") << TargetProfile::custom({4, 8}) << Widths{4, 4, 4, 8, 8, 8, 8} << "onnx";
    }
    void widthsAreStoredAsTheNextThereIs()
    {
        QFETCH(TargetProfile, profile);
        QFETCH(Widths, stored);
        QFETCH(QString, name);
        for (Bits bits = kMinBits; bits <= kMaxBits; ++bits) {
            const Bits expected = stored[std::size_t(bits - kMinBits)];
            QCOMPARE(storedWidth(profile, bits), expected);
            QCOMPARE(storedAsText(profile, bits), expected == bits ? QString() : QString("stored as %1 bits").arg(expected));
        }
        QCOMPARE(storedWidth(profile, kKeepFp32), kKeepFp32);
        QCOMPARE(storedAsText(profile, kKeepFp32), QString());
        QCOMPARE(targetName(profile), name);
        QVERIFY(targetFromName(name) == profile);
        QVERIFY(!targetText(profile).isEmpty());
        QVERIFY(!targetFromName("tflite") && !targetFromName(""));
    }

    void widthsThatCostAsMuchAsAHigherOneAreUseless_data()
    {
        QTest::addColumn<TargetProfile>("profile");
        QTest::addColumn<Widths>("set");
        QTest::addColumn<Widths>("useful");
        QTest::newRow("own") << TargetProfile::Own << Widths{2, 3, 8} << Widths{2, 3, 8};
        QTest::newRow("ONNX's own") << TargetProfile::Onnx << Widths{4, 8} << Widths{4, 8};
        QTest::newRow("ONNX, all") << TargetProfile::Onnx << Widths{2, 3, 4, 5, 6, 7, 8} << Widths{4, 8};
        QTest::newRow("ONNX, between") << TargetProfile::Onnx << Widths{2, 3, 6} << Widths{3, 6};
        QTest::newRow("INT8") << TargetProfile::Int8 << Widths{4, 6} << Widths{6};
        QTest::newRow("custom") << TargetProfile::custom({2, 4}) << Widths{2, 3, 4, 6} << Widths{2, 4, 6};
        QTest::newRow("nothing") << TargetProfile::Int8 << Widths{} << Widths{};
    }
    void widthsThatCostAsMuchAsAHigherOneAreUseless()
    {
        QFETCH(TargetProfile, profile);
        QFETCH(Widths, set);
        QFETCH(Widths, useful);
        QCOMPARE(usefulWidths(profile, set), useful);
    }

    void bytesAndRatesAreThoseOfTheStoredWidth_data() { widthsAreStoredAsTheNextThereIs_data(); }
    void bytesAndRatesAreThoseOfTheStoredWidth()
    {
        QFETCH(TargetProfile, profile);
        RunConfig config;
        config.bits = {2, 3, 4, 6, 8};
        FilledSession s(config);
        s.measure();
        const WhatIf own = s.fake.whatIf(Metric::Kl), counted = sizesIn(profile, own);
        const auto& widths = own.sensitivity->widths;
        for (std::size_t l = 0; l < own.layers.size(); ++l)
            for (std::size_t w = 0; w < widths.size(); ++w) {
                const auto as = std::size_t(std::find(widths.begin(), widths.end(), storedWidth(profile, widths[w])) - widths.begin());
                QCOMPARE(counted.layerBytes[l][w], own.layerBytes[l][as]); // as measured at that width
            }
        QCOMPARE(counted.layerBytesFp32, own.layerBytesFp32);
        QCOMPARE(counted.otherBytes, own.otherBytes);
        Allocation mixed; // every width somewhere, FP32 too
        for (std::size_t l = 0; l < own.layers.size(); ++l)
            mixed.bits.push_back(l % 6 == 5 ? kKeepFp32 : widths[l % 6]);
        QCOMPARE(bytesIn(profile, own.layers, mixed, own.estimate(mixed).storedBytes), counted.estimate(mixed).storedBytes);
        const AllocationProblem problem = s.fake.problem(config.bits, Metric::Kl, {}), rated = ratesIn(profile, problem, own.layers);
        for (std::size_t l = 0; l < problem.layers.size(); ++l)
            for (std::size_t c = 0; c < problem.layers[l].size(); ++c) {
                const Bits bits = problem.layers[l][c].bits;
                QCOMPARE(rated.layers[l][c].bits, bits);
                QCOMPARE(rated.layers[l][c].distortion, problem.layers[l][c].distortion);
                QCOMPARE(rated.layers[l][c].rate - problem.layers[l][c].rate,
                         own.layers[l].weights * (storedWidth(profile, bits) - bits));
            }
    }

    void theWindowCountsInOnnx()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        auto& document = f->window.document();
        auto& whatIf = f->window.whatIf();
        auto* map = f->find<widgets::BitMap>("bit-map");
        document.paint({5}, 6);
        document.paint({2}, kKeepFp32);
        const std::int64_t before = whatIf.estimate().storedBytes;
        auto* box = f->find<QComboBox>("profile");
        QCOMPARE(box->currentText(), QString("own format"));
        box->setFocus();
        QTest::keyClick(box, Qt::Key_Down);
        QVERIFY(whatIf.profile() == TargetProfile::Onnx);
        QCOMPARE(whatIf.set(), (Widths{4, 8}));
        QCOMPARE(document.allowedWidths(), (Widths{4, 8}));
        QTRY_VERIFY(!whatIf.refining());
        for (int layer = 0; layer < f->layers(); ++layer)
            if (layer != 2 && layer != 5)
                QVERIFY(document.cell(layer).bits == 4 || document.cell(layer).bits == 8);
        QCOMPARE(document.cell(5), (LayerCell{6, LayerState::Manual})); // by hand: it stays, and costs as much as 8
        QCOMPARE(document.cell(2).bits, kKeepFp32);
        // Header, layer and every point of the front: the own format's bytes and two bits more for each weight of layer 5.
        WhatIf own = f->window.session().sizes();
        own.sensitivity = f->window.session().sensitivity();
        const std::int64_t extra = own.layers[5].weights * 2 / 8;
        QCOMPARE(whatIf.estimate().storedBytes, own.estimate(document.allocation()).storedBytes + extra);
        QVERIFY(f->find<Readout>("readout.bytes")->caption().startsWith("ONNX INT4+8"));
        const FrontViewPtr front = whatIf.front();
        QVERIFY(front && front->front->points.size() > 5);
        for (std::size_t i = 0; i < front->front->points.size(); ++i) {
            const Allocation point = front->allocation(i);
            QCOMPARE(point.bits[5], 6);
            QCOMPARE(front->storedBytes[i], own.estimate(point).storedBytes + extra);
            QVERIFY(i == 0 || front->storedBytes[i] > front->storedBytes[i - 1]);
        }
        // The budget in kB is of the same bytes.
        auto* unit = f->find<QComboBox>("budget.unit");
        unit->setFocus();
        QTest::keyClick(unit, Qt::Key_Down);
        auto* budget = f->find<QDoubleSpinBox>("budget.bits");
        QVERIFY(std::abs(budget->maximum() - double(front->storedBytes.back()) / 1000) < 0.06);
        // Widths that cost as much as a higher one are marked.
        QCOMPARE(map->widths(), (QList<int>{4, 6, 8, kKeepFp32}));
        QVERIFY2(map->layerText(5).contains(": 6 bits stored as 8 bits, manual"), qPrintable(map->layerText(5)));
        QVERIFY(!map->layerText(2).contains("stored as"));
        for (Bits bits = kMinBits; bits <= kMaxBits; ++bits) {
            auto* check = f->find<QCheckBox>(qPrintable(QString("width.%1").arg(bits)));
            const bool native = bits == 4 || bits == 8;
            QCOMPARE(check->text(), QString::number(bits) + (native ? "" : "*"));
            QCOMPARE(check->toolTip().contains("stored as"), !native);
        }
        // Back: the set and its bytes are what they were.
        box->setFocus();
        QTest::keyClick(box, Qt::Key_Up);
        QCOMPARE(whatIf.set(), (Widths{4, 6, 8}));
        QTRY_VERIFY(!whatIf.refining());
        QCOMPARE(whatIf.estimate().storedBytes, own.estimate(document.allocation()).storedBytes);
        QVERIFY(f->find<Readout>("readout.bytes")->caption().startsWith("stored"));
        QVERIFY(!map->layerText(5).contains("stored as"));
        while (whatIf.estimate().storedBytes != before && document.undoStack()->canUndo())
            f->action("edit.undo")->trigger();
        QCOMPARE(whatIf.estimate().storedBytes, before);
        QCOMPARE(f->gate->wrongThreadCalls(), 0);
    }

    void int8AloneLeavesNoChoice()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        auto* box = f->find<QComboBox>("profile");
        box->setFocus();
        box->setCurrentIndex(1);
        QTest::keyClick(box, Qt::Key_Down);
        QVERIFY(f->window.whatIf().profile() == TargetProfile::Int8);
        QTRY_VERIFY(!f->window.whatIf().refining());
        QCOMPARE(f->window.document().allocation().bits, Widths(std::size_t(f->layers()), 8));
        QCOMPARE(f->window.whatIf().lowestTarget(), 8.0);
        f->find<QCheckBox>("width.4")->click(); // may be had, but not for less
        QTRY_VERIFY(!f->window.whatIf().refining());
        QCOMPARE(f->window.whatIf().set(), (Widths{4, 8}));
        QCOMPARE(f->window.document().allocation().bits, Widths(std::size_t(f->layers()), 8));
        QCOMPARE(f->window.whatIf().lowestTarget(), 8.0);
    }

    void oneOfTheUsersOwn()
    {
        const auto f = finishedWindow();
        QVERIFY(f);
        auto* box = f->find<QComboBox>("profile");
        const auto dialog = [&] {
            box->setFocus();
            QTest::keyClick(box, Qt::Key_End);
            return f->window.findChild<QDialog*>("profile-dialog");
        };
        QDialog* first = dialog();
        QVERIFY(first);
        first->reject();
        QVERIFY(f->window.whatIf().profile() == TargetProfile::Own);
        QCOMPARE(box->currentIndex(), 0); // says what holds, not what was opened
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        QDialog* second = dialog();
        QVERIFY(second);
        auto* ok = second->findChild<QPushButton*>("profile.ok");
        for (int bits = 2; bits <= 8; ++bits) {
            auto* width = second->findChild<QCheckBox*>(QString("profile.width.%1").arg(bits));
            if (width->isChecked())
                width->click();
        }
        QVERIFY(!ok->isEnabled()); // a target that stores nothing is none
        second->findChild<QCheckBox*>("profile.width.6")->click();
        ok->click();
        QVERIFY(f->window.whatIf().profile() == TargetProfile::custom({6}));
        QCOMPARE(box->currentText(), "custom 6");
        QTRY_VERIFY(!f->window.whatIf().refining());
        QCOMPARE(f->window.document().allocation().bits, Widths(std::size_t(f->layers()), 6));
    }

    void namesThatAreNone_data()
    {
        QTest::addColumn<QString>("name");
        for (const char* name : {"", "vax", "custom", "custom:", "custom:9", "custom:4,", "custom:four", "custom:4;8"})
            QTest::newRow(name) << name;
    }
    void namesThatAreNone()
    {
        QFETCH(QString, name);
        QVERIFY(!targetFromName(name));
    }

    void theSessionKeepsIt()
    {
        FilledSession s, again;
        s.measure();
        again.measure();
        s.whatIf.setProfile(TargetProfile::Onnx);
        const QString text = documentText(s.document, s.whatIf);
        QVERIFY(restoreDocument(text, again.document, again.whatIf));
        QVERIFY(again.whatIf.profile() == TargetProfile::Onnx);
        QCOMPARE(again.whatIf.set(), s.whatIf.set());
        QCOMPARE(again.whatIf.estimate().storedBytes, s.whatIf.estimate().storedBytes);
        QString older = text;
        older.replace(",\"target\":\"onnx\"", "");
        QVERIFY(older != text);
        QVERIFY(restoreDocument(older, again.document, again.whatIf));
        QVERIFY(again.whatIf.profile() == TargetProfile::Own);
        QVERIFY(restoreDocument(QString(text).replace("onnx", "vax"), again.document, again.whatIf));
        QVERIFY(again.whatIf.profile() == TargetProfile::Own);
    }
};

MPRDO_TEST(TstTargetProfile)
#include "tst_target_profile.moc"

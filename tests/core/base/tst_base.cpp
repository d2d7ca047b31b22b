// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/base/hash.h"
#include "core/base/random.h"
#include "tests/support/test_registry.h"
#include <QtTest>

using namespace mprdo;

class TstBase : public QObject {
    Q_OBJECT
private Q_SLOTS:
    /// FIPS 180-4 examples.
    void sha256_data()
    {
        QTest::addColumn<QByteArray>("input");
        QTest::addColumn<QString>("digest");
        QTest::newRow("abc") << QByteArray("abc") << "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        QTest::newRow("empty") << QByteArray() << "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        QTest::newRow("two blocks") << QByteArray("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
                                    << "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";
        QTest::newRow("a million a") << QByteArray(1000000, 'a')
                                     << "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
    }

    void sha256()
    {
        QFETCH(QByteArray, input);
        QFETCH(QString, digest);
        Hash whole, pieces;
        whole.addRaw(input.constData(), std::size_t(input.size()));
        for (qsizetype i = 0; i < input.size(); i += 37)
            pieces.addRaw(input.constData() + i, std::size_t(std::min<qsizetype>(37, input.size() - i)));
        QCOMPARE(QString::fromStdString(whole.hex()), digest);
        QCOMPARE(QString::fromStdString(pieces.hex()), digest);
    }

    void partsAreKeptApart()
    {
        QVERIFY(Hash().add("ab").add("c").hex() != Hash().add("a").add("bc").hex());
        QVERIFY(Hash().add(at::zeros({2, 3})).hex() != Hash().add(at::zeros({3, 2})).hex());
    }

    void bytesRoundTripAndTruncation()
    {
        auto g = generator(1, "bytes");
        const at::Tensor t = at::randn({3, 4}, g).t(); // not contiguous
        ByteWriter w;
        w.integer(-7).number(0.1).string("text").tensor(t).tensor({});
        ByteReader r(w.bytes());
        QCOMPARE(r.integer(), std::int64_t(-7));
        QCOMPARE(r.number(), 0.1);
        QCOMPARE(r.string(), std::string("text"));
        QVERIFY(at::equal(r.tensor(), t));
        QVERIFY(!r.tensor().defined());
        QVERIFY(r.atEnd());
        for (std::size_t size = 0; size < w.bytes().size(); ++size) {
            ByteReader cut(std::string_view(w.bytes()).substr(0, size));
            QVERIFY_EXCEPTION_THROWN((cut.integer(), cut.number(), cut.string(), cut.tensor(), cut.tensor()), Error);
        }
    }

    void drawsDependOnPurposeAndIndexAlone()
    {
        auto a = generator(42, "crop", {3}), b = generator(42, "crop", {3});
        QVERIFY(at::equal(at::randn({5}, a), at::randn({5}, b)));
        QVERIFY(derivedSeed(42, "crop", {3}) != derivedSeed(42, "crop", {4}));
        QVERIFY(derivedSeed(42, "crop") != derivedSeed(42, "flip"));
        QVERIFY(derivedSeed(42, "crop") != derivedSeed(43, "crop"));
    }

    void guardedWork()
    {
        const auto value = runGuarded([] { return 3; });
        QCOMPARE(std::get<int>(value), 3);
        const auto failure = runGuarded([]() -> int { throw Error(ErrorCode::BadFile, "x.pt: empty"); });
        QCOMPARE(std::get<Failure>(failure).message, std::string("x.pt: empty"));
        const auto memory = runGuarded([]() -> int { throw std::bad_alloc(); });
        QVERIFY(std::get<Failure>(memory).code == ErrorCode::OutOfMemory);
        const auto torch = runGuarded([] { return at::mm(at::ones({2, 3}), at::ones({2, 3})).size(0); });
        QVERIFY(std::get<Failure>(torch).message.find('\n') == std::string::npos);
        const auto cancelled = runGuarded([]() -> int { throw Cancelled{"epoch 2"}; });
        QCOMPARE(std::get<Cancelled>(cancelled).where, std::string("epoch 2"));
    }
};

MPRDO_TEST(TstBase)
#include "tst_base.moc"

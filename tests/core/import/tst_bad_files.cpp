// SPDX-License-Identifier: GPL-3.0-or-later
// Files that are not there, not whole, or not what they claim: one sentence each, and never anything but mprdo::Error.
#include "tests/core/import/reading.h"
#include "tests/support/test_registry.h"
#include "tests/support/torch_files.h"
#include <QRandomGenerator>
#include <QtTest>
#include <sys/stat.h>
#include <unistd.h>

using namespace mprdo;
using namespace mprdo::test;

namespace {

constexpr const char* kFormats[] = {"zip", "deflated zip", "legacy", "safetensors"};

/// Small, valid, and with a bit of everything.
std::string valid(const QString& format)
{
    StateFile file;
    file.add("conv1.weight", "FloatStorage", patterns({0x3f800000, 0xc0000000, 0x3e800000, 1, 2, 3}, 4), {2, 3});
    file.add("module.bn1.bias", "HalfStorage", patterns({0x3c00, 0x3400}, 2), {2});
    if (format == "safetensors")
        return safetensors(file);
    file.view("tied", 0, 1, {2, 2}, {3, 1});
    if (format == "legacy")
        return torchLegacy(file.storages, pickled::dict({{"state_dict", file.object()}, {"epoch", pickled::integer(7)}}));
    auto entries = torchZipEntries(file.storages, file.object());
    for (ZipEntry& e : entries)
        e.deflated = format == "deflated zip";
    return zipFile(entries);
}

void addFormats()
{
    QTest::addColumn<QString>("format");
    for (const char* format : kFormats)
        QTest::newRow(format) << format;
}

std::string nameFor(const QString& format) { return format == "safetensors" ? "x.safetensors" : "x.pth"; }

} // namespace

class TstBadFiles : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void onDisk_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("message");
        QTest::newRow("missing") << "missing" << "cannot be read: No such file or directory";
        QTest::newRow("below a file") << "empty/x" << "cannot be read: Not a directory";
        QTest::newRow("empty") << "empty" << "is empty";
        QTest::newRow("a directory") << "." << "is a directory, not a file";
        QTest::newRow("a pipe") << "pipe" << "is not a regular file";
        QTest::newRow("no permission") << "secret" << "cannot be read: Permission denied";
        QTest::newRow("too large") << "large" << "has 2147483649 bytes, more than the 2147483648 that are read";
    }
    void onDisk()
    {
        QFETCH(QString, what);
        QFETCH(QString, message);
        if (what == "secret" && ::geteuid() == 0)
            QSKIP("root may read everything");
        QTemporaryDir folder;
        for (const char* name : {"empty", "secret", "large"}) {
            QFile file(folder.filePath(name));
            QVERIFY(file.open(QIODevice::WriteOnly));
            QVERIFY(file.resize(name[0] == 'l' ? (qint64(1) << 31) + 1 : 0)); // sparse
        }
        QVERIFY(QFile::setPermissions(folder.filePath("secret"), {}));
        QCOMPARE(::mkfifo(qPrintable(folder.filePath("pipe")), 0600), 0);
        const QString path = folder.filePath(what);
        const auto refused = refusal([&] { readCheckpoint(path.toStdString()); });
        QCOMPARE(fault(refused, path), QString());
        QCOMPARE(refused->message, path + ": " + message);
        QVERIFY(*refused->code == (what == "empty" || what == "large" ? ErrorCode::BadFile : ErrorCode::Io));
    }

    void theValidOnesAreRead_data() { addFormats(); }
    void theValidOnesAreRead()
    {
        QFETCH(QString, format);
        QCOMPARE(outcome(nameFor(format), valid(format)), QString("read"));
    }

    void truncatedAtEveryByte_data() { addFormats(); }
    void truncatedAtEveryByte()
    {
        QFETCH(QString, format);
        const std::string whole = valid(format);
        for (std::size_t size = 0; size < whole.size(); ++size) {
            const QString result = outcome(nameFor(format), std::string_view(whole).substr(0, size));
            QVERIFY2(result != "read" && !result.startsWith("fault"), qPrintable(QString("%1 bytes: %2").arg(size).arg(result)));
        }
    }

    void onlyTheStart_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("message");
        const auto row = [](const char* label, const std::string& bytes, const char* name, const char* message) {
            QTest::newRow(label) << toBytes(bytes) << name << message;
        };
        const char* neither = "is neither a PyTorch checkpoint nor safetensors: it begins like neither";
        row("text", "hello world, this is no checkpoint", "a.pth", neither);
        row("one byte", "x", "a.pth", neither);
        row("zeros", std::string(4096, '\0'), "a.pth", neither);
        row("an old tar of PyTorch 0.1", "./" + std::string(1000, '\0'), "a.pth", neither);
        row("zip, no more", "PK\x03\x04", "a.pth", "truncated: the zip archive's directory at its end is missing");
        row("safetensors by name", "abc", "a.safetensors",
            "truncated: the safetensors header's length at byte 0 needs 8 bytes, 3 are left");
        row("a plain pickle", pickled::whole("}"), "a.pkl", "is a pickle, but not one that torch.save wrote");
        row("ONNX by name", "\x08\x07\x99\x01 and so on", "a.onnx",
            "is an ONNX model; only state dicts (PyTorch zip, older PyTorch, safetensors) can be read");
        row("ONNX by content", "\x08\x07\x12\x07pytorch", "a.pth",
            "is an ONNX model; only state dicts (PyTorch zip, older PyTorch, safetensors) can be read");
    }
    void onlyTheStart()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, name);
        QFETCH(QString, message);
        QCOMPARE(outcome(name.toStdString(), viewOf(bytes)), message);
    }

    void randomBytes()
    {
        QRandomGenerator random(7);
        const std::string starts[] = {"", "PK\x03\x04", valid("legacy").substr(0, 15), valid("safetensors").substr(0, 20), "\x80\x02"};
        for (int i = 0; i < 2000; ++i) {
            std::string bytes = starts[i % 5];
            for (int n = random.bounded(1, 300); n > 0; --n)
                bytes += static_cast<char>(random.bounded(256));
            for (const char* name : {"x.pth", "x.safetensors"}) {
                const QString result = outcome(name, bytes);
                QVERIFY2(result != "read" && !result.startsWith("fault"), qPrintable(result + " " + toBytes(bytes).toHex()));
            }
        }
    }

    void anyByteChanged_data() { addFormats(); }
    /// Whatever one byte becomes: the file is read or refused in one sentence.
    void anyByteChanged()
    {
        QFETCH(QString, format);
        const std::string whole = valid(format);
        int refused = 0;
        for (std::size_t at = 0; at < whole.size(); ++at)
            for (const int change : {0x01, 0x80, 0xff, 0x20, -1, -2}) {
                std::string bytes = whole;
                bytes[at] = change == -1 ? '\0' : change == -2 ? '\xff' : static_cast<char>(bytes[at] ^ change);
                const QString result = outcome(nameFor(format), bytes);
                QVERIFY2(!result.startsWith("fault"), qPrintable(QString("byte %1: %2").arg(at).arg(result)));
                refused += result != "read";
            }
        QVERIFY(refused > int(whole.size())); // the changes do reach what is read
    }

    void piecesMoved_data() { addFormats(); }
    /// Pieces cut out, doubled or overwritten by others, drawn from a seed.
    void piecesMoved()
    {
        QFETCH(QString, format);
        const std::string whole = valid(format);
        QRandomGenerator random(11);
        const auto place = [&] { return static_cast<std::size_t>(random.bounded(int(whole.size()))); };
        for (int i = 0; i < 3000; ++i) {
            std::string bytes = whole;
            for (int change = random.bounded(1, 4); change > 0; --change) {
                const std::string piece = whole.substr(place(), static_cast<std::size_t>(random.bounded(1, 40)));
                const std::size_t at = std::min(place(), bytes.size());
                if (i % 3 == 0)
                    bytes.erase(at, piece.size());
                else if (i % 3 == 1)
                    bytes.insert(at, piece);
                else
                    bytes.replace(at, piece.size(), piece);
            }
            const QString result = outcome(nameFor(format), bytes);
            QVERIFY2(!result.startsWith("fault"), qPrintable(result + " " + toBytes(bytes).toHex()));
        }
    }

    void tensors_data()
    {
        QTest::addColumn<QByteArray>("object");
        QTest::addColumn<QString>("message");
        using namespace pickled;
        const auto row = [](const char* label, const std::string& object, const char* message) {
            QTest::newRow(label) << toBytes(object) << message;
        };
        const auto one = [](const Sizes& sizes, const Sizes& strides, std::int64_t offset = 0, std::int64_t elements = 4) {
            return dict({{"w", tensor(storage("FloatStorage", "0", elements), offset, sizes, strides)}});
        };
        const std::int64_t huge = std::int64_t(1) << 62, half = std::int64_t(1) << 32;
        row("more elements than the storage", one({5}, {1}), "w: [5] has 5 elements, its storage 4");
        row("2^62 elements", one({huge}, {1}), "w: the shape [4611686018427387904] has more elements than any file can hold");
        row("a product over 2^64", one({half, half}, {half, 1}),
            "w: the shape [4294967296, 4294967296] has more elements than any file can hold");
        row("a product over 2^64 times 0", one({half, half, 0}, {half, 1, 1}),
            "w: the shape [4294967296, 4294967296, 0] has more elements than any file can hold");
        row("a negative size", one({-4}, {1}), "w: the shape [-4] has a negative size");
        row("a stride that leaves the storage", one({2, 2}, {3, 1}),
            "w: sizes [2, 2] with strides [3, 1] reach outside its storage of 4 elements");
        row("a stride that overflows", one({3}, {huge}),
            "w: sizes [3] with strides [4611686018427387904] reach outside its storage of 4 elements");
        row("a negative stride", one({2}, {-1}, 2), "w: sizes [2] with strides [-1] reach outside its storage of 4 elements");
        row("a stride of 0 that makes gigabytes", one({half / 8}, {0}),
            "w: [536870912] is expanded from a storage of 4 elements to more than 268435456");
        row("strides of 0 that make gigabytes together",
            dict({{"v", tensor(storage("FloatStorage", "0", 4), 0, {half / 32, 1}, {0, 0})}, {"w", tensor(storage("FloatStorage", "0", 4), 0, {half / 32 + 1, 1}, {0, 0})}}),
            "w: expanded tensors (with a stride of 0) have more than 268435456 elements altogether");
        row("an offset beyond", one({1}, {1}, 5), "w: begins at element 5 of a storage of 4");
        row("an offset at the end", one({1}, {1}, 4), "w: sizes [1] with strides [1] reach outside its storage of 4 elements");
        row("no dimensions at the end", one({}, {}, 4), "w: begins at element 4 of a storage of 4");
        row("a negative offset", one({1}, {1}, -1), "w: begins at element -1 of a storage of 4");
        row("fewer strides than sizes", one({2, 2}, {1}), "w: has 2 sizes but 1 strides");
        row("the name twice", "}(" + string("w") + tensor(storage("FloatStorage", "0", 4), 0, {1}, {1}) + string("module.w")
                + tensor(storage("FloatStorage", "0", 4), 0, {1}, {1}) + "u", "has two tensors named w");
        row("a name with a newline", dict({{"a\nb", tensor(storage("FloatStorage", "0", 4), 0, {1}, {1})}}),
            "the tensor name a?b has control characters");
        row("a name of 2,000 characters", dict({{std::string(2000, 'n'), tensor(storage("FloatStorage", "0", 4), 0, {1}, {1})}}),
            "a tensor's name has 2000 characters");
        row("a list", list({integer(1)}), "holds a list, not a state dict");
        row("nothing", "N", "holds None, not a state dict");
        row("one tensor", tensor(storage("FloatStorage", "0", 4), 0, {1}, {1}), "holds a tensor, not a state dict");
        row("an empty dict", "}", "holds no tensors that could be a state dict");
        row("a dict in itself", "}q\x01(" + string("state_dict") + "h\x01u", "holds no tensors that could be a state dict");
    }
    void tensors()
    {
        QFETCH(QByteArray, object);
        QFETCH(QString, message);
        std::vector<FileStorage> storages{{"FloatStorage", "0", 4, patterns({0, 0, 0, 0}, 4)}};
        QCOMPARE(outcome("t.pth", torchZip(storages, object.toStdString())), message);
        if (!object.contains("FloatStorage"))
            storages.clear();
        QCOMPARE(outcome("t.pth", torchLegacy(storages, object.toStdString())), message);
    }

    void storages_data()
    {
        QTest::addColumn<qint64>("claimed");
        QTest::addColumn<QString>("inZip");
        QTest::addColumn<QString>("inLegacy");
        QTest::newRow("too many") << qint64(5) << "storage 0 claims 5 elements of float32 but has 16 bytes"
                                  << "truncated: a storage at byte %1 needs 20 bytes, 16 are left";
        QTest::newRow("too few") << qint64(3) << "storage 0 claims 3 elements of float32 but has 16 bytes" << "read";
        QTest::newRow("negative") << qint64(-1) << "storage 0 has a negative size" << "storage 0 has a negative size";
        QTest::newRow("2^62") << (qint64(1) << 62)
                              << "storage 0: the shape [4611686018427387904] has more elements than any file can hold"
                              << "storage 0: the shape [4611686018427387904] has more elements than any file can hold";
        QTest::newRow("a terabyte") << (qint64(1) << 38) << "storage 0 claims 274877906944 elements of float32 but has 16 bytes"
                                    << "truncated: a storage at byte %1 needs 1099511627776 bytes, 16 are left";
    }
    void storages()
    {
        QFETCH(qint64, claimed);
        QFETCH(QString, inZip);
        QFETCH(QString, inLegacy);
        const std::vector<FileStorage> storages{{"FloatStorage", "0", claimed, patterns({0, 0, 0, 0}, 4)}};
        const std::string object
            = pickled::dict({{"w", pickled::tensor(pickled::storage("FloatStorage", "0", claimed), 0, {1}, {1})}});
        QCOMPARE(outcome("s.pth", torchZip(storages, object)), inZip);
        const std::string legacy = torchLegacy(storages, object);
        QCOMPARE(outcome("s.pth", legacy), inLegacy.contains("%1") ? inLegacy.arg(legacy.size() - 16) : inLegacy);
    }

    void legacyKeys_data()
    {
        QTest::addColumn<QByteArray>("keys");
        QTest::addColumn<QString>("message");
        using namespace pickled;
        QTest::newRow("none") << toBytes("]") << "w: its storage is missing";
        QTest::newRow("another") << toBytes(list({string("1")})) << "no tensor uses the storage 1";
        QTest::newRow("twice") << toBytes(list({string("0"), string("0")})) << "storage 0 is listed twice";
        QTest::newRow("numbers") << toBytes(list({integer(0)})) << "no tensor uses the storage ";
        QTest::newRow("no list") << toBytes("}") << "the storage keys are no list";
    }
    void legacyKeys()
    {
        QFETCH(QByteArray, keys);
        QFETCH(QString, message);
        StateFile file;
        file.add("w", "FloatStorage", patterns({1}, 4), {1});
        QCOMPARE(outcome("k.th", torchLegacy(file.storages, file.object(), keys.toStdString())), message);
    }

    void legacyHead_data()
    {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<QString>("message");
        QTest::newRow("protocol") << toBytes(pickled::whole(pickled::integer(1001))) << toBytes(pickled::whole(pickled::integer(1002)))
                                  << "its protocol is not 1001";
        QTest::newRow("big-endian") << toBytes(pickled::string("little_endian") + "\x88")
                                    << toBytes(pickled::string("little_endian") + "\x89") << "its byte order is big, not little";
    }
    void legacyHead()
    {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QFETCH(QString, message);
        QByteArray bytes = toBytes(valid("legacy"));
        QVERIFY(bytes.contains(from));
        QCOMPARE(outcome("h.th", viewOf(bytes.replace(from, to))), message);
    }
};

MPRDO_TEST(TstBadFiles)
#include "tst_bad_files.moc"

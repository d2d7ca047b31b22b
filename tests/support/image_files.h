// SPDX-License-Identifier: GPL-3.0-or-later
// Small data sets written to a folder.
#pragma once
#include <QByteArray>
#include <QDir>
#include <QFile>
#include <QString>

namespace mprdo::test {

inline void writeBytes(const QString& path, const QByteArray& bytes)
{
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("cannot write %s", qPrintable(path));
}

/// A record of the CIFAR layouts: label bytes, then 3,072 bytes that depend on seed.
inline QByteArray cifarRecord(const QByteArray& labels, unsigned seed)
{
    QByteArray out = labels;
    unsigned state = seed * 2654435761u + 12345u;
    for (int i = 0; i < 3072; ++i) {
        state = state * 1664525u + 1013904223u;
        out.append(static_cast<char>(state >> 24));
    }
    return out;
}

/// A CIFAR-10 folder with so many training and test images, labels 0, 1, ..., 9, 0, ...
inline void writeCifar10(const QString& folder, int train, int test)
{
    const auto batch = [](int count, unsigned seed) {
        QByteArray out;
        for (int i = 0; i < count; ++i)
            out += cifarRecord(QByteArray(1, static_cast<char>(i % 10)), seed + static_cast<unsigned>(i));
        return out;
    };
    writeBytes(folder + "/data_batch_1.bin", batch(train, 1));
    writeBytes(folder + "/test_batch.bin", batch(test, 100000));
}

} // namespace mprdo::test

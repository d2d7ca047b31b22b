// SPDX-License-Identifier: GPL-3.0-or-later
// The files that the window offers to fetch.
#pragma once
#include <QCoreApplication>
#include <QUrl>

namespace mprdo {

struct KnownDownload {
    QString title; ///< "CIFAR-10"
    QString what;  ///< a sentence or two: what is in it and what it is for
    QUrl url;
    qint64 bytes = 0;     ///< exact
    QByteArray sha256;    ///< small hex digits
    bool archive = false; ///< a tar archive, to be unpacked beside itself
};

/// 50,000 training and 10,000 test images of 3x32x32 in 10 classes, CIFAR-10's binary version.
inline KnownDownload cifar10Download()
{
    return {QCoreApplication::translate("KnownDownload", "CIFAR-10"),
            QCoreApplication::translate("KnownDownload",
                                        "CIFAR-10, binary version: 50,000 training and 10,000 test images "
                                        "of 32x32 pixels in 10 classes."),
            QUrl(QStringLiteral("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz")),
            170'052'171,
            "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            true};
}

/// torchvision's ResNet18_Weights.IMAGENET1K_V1.
inline KnownDownload resnet18Download()
{
    return {QCoreApplication::translate("KnownDownload", "a pretrained ResNet-18"),
            QCoreApplication::translate("KnownDownload",
                                        "ResNet-18 of torchvision with the weights trained on ImageNet: "
                                        "11.7 million parameters, 1,000 classes."),
            QUrl(QStringLiteral("https://download.pytorch.org/models/resnet18-f37072fd.pth")),
            46'830'571,
            "f37072fd47e89c5e827621c5baffa7500819f7896bbacec160b1a16c560e07ec",
            false};
}

} // namespace mprdo

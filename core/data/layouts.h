// SPDX-License-Identifier: GPL-3.0-or-later
// The layouts that openDataset knows. Each reader assumes that its layout was recognised; errors as openDataset.
#pragma once
#include "core/data/dataset.h"

namespace mprdo {

/// The official CIFAR-10 binary layout (Krizhevsky 2009): records of one label byte and 3 x 32 x 32 bytes in planes;
/// data_batch_1.bin to data_batch_5.bin of which at least one is there, test_batch.bin, batches.meta.txt optional.
Dataset readCifar10(const std::string& folder, const RunControl&);
/// CIFAR-100: train.bin and test.bin, records of a coarse and a fine label byte (the fine one is the class), 3,072 bytes.
Dataset readCifar100(const std::string& folder, const RunControl&);
/// PNG and JPEG files in one folder per class, below train/ and test/, or on one level (then a seeded 80/20 split within
/// each class). Classes in name order; images in an order drawn from a fixed seed, so that the first N hold all classes.
/// All images must have one size. At most 4 GiB of pixels.
Dataset readImageFolder(const std::string& folder, const RunControl&);

} // namespace mprdo

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
/// PNG, JPEG and WebP files in one folder per class, below train/ and test/, or on one level (then a seeded 80/20 split within
/// each class). Files that lie in the folder itself, or in train/ and test/ themselves, are unlabelled images; they count where
/// no folder of a class holds any. Classes in name order; images in an order drawn from a fixed seed, so that the first N hold all classes.
/// All images must have one size, or get it by input. At most 4 GiB of pixels in each set.
Dataset readImageFolder(const std::string& folder, const RunControl&, const std::optional<InputSize>& input);

/// Arrays of images and labels (npyImages, npyLabels): train_images.npy or x_train.npy, train_labels.npy or y_train.npy,
/// test_images.npy or x_test.npy, test_labels.npy or y_test.npy in one folder, or by the same names in one .npz. Without both
/// files of labels the images are unlabelled. In an order drawn from a fixed seed. Classes are numbers: those of the network's outputs.
bool holdsNumpyArrays(const std::string& folder);
Dataset readNumpyFolder(const std::string& folder, const RunControl&);
Dataset readNpz(const std::string& path, const RunControl&);

/// \throws Error{Unsupported} where count images of height x width pixels are more than is kept in memory
void checkPixels(const std::string& path, std::int64_t count, std::int64_t height, std::int64_t width);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// The layouts that openDataset knows. Each reader assumes that its layout was recognised; errors as openDataset.
#pragma once
#include "core/data/dataset.h"

namespace mprdo {

/// The official CIFAR-10 binary layout (Krizhevsky 2009): records of one label byte and 3 x 32 x 32 bytes in planes;
/// data_batch_1.bin to data_batch_5.bin and test_batch.bin of which at least one is there, batches.meta.txt optional.
Dataset readCifar10(const std::string& folder, const RunControl&);
/// CIFAR-100: train.bin and test.bin, records of a coarse and a fine label byte (the fine one is the class), 3,072 bytes.
Dataset readCifar100(const std::string& folder, const RunControl&);
/// Image files (kImageKinds) in one folder per class, below train/ (or training/) and test/, testing/, val/, valid/ or
/// validation/, in letters of any case, or on one level (then a seeded 80/20 split within each class). Files that lie in the
/// folder itself, or in train/ and test/ themselves, are unlabelled images; they count where no folder of a class holds any. Classes
/// in name order, or by number where all names are numbers; images in an order drawn from a fixed seed, so that the first N hold all
/// classes. All images must have one size, or get it by input. At most 4 GiB of pixels in each set. Subfolders of class folders
/// are not read; every file that is not read is counted in notices. A class without a training or a test image is refused.
Dataset readImageFolder(const std::string& folder, const RunControl&, const std::optional<InputSize>& input);

/// Arrays of images and labels (npyImages, npyLabels), files NAME.npy in one folder or entries of one .npz: train_images, x_train,
/// X_train, trainX, ... and test_images, val_images, ...; or images, data, x alone, which are split. Without labels the images are
/// unlabelled. In an order drawn from a fixed seed. Classes are numbers: those of the network's outputs.
bool holdsNumpyArrays(const std::string& folder);
Dataset readNumpyFolder(const std::string& folder, const RunControl&);
Dataset readNpz(const std::string& path, const RunControl&);
/// One array of images, unlabelled and split.
Dataset readNpyFile(const std::string& path, const RunControl&);

/// MNIST's idx files (LeCun): [PREFIX]train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte,
/// t10k-labels-idx1-ubyte, with a dot instead of a dash, and .gz too; in the folder, in its subfolder raw/, or in one subfolder and its
/// raw/ (MNIST/raw). Classes are numbers.
/// \return where they lie; empty: nowhere. \throws Error{BadFile} in several places
std::string findIdxFiles(const std::string& folder);
/// The name of one of them.
bool isIdxName(const std::string& file);
/// \param file  its prefix is taken where there are several (EMNIST); empty: any, which must be one
Dataset readIdx(const std::string& folder, const std::string& file, const RunControl&);

/// \throws Error{Unsupported} where count images of height x width pixels are more than is kept in memory
void checkPixels(const std::string& path, std::int64_t count, std::int64_t height, std::int64_t width);

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// A data set on disk or built in: what the three sets are drawn from.
#pragma once
#include "core/api/input_size.h"
#include "core/api/run_config.h"
#include "core/api/run_control.h"
#include "core/api/snapshots.h"
#include "core/data/image_set.h"
#include <vector>

namespace mprdo {

struct Dataset {
    std::string path, format;           ///< format: "CIFAR-10 binary", "CIFAR-100 binary", "image folder", "NumPy arrays", "idx files", "built-in demo"
    std::vector<std::string> classes;   ///< empty: nothing in the data names them, labels number the network's outputs
    ImageSet train, test;               ///< train has no images where the data has test images alone
    std::vector<std::string> notices;   ///< what a reader left out or decided, a sentence each
    std::string classList;              ///< classes.txt or labels.txt beside the images, taken by nobody yet; empty: none
    std::int64_t labelWidth = 0;        ///< classes that one-hot labels were told for; 0: labels are numbers
    std::vector<std::string> coarseClasses; ///< CIFAR-100's superclasses; empty: there are none
    at::Tensor coarseTrain, coarseTest; ///< labels of these, indexed as the images
    bool labelled() const { return test.labels.defined(); }
};

/// Recognises the layout of a folder (or of a single file) and reads it. Sizes are checked before anything is allocated.
/// Data with training images alone are split: a fifth, drawn with a fixed seed, is set aside for testing (said in notices).
/// \param input     images of another size are resized and cut to it (fitImage); empty: all must have one size already
/// \param channels  3: RGB; 1: they are made grey (greyImages), before they are resized
/// \throws Error{Io | BadFile} naming the file and the condition (a batch that is no multiple of 3,073 bytes, a label
/// over 9, a folder without images, a broken image, ...).
Dataset openDataset(const std::string& folder, const RunControl&, const std::optional<InputSize>& input = {},
                    std::int64_t channels = 3);

/// The built-in demo: 10 classes of 3x32x32 images drawn from the seed; train 6,000 and test 2,000 by default.
Dataset demoDataset(std::uint64_t seed = 42);

/// Grey images of all of them; the usual mean and standard deviation follow.
void makeGrey(Dataset&);

/// The data set's usual mean and standard deviation (CIFAR-10, CIFAR-100, MNIST for idx files,
/// ImageNet for image folders and arrays, the demo's own). Of colour
/// images that were made grey: the means of the three numbers, to four decimals.
Preprocessing usualPreprocessing(const Dataset&);

/// The three disjoint sets: calibration = the chosen training images, hold-out = the N that follow
/// in the same order; evaluation = first N test images (all when -1).
struct Splits {
    CalibrationSet calibration;
    HoldOutSet holdOut;
    EvaluationSet evaluation;
    EvaluationSet confirmation;         ///< the test images behind the evaluation ones: not looked at while exploring
    ImageSet training;                  ///< all training images but the hold-out ones, for stage 1
    bool labelled = true;               ///< of the images as they were read
};
/// Which training images calibrate.
struct CalibrationChoice {
    std::int64_t count = 512;
    std::optional<std::uint64_t> seed;      ///< empty: in the order of the data set
    bool balanced = false;                  ///< as many of each class, up to one
    std::vector<std::string> classes;       ///< of these alone; empty: of all
};
/// \throws Error{Usage} when fewer images are there than asked for (says both numbers), or a class is unknown.
Splits split(const Dataset&, const Preprocessing&, const CalibrationChoice&, std::int64_t holdOut, std::int64_t test);

} // namespace mprdo

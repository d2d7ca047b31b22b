// SPDX-License-Identifier: GPL-3.0-or-later
// From the classes of the data to the outputs of the network.
#pragma once
#include "core/data/dataset.h"
#include "core/import/model_file.h"

namespace mprdo {

/// What decides which output stands for which class.
struct ClassFit {
    std::int64_t outputs = 0;       ///< classes that the network tells apart
    std::string list{};             ///< --classes; empty: a list beside the images, or none
    std::vector<std::string> names{}; ///< of the outputs, where the network's file has them
    bool newHead = false;           ///< stage 1 makes the head anew where classes and outputs differ
    bool mayTrain = false;          ///< the caller has --fine-tune-epochs, so that a refusal may name it
};

/// Labels become numbers of outputs, data.classes names of all outputs (where newHead and nothing fits: of the data's classes).
/// In this order: the class list given; the network's own names, where all classes of the data are among them; a list beside the
/// images, where it fits; as many classes as outputs, in the data's order; CIFAR-100's 20 superclasses. Whatever was
/// decided that the user may not expect goes to data.notices.
/// \throws Error{Usage} what readClassList and outputNames throw; a list of another length than the outputs; fewer classes than
/// outputs and no list; more classes than outputs, or labels beyond them
void fitClasses(Dataset&, const ClassFit&);

/// The names of the outputs that a model file brings along (ONNX metadata: "mprdo.classes", "classes", "labels", "names",
/// "class_names", "id2label", as JSON); empty: none.
std::vector<std::string> classesIn(const ModelFile&);

} // namespace mprdo

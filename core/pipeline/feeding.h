// SPDX-License-Identifier: GPL-3.0-or-later
// What a network is fed: the images that were read, prepared as its file and the options say.
#pragma once
#include "core/api/run_control.h"
#include "core/data/dataset.h"
#include "core/graph/graph.h"
#include "core/import/image_input.h"

namespace mprdo {

/// The network's file and what is known of its input. An export brings its own preprocessing.
struct Feeding {
    std::string path;                 ///< of the file, for messages
    ImageInput input;
    std::optional<Preprocessing> own; ///< that an export brings
};

/// Of a file that brings no preprocessing. The size's channels count where the file tells none.
/// \throws as imageInputOf and checkFits; Error{Unsupported} channels that are neither 3 nor 1
Feeding feedingOf(const std::string& path, const ModelFile&, const std::string& architecture, const std::optional<InputSize>&,
                  const InputFormat&);
/// Of an export. \param inputShape as the network reads it, -1: free
/// \throws the same; Error{Usage} an order, range or layout asked for that is not the export's
Feeding feedingOf(const std::string& path, const std::vector<std::int64_t>& inputShape, const Preprocessing& own,
                  const std::optional<InputSize>&, const InputFormat&);

/// Of an ONNX file, which is an export where this program wrote it. \throws as both
Feeding onnxFeeding(const OnnxFile&, const std::optional<InputSize>&, const InputFormat&);

/// The channels that the images are to have, once they are known. \throws Error{Unsupported} neither 3 nor 1
void takeChannels(Feeding&, const std::vector<std::int64_t>& inputShape);
/// The size to read images in: the one asked for, else that of an export.
std::optional<InputSize> sizeFor(const Feeding&, const std::optional<InputSize>& asked);
/// Reads the images, with as many channels as are told; 3 where none are.
Dataset openImages(const std::string& folder, const RunControl&, const std::optional<InputSize>&, const Feeding&);

/// Mean and std asked for, else the export's, else the data set's usual ones (0 and 1 for pixels from 0 to 255); order, range and
/// layout asked for, else the file's.
/// \throws Error{Usage} three different values, or blue before red, for images of one channel
Preprocessing preprocessingFor(const Dataset&, const Feeding&, const std::optional<Rgb>& mean, const std::optional<Rgb>& std,
                               const InputFormat&);

/// Another FP32 network for the same images; its file tells their layout where it differs.
/// \param images prepared for the network that it is compared with; its layout becomes that of this one   \throws as importModel
/// \param architecture of a state dict; empty: recognised
ImportedModel importReference(const std::string& path, const ModelFile&, const InputFormat&, ImageSet& images, const std::string& architecture = {});
/// \throws Error{ShapeMismatch} the network reads other images; names what makes them fit
void checkReads(const std::string& path, const Graph&, const ImageSet&, const std::string& dataPath);

/// Notices of what was found out and looks odd: a layout from the shape, mean and std of the other range, or not the export's.
void sayFeeding(const Feeding&, const Preprocessing&, bool statisticsAsked, const RunControl&);

/// "mean 0.485, 0.456, 0.406, std 0.229, 0.224, 0.225", and what is not as usual: "; grey", "; blue, green, red", ...
std::string preprocessingText(const Preprocessing&, std::int64_t channels);
/// What looks as if the numbers were of the other range; empty: nothing does.
std::string rangeDoubt(const Preprocessing&);

} // namespace mprdo

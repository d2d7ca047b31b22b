// SPDX-License-Identifier: GPL-3.0-or-later
// What images a network reads, as far as its file says so before it is imported.
#pragma once
#include "core/api/input_size.h"
#include "core/api/network_input.h"
#include "core/base/error.h"
#include "core/import/model_file.h"

namespace mprdo {

struct ImageInput {
    std::int64_t channels = 0;            ///< 0: not told (TorchScript, free dimensions)
    std::int64_t height = 0, width = 0;   ///< 0: any
    Layout layout = Layout::Nchw;
    bool layoutFromShape = false;         ///< nobody asked for nhwc, the shape of the input is enough
};

/// From the shape of the input. Channels stand last without being asked for only where nothing else can be meant: the last dimension
/// is 3 or 1 and the one behind the batch is neither.
/// \param shape [N, C, H, W] or [N, H, W, C], -1: free; of other lengths nothing is told
/// \param asked  the layout that an option names
/// \throws Error{ShapeMismatch} a layout asked for under which the channels are neither 3 nor 1, where the other fits (names --layout)
ImageInput imageInputOf(const std::string& path, const std::vector<std::int64_t>& shape, std::optional<Layout> asked);

/// Of a state dict the channels are those of the first convolution (3 where the architecture is not recognised), of a description
/// those it names. \throws as above; Error{Usage} nhwc asked for with a state dict
ImageInput imageInputOf(const ModelFile&, const std::string& architecture, std::optional<Layout> asked);

/// \throws Error{ShapeMismatch} images of that size (and channels, where it says so) are not what the file tells; names what fits
void checkFits(const std::string& path, const ImageInput&, const InputSize&);

/// What make answers for the number of channels that is told; where none is, for 3, or if that fails for 1; then the sentence of the
/// first failure stands.
template <class Make>
auto forChannels(std::int64_t told, const Make& make)
{
    if (told > 0)
        return make(told);
    try {
        return make(std::int64_t(3));
    } catch (const Error& first) {
        if (first.code() == ErrorCode::Io || first.code() == ErrorCode::Usage)
            throw;
        try {
            return make(std::int64_t(1));
        } catch (const Error&) {
            throw first;
        }
    }
}

/// importModel for images of height x width pixels. Channels as forChannels. \throws as importModel
ImportedModel importForImages(const ModelFile&, const std::string& architecture, const ImageInput&, std::int64_t height,
                              std::int64_t width, const std::function<void()>& idle = {});

} // namespace mprdo

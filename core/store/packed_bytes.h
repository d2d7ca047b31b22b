// SPDX-License-Identifier: GPL-3.0-or-later
// Artefacts as they lie in a session file: integers of 2 to 8 bits in a byte each shrink to what they tell.
#pragma once
#include <string>
#include <string_view>

namespace mprdo {

/// The bytes packed by zlib (deflate, Huffman codes alone: codes have no repetitions to find), with their length in front; as
/// they are when they are short or do not shrink. About 200 MB/s.
std::string packed(std::string_view bytes);
/// \throws Error{BadFile} for something packed that is cut or damaged; nothing is allocated beyond what deflate can reach
std::string unpacked(std::string_view bytes);

} // namespace mprdo

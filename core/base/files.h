// SPDX-License-Identifier: GPL-3.0-or-later
// Files, whole or not at all.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace mprdo {

/// The whole file. \throws Error{Io} naming the path: missing, a directory, not permitted; Error{BadFile} larger than limit.
std::string readFile(const std::string& path, std::int64_t limit = std::int64_t(1) << 34);

/// Writes a temporary file beside path, syncs and renames it: path holds all of bytes or what it held before.
/// \throws Error{Io} naming the path and the system's reason (no space, no permission, ...); the temporary is removed.
void writeFile(const std::string& path, std::string_view bytes);

/// Creates folder (and its parents) if need be and proves that files can be written in it.
/// \throws Error{Io} naming the folder and the system's reason.
void ensureWritableFolder(const std::string& folder);

/// The same proof, but folders made for it are removed again: for asking early whether a run's results will find a place.
void checkWritableFolder(const std::string& folder);

} // namespace mprdo

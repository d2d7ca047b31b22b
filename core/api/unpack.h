// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/outcome.h"
#include "core/api/run_control.h"
#include <string>

namespace mprdo {

/// Unpacks a tar archive, compressed with gzip or not, below folder (made if need be). The value is the path of the folder
/// that holds the data: folder/TOP when everything in the archive lies below one folder TOP, else folder/NAME, the
/// archive's file name without its endings. It appears there whole or not at all: entries go to a hidden temporary folder,
/// renamed at the end. Where it is already there with equal files, that is the answer; other contents are never replaced.
/// Progress is in bytes of the archive. Any thread; as fast as gzip and the disk are.
///
/// Failure{Io}: a file cannot be read or written. Failure{BadFile}: no archive, truncated, without files; an entry with an
/// absolute path or "..", a link, a special file, a name that comes twice; more than 1 GB or 10,000 entries in all.
Outcome<std::string> unpackArchive(const std::string& archive, const std::string& folder, const RunControl&);

} // namespace mprdo

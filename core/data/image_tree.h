// SPDX-License-Identifier: GPL-3.0-or-later
// A folder of images and of class folders, as names; nothing is opened.
#pragma once
#include "core/data/skipped_files.h"

namespace mprdo {

/// What lies in a folder, each in the order of names; hidden entries (names that start with a dot) are as if absent.
struct Listing {
    std::vector<std::string> images; ///< files with the ending of an image
    std::vector<std::string> others, folders;
};
/// \throws Error{Io} naming the folder and the system's reason
Listing listFolder(const std::string& folder);

/// "Train" -> "train"; ASCII letters alone.
std::string lowerCase(std::string text);
/// Folders that programs leave behind in archives and on disks: __MACOSX, @eaDir, ...
bool isLitter(const std::string& name);
/// No file that is not hidden, however deep.
bool isEmptyFolder(const std::string& folder);
/// a before b: by value where both are digits alone, else by text.
bool numbersBefore(const std::string& a, const std::string& b);

struct ClassFolder {
    std::string name;
    std::vector<std::string> images;  ///< names of files in the folder itself
    std::int64_t nestedImages = 0;    ///< in its subfolders
    std::int64_t files = 0;           ///< of any kind, however deep
    SkippedFiles skipped;             ///< all files but the images in the folder itself
    bool holdsImages() const { return !images.empty() || nestedImages > 0; }
};

struct ImageTree {
    /// \param prefix  in front of names of skipped files: "train/"   \throws as listFolder
    /// Cost: one walk over all names below the folder.
    ImageTree(const std::string& folder, const std::string& prefix);
    /// A class folder has an image of its own.
    bool labelled() const;

    std::string path;
    std::vector<ClassFolder> classes;   ///< folders with files; in name order, or by number where all names are numbers
    std::vector<std::string> images;    ///< in the folder itself; counted as skipped where there are classes with images
    std::vector<std::string> noClasses; ///< folders that are none: "__MACOSX", "spare (empty)"
    SkippedFiles skipped;               ///< files in the folder itself
};

} // namespace mprdo

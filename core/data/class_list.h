// SPDX-License-Identifier: GPL-3.0-or-later
// Which output of a network stands for which class of the data.
#pragma once
#include "core/data/dataset.h"

namespace mprdo {

/// A text file with one name an output, in the order of the outputs.
struct ClassList {
    std::string path;
    std::vector<std::string> lines; ///< without spaces at their ends
};

/// "classes.txt" or "labels.txt", in letters of any case: names that are looked for beside the images.
bool isClassListName(const std::string& name);
/// Such a file in the folder, in a folder train/ or test/ of it, or, where the folder itself is one of these, beside it; of
/// a single data file: beside it. Empty: there is none.
std::string findClassList(const std::string& data);

/// UTF-8 text, or JSON (a list of names, {"0": "name"}, {"0": ["folder", "name"]}, {"name": 0}).
/// \throws Error{Io | BadFile} naming the file: absent, over 4 MiB, no text, an empty line between others, no lines at all
ClassList readClassList(const std::string& path);

/// The list's names as the data calls its classes: whole lines ("tench"), what stands behind numbers that count the outputs from
/// 0 or 1 ("0 tench", "0: tench", "0,tench") or before them ("tench 0"), or the first word ("n01440764 tench, Tinca tinca"):
/// the first of these that has every class. With no classes to look for: whole lines, or what the numbers stand at.
/// \param classes  of the data, all different   \param path  of the data, for messages
/// \throws Error{Usage} naming both files: a class that is not in the list; Error{BadFile} two outputs of one name
std::vector<std::string> outputNames(const ClassList&, const std::vector<std::string>& classes, const std::string& path);

/// Makes labels numbers of outputs: the data's class of each name becomes the output of that name. classes become names.
/// \param names  of all outputs; each class of the data is one of them
void mapClasses(Dataset&, const std::vector<std::string>& names);

} // namespace mprdo

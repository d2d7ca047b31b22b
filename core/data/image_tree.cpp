// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/image_tree.h"
#include "core/base/error.h"
#include "core/data/class_list.h"
#include "core/data/decode_image.h"
#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>

namespace mprdo {
namespace {

namespace fs = std::filesystem;

bool isHidden(const fs::path& path) { return path.filename().string()[0] == '.'; }

bool digitsAlone(const std::string& text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

std::string withoutZeros(const std::string& digits) { return digits.substr(std::min(digits.find_first_not_of('0'), digits.size() - 1)); }

/// Calls seen for every file below the folder that is not hidden; links to folders are not followed. False ends the walk.
template <class Seen>
void walk(const std::string& folder, const Seen& seen)
{
    std::error_code error;
    fs::recursive_directory_iterator it(folder, fs::directory_options::skip_permission_denied, error);
    for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
        std::error_code ignored;
        const bool hidden = isHidden(it->path());
        if (it->is_directory(ignored)) {
            if (hidden || isLitter(it->path().filename().string()))
                it.disable_recursion_pending();
        } else if (!hidden && !seen(it->path())) {
            return;
        }
    }
    check(!error, ErrorCode::Io, folder, ": ", error.message());
}

std::string otherKinds() { return text("of other kinds than ", kImageKinds); }

ClassFolder classFolder(const std::string& folder, const std::string& name, const std::string& prefix)
{
    ClassFolder out;
    out.name = name;
    const std::string path = folder + "/" + name;
    const Listing listing = listFolder(path);
    out.images = listing.images;
    for (const std::string& file : listing.others)
        out.skipped.add(otherKinds(), prefix + name + "/" + file);
    out.files = std::int64_t(listing.images.size() + listing.others.size());
    std::vector<std::string> nested;
    for (const std::string& inner : listing.folders)
        if (!isLitter(inner))
            walk(path + "/" + inner, [&](const fs::path& file) {
                nested.push_back(file.string().substr(path.size() + 1));
                return true;
            });
    std::sort(nested.begin(), nested.end()); // the same words on every disk
    for (const std::string& file : nested) {
        ++out.files;
        out.nestedImages += hasImageEnding(file);
        out.skipped.add("in subfolders of class folders", prefix + name + "/" + file);
    }
    return out;
}

} // namespace

std::string lowerCase(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

bool isLitter(const std::string& name)
{
    static constexpr std::array<std::string_view, 5> kNames{"__MACOSX", "@eaDir", "$RECYCLE.BIN", "System Volume Information", "lost+found"};
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

bool isEmptyFolder(const std::string& folder)
{
    bool any = false;
    walk(folder, [&](const fs::path&) { return any = true, false; });
    return !any;
}

bool numbersBefore(const std::string& a, const std::string& b)
{
    if (digitsAlone(a) && digitsAlone(b)) {
        const std::string x = withoutZeros(a), y = withoutZeros(b);
        if (x != y)
            return x.size() != y.size() ? x.size() < y.size() : x < y;
    }
    return a < b;
}

Listing listFolder(const std::string& folder)
{
    Listing out;
    std::error_code error;
    fs::directory_iterator it(folder, error);
    for (; !error && it != fs::directory_iterator(); it.increment(error)) {
        if (isHidden(it->path()))
            continue;
        const std::string name = it->path().filename().string();
        std::error_code ignored;
        (it->is_directory(ignored) ? out.folders : hasImageEnding(name) ? out.images : out.others).push_back(name);
    }
    check(!error, ErrorCode::Io, folder, ": ", error.message());
    for (std::vector<std::string>* names : {&out.images, &out.others, &out.folders})
        std::sort(names->begin(), names->end());
    return out;
}

ImageTree::ImageTree(const std::string& folder, const std::string& prefix)
    : path(folder)
{
    const Listing listing = listFolder(folder);
    images = listing.images;
    for (const std::string& file : listing.others)
        if (!isClassListName(file)) // whether it is read is said by who maps classes
            skipped.add(otherKinds(), prefix + file);
    for (const std::string& name : listing.folders) {
        if (isLitter(name)) {
            noClasses.push_back(prefix + name);
            continue;
        }
        ClassFolder found = classFolder(folder, name, prefix);
        if (found.files == 0)
            noClasses.push_back(prefix + name + " (empty)");
        else
            classes.push_back(std::move(found));
    }
    if (std::all_of(classes.begin(), classes.end(), [](const ClassFolder& f) { return digitsAlone(f.name); }))
        std::sort(classes.begin(), classes.end(), [](const ClassFolder& a, const ClassFolder& b) { return numbersBefore(a.name, b.name); });
    if (labelled())
        for (const std::string& file : images)
            skipped.add("beside the class folders", prefix + file);
}

bool ImageTree::labelled() const
{
    return std::any_of(classes.begin(), classes.end(), [](const ClassFolder& f) { return !f.images.empty(); });
}

} // namespace mprdo

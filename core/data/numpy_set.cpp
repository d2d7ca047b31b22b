// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/data/array_parts.h"
#include "core/data/class_list.h"
#include "core/data/image_tree.h"
#include "core/data/layouts.h"
#include "core/data/npy_array.h"
#include "core/import/zip_archive.h"
#include <algorithm>
#include <array>
#include <functional>

namespace mprdo {
namespace {

constexpr std::int64_t kLargestFile = (std::int64_t(4) << 30) + 65536;

enum Part { kTrain, kTest, kValidation, kAlone, kParts };
enum Kind { kImages, kLabels };

struct Role {
    Part part;
    Kind kind;
};

/// "X_train", "train_images", "trainX", "y": what the array of this name is; nothing where the name says nothing.
std::optional<Role> roleOf(const std::string& name)
{
    static const std::vector<std::pair<std::string, Part>> kPartWords{{"train", kTrain},     {"training", kTrain},        {"test", kTest},   {"testing", kTest},
                                                                      {"val", kValidation},  {"valid", kValidation},      {"validation", kValidation}, {"", kAlone}};
    static const std::vector<std::pair<std::string, Kind>> kKindWords{{"images", kImages}, {"image", kImages},   {"imgs", kImages},  {"x", kImages},
                                                                      {"data", kImages},   {"labels", kLabels},  {"label", kLabels}, {"y", kLabels},
                                                                      {"targets", kLabels}, {"target", kLabels}};
    std::string plain;
    for (const char c : lowerCase(name))
        if (std::string_view("_-. ").find(c) == std::string_view::npos)
            plain += c;
    for (const auto& [partWord, part] : kPartWords)
        for (const auto& [kindWord, kind] : kKindWords)
            if (plain == partWord + kindWord || plain == kindWord + partWord)
                return Role{part, kind};
    return std::nullopt;
}

/// A folder or an archive of arrays.
struct Arrays {
    std::string path;
    std::vector<std::string> names; ///< without ".npy"
    std::function<std::string(const std::string& name)> bytes;
};

class ArrayReader {
public:
    ArrayReader(const Arrays& arrays, const RunControl& control)
        : m_arrays(arrays)
        , m_control(control)
    {
        m_out.path = arrays.path;
        m_out.format = "NumPy arrays";
        for (const std::string& name : arrays.names)
            if (const auto role = roleOf(name)) {
                std::string& taken = m_names[role->part][role->kind];
                check(taken.empty(), ErrorCode::BadFile, arrays.path, ": ", taken, " and ", name, " are both ", partText(role->part),
                      role->kind == kImages ? " images" : " labels");
                taken = name;
            }
    }

    Dataset read(SkippedFiles skipped)
    {
        const bool train = has(kTrain), test = has(kTest), validation = has(kValidation);
        for (const Part part : {kTrain, kTest, kValidation, kAlone})
            check(has(part) || m_names[part][kLabels].empty() || (part == kAlone && (train || test || validation)), ErrorCode::BadFile, m_arrays.path, ": ",
                  m_names[part][kLabels], " holds labels of ", partText(part), " images, which are not there");
        check(train || test || validation || has(kAlone), ErrorCode::BadFile, m_arrays.path,
              ": no array of images (train_images, x_train, X_train, images, x, ...), it holds ", firstNames(m_arrays.names));
        std::vector<bool> used(kParts, false);
        const Part tested = test ? kTest : kValidation;
        ArrayPart first, second;
        if (train || !(test || validation)) {
            first = partOf(train ? kTrain : kAlone);
            used[train ? kTrain : kAlone] = true;
        }
        if (test || validation) {
            second = partOf(tested);
            used[tested] = true;
            if (!test)
                m_out.notices.push_back(text(m_arrays.path, ": ", m_names[kValidation][kImages], " are the test images"));
        }
        for (const std::string& name : m_arrays.names)
            if (const auto role = roleOf(name); !role || !used[role->part])
                skipped.add("that are not used", name + ".npy");
        skipped.tell(m_arrays.path, m_out.notices);
        takeParts(m_out, std::move(first), std::move(second));
        return std::move(m_out);
    }

private:
    static const char* partText(Part part)
    {
        return part == kTrain ? "training" : part == kTest ? "test" : part == kValidation ? "validation" : "further";
    }

    bool has(Part part) const { return !m_names[part][kImages].empty(); }

    ArrayPart partOf(Part part)
    {
        m_control.throwIfCancelled();
        ArrayPart out;
        const std::string& images = m_names[part][kImages];
        out.images = npyImages(readNpy(m_arrays.path + "/" + images + ".npy", m_bytes = m_arrays.bytes(images)));
        if (const std::string& labels = m_names[part][kLabels]; !labels.empty())
            out.labels = npyLabels(readNpy(m_arrays.path + "/" + labels + ".npy", m_bytes = m_arrays.bytes(labels)), &out.labelWidth);
        m_bytes.clear();
        return out;
    }

    const Arrays& m_arrays;
    const RunControl& m_control;
    std::array<std::array<std::string, 2>, kParts> m_names;
    std::string m_bytes;
    Dataset m_out;
};

bool isNpy(const std::string& name) { return lowerCase(name).ends_with(".npy"); }

std::string withoutEnding(const std::string& name) { return name.substr(0, name.size() - 4); }

} // namespace

bool holdsNumpyArrays(const std::string& folder)
{
    const Listing listing = listFolder(folder);
    const auto holds = [&](const std::string& name) {
        if (!isNpy(name))
            return false;
        const auto role = roleOf(withoutEnding(name));
        return (role && role->kind == kImages) || (listing.images.empty() && listing.folders.empty());
    };
    return std::any_of(listing.others.begin(), listing.others.end(), holds);
}

Dataset readNumpyFolder(const std::string& folder, const RunControl& control)
{
    Arrays arrays{folder, {}, {}};
    std::map<std::string, std::string> files;
    SkippedFiles skipped;
    const Listing listing = listFolder(folder);
    for (const std::vector<std::string>* names : {&listing.others, &listing.images})
        for (const std::string& name : *names)
            if (isNpy(name)) {
                arrays.names.push_back(withoutEnding(name));
                files[arrays.names.back()] = folder + "/" + name;
            } else if (!isClassListName(name)) {
                skipped.add("beside the arrays", name);
            }
    arrays.bytes = [&](const std::string& name) { return readFile(files.at(name), kLargestFile); };
    return ArrayReader(arrays, control).read(skipped);
}

Dataset readNpz(const std::string& path, const RunControl& control)
{
    const std::string bytes = readFile(path, kLargestFile);
    ZipArchive zip(path, bytes);
    Arrays arrays{path, {}, {}};
    for (const auto& [name, entry] : zip.entries())
        if (name.ends_with(".npy"))
            arrays.names.push_back(withoutEnding(name));
    arrays.bytes = [&](const std::string& name) { return zip.read(name + ".npy"); };
    return ArrayReader(arrays, control).read({});
}

Dataset readNpyFile(const std::string& path, const RunControl& control)
{
    control.throwIfCancelled();
    Dataset out;
    out.path = path;
    out.format = "NumPy arrays";
    const std::string bytes = readFile(path, kLargestFile);
    out.notices.push_back(text(path, ": images without labels; a folder or an .npz brings labels along"));
    takeParts(out, {npyImages(readNpy(path, bytes)), {}, 0}, {});
    return out;
}

} // namespace mprdo

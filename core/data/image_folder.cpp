// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/random.h"
#include "core/data/decode_image.h"
#include "core/data/fit_image.h"
#include "core/data/image_tree.h"
#include "core/data/layouts.h"
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>

namespace mprdo {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kLargestImageFile = std::int64_t(256) << 20;
constexpr std::uint64_t kOrderSeed = 42; // part of the layout: the same folder is the same data set in every run
constexpr std::int64_t kNoLabel = -1;

struct LabelledFile {
    std::string path;
    std::int64_t label; ///< kNoLabel
};
using Files = std::vector<LabelledFile>;

/// Names a folder of training or test images goes by; the first that is there counts.
const std::vector<std::string> kTrainNames{"train", "training"};
const std::vector<std::string> kTestNames{"test", "testing", "val", "valid", "validation"};

template <class T>
std::vector<T> shuffled(const std::vector<T>& in, at::Generator random)
{
    std::vector<T> out;
    const at::Tensor order = at::randperm(static_cast<std::int64_t>(in.size()), random, at::kLong);
    for (std::int64_t i = 0; i < order.numel(); ++i)
        out.push_back(in[static_cast<std::size_t>(order.data_ptr<std::int64_t>()[i])]);
    return out;
}

/// \param pages  set where a file has several images, of which the first was taken
ImageSet decodeAll(const std::string& folder, const Files& files, const std::optional<InputSize>& input, const RunControl& control,
                   std::vector<std::string>& pages)
{
    std::vector<char> several(files.size(), 0);
    const auto decoded = [&](std::size_t i) {
        control.throwIfCancelled();
        bool more = false;
        const at::Tensor image = decodeImage(files[i].path, readFile(files[i].path, kLargestImageFile), &more);
        several[i] = more;
        return input ? fitImage(files[i].path, image, *input) : image;
    };
    ImageSet out;
    const auto count = static_cast<std::int64_t>(files.size());
    const at::Tensor first = decoded(0);
    const std::int64_t height = first.size(1), width = first.size(2), size = first.numel();
    checkPixels(folder, count, height, width);
    out.images = at::empty({count, first.size(0), height, width}, at::kByte);
    const bool labelled = files[0].label != kNoLabel; // all are, or none
    if (labelled)
        out.labels = at::empty({count}, at::kLong);
    auto* pixels = out.images.data_ptr<std::uint8_t>();
    auto* labels = labelled ? out.labels.data_ptr<std::int64_t>() : nullptr;
    at::parallel_for(0, count, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const LabelledFile& file = files[static_cast<std::size_t>(i)];
            const at::Tensor image = i == 0 ? first : decoded(static_cast<std::size_t>(i));
            const std::int64_t h = image.size(1), w = image.size(2);
            check(h == height && w == width, ErrorCode::BadFile, file.path, ": ", w, " x ", h, " pixels, ", files[0].path,
                  " has ", width, " x ", height, "; all images must have one size, or be cut to one by --input 3xHxW");
            std::memcpy(pixels + i * size, image.data_ptr<std::uint8_t>(), static_cast<std::size_t>(size));
            if (labelled)
                labels[i] = file.label;
        }
    });
    for (std::size_t i = 0; i < files.size(); ++i)
        if (several[i])
            pages.push_back(fs::path(files[i].path).filename().string());
    return out;
}

/// The files of a part by class; labels are positions in classes.
std::vector<Files> filesByClass(const ImageTree& part, const std::vector<std::string>& classes)
{
    std::map<std::string, std::size_t> positions;
    for (std::size_t c = 0; c < classes.size(); ++c)
        positions.emplace(classes[c], c);
    std::vector<Files> out(classes.size());
    for (const ClassFolder& folder : part.classes) {
        const auto at = positions.find(folder.name);
        check(at != positions.end(), ErrorCode::BadFile, part.path, "/", folder.name, ": a class without training images");
        for (const std::string& file : folder.images)
            out[at->second].push_back({part.path + "/" + folder.name + "/" + file, std::int64_t(at->second)});
    }
    return out;
}

Files joined(const std::vector<Files>& parts)
{
    Files out;
    for (const Files& part : parts)
        out.insert(out.end(), part.begin(), part.end());
    return out;
}

Files looseFiles(const ImageTree& part)
{
    Files out;
    for (const std::string& file : part.images)
        out.push_back({part.path + "/" + file, kNoLabel});
    return out;
}

class FolderReader {
public:
    FolderReader(const std::string& folder, const RunControl& control, const std::optional<InputSize>& input)
        : m_control(control)
        , m_input(input)
        , m_folder(innermost(folder))
    {
        m_out.path = folder;
        m_out.format = "image folder";
        if (m_folder != folder)
            say("the images are read from its folder " + fs::path(m_folder).lexically_relative(folder).string());
    }

    Dataset read()
    {
        const ImageTree top(m_folder, "");
        const std::vector<const ClassFolder*> train = named(top, kTrainNames), test = named(top, kTestNames);
        const bool others = std::any_of(top.classes.begin(), top.classes.end(), [&](const ClassFolder& f) {
            return f.holdsImages() && std::find(train.begin(), train.end(), &f) == train.end()
                && std::find(test.begin(), test.end(), &f) == test.end();
        });
        if (!train.empty() && (!test.empty() || !others))
            readParts(top, train, test);
        else if (train.empty() && !test.empty() && !others)
            readTestAlone(top, test);
        else
            readOneLevel(top);
        m_skipped.tell(m_out.path, m_out.notices);
        if (!m_noClasses.empty())
            say(std::to_string(m_noClasses.size()) + (m_noClasses.size() == 1 ? " folder is" : " folders are")
                + " taken for no class: " + firstNames(m_noClasses));
        return decode();
    }

private:
    void say(const std::string& sentence) { m_out.notices.push_back(m_out.path + ": " + sentence); }

    /// A folder that holds nothing but one folder, in which there are folders again, stands for that.
    static std::string innermost(std::string folder)
    {
        for (int depth = 0; depth < 4; ++depth) {
            const Listing listing = listFolder(folder);
            std::vector<std::string> inner;
            for (const std::string& name : listing.folders)
                if (!isLitter(name) && !isEmptyFolder(folder + "/" + name))
                    inner.push_back(name);
            if (!listing.images.empty() || inner.size() != 1 || isPartName(inner[0]))
                break;
            const Listing next = listFolder(folder + "/" + inner[0]);
            const bool images = !next.images.empty();
            const bool deeper = std::any_of(next.folders.begin(), next.folders.end(), [&](const std::string& name) {
                return !listFolder(folder + "/" + inner[0] + "/" + name).images.empty() || isPartName(name);
            });
            if (images || !deeper || (next.folders.size() == 1 && !isPartName(next.folders[0])))
                break; // a class with a folder in it
            folder += "/" + inner[0];
        }
        return folder;
    }

    static bool isPartName(const std::string& name)
    {
        const std::string small = lowerCase(name);
        const auto in = [&](const std::vector<std::string>& names) { return std::find(names.begin(), names.end(), small) != names.end(); };
        return in(kTrainNames) || in(kTestNames);
    }

    /// Folders of these names, whatever their letters' case, in the names' order.
    static std::vector<const ClassFolder*> named(const ImageTree& top, const std::vector<std::string>& names)
    {
        std::vector<const ClassFolder*> out;
        for (const std::string& name : names) {
            const std::size_t from = out.size();
            for (const ClassFolder& folder : top.classes)
                if (lowerCase(folder.name) == name)
                    out.insert(folder.name == name ? out.begin() + std::ptrdiff_t(from) : out.end(), &folder);
        }
        return out;
    }

    void adopt(const ImageTree& part, bool classes = true)
    {
        m_skipped.add(part.skipped);
        for (const ClassFolder& folder : part.classes)
            if (classes)
                m_skipped.add(folder.skipped);
        m_noClasses.insert(m_noClasses.end(), part.noClasses.begin(), part.noClasses.end());
    }

    /// What lies beside the folders of training and test images.
    void adoptBeside(const ImageTree& top)
    {
        adopt(top, false);
        for (const std::string& file : top.images)
            if (!top.labelled()) // else they are counted already
                m_skipped.add("beside the folders", file);
    }

    [[noreturn]] static void noImages(const ImageTree& part)
    {
        if (std::any_of(part.classes.begin(), part.classes.end(), [](const ClassFolder& f) { return f.nestedImages > 0; }))
            refuseEmptyClasses(part);
        throw Error(ErrorCode::BadFile, text(part.path, ": no ", kImageKinds, " images, neither in folders named after classes nor in the folder itself"));
    }

    /// Class folders as labels, or refused where one has no image.
    void takeClasses(const ImageTree& part)
    {
        std::vector<std::string> names;
        for (const ClassFolder& folder : part.classes)
            names.push_back(folder.name);
        std::vector<std::string> byText = names;
        std::sort(byText.begin(), byText.end());
        if (names != byText)
            say("the class folders are named by numbers and taken in the order of these (" + firstNames(names) + "), not of text ("
                + firstNames(byText) + ")");
        m_out.classes = names;
    }

    static void refuseEmptyClasses(const ImageTree& part)
    {
        for (const ClassFolder& folder : part.classes)
            check(!folder.images.empty(), ErrorCode::BadFile, part.path, "/", folder.name, ": a class folder without a readable image: ",
                  folder.skipped.count(), folder.skipped.count() == 1 ? " file is" : " files are", " not read, ", folder.skipped.list());
    }

    void readParts(const ImageTree& top, const std::vector<const ClassFolder*>& trains, const std::vector<const ClassFolder*>& tests)
    {
        adoptBeside(top);
        const ImageTree train(m_folder + "/" + trains[0]->name, trains[0]->name + "/");
        if (!train.labelled() && train.images.empty())
            noImages(train);
        adopt(train);
        std::optional<ImageTree> test;
        std::string wrong; // a folder that has images, but not as the training images are
        for (const ClassFolder* folder : tests) {
            ImageTree part(m_folder + "/" + folder->name, folder->name + "/");
            const bool fits = train.labelled() ? part.labelled() : !part.labelled() && !part.images.empty();
            if (fits && !test)
                test = std::move(part);
            else if (!fits && wrong.empty())
                wrong = folder->name;
        }
        for (const ClassFolder& folder : top.classes) {
            const bool used = folder.name == trains[0]->name || (test && m_folder + "/" + folder.name == test->path);
            if (!used && folder.files > 0)
                m_skipped.add("in folders that are not used" + std::string(test ? " beside " + trains[0]->name + " and " + fs::path(test->path).filename().string() : ""),
                              folder.name + "/", folder.files);
        }
        if (!test) {
            check(wrong.empty(), ErrorCode::BadFile, m_folder, "/", wrong, train.labelled() ? ": no class folders with images, " : ": no images without class folders, ",
                  train.path, " has ", train.labelled() ? "class folders" : "images without");
            return setAsideFrom(train);
        }
        adopt(*test);
        if (!train.labelled()) {
            m_train = looseFiles(train);
            m_test = looseFiles(*test);
            return;
        }
        refuseEmptyClasses(train);
        refuseEmptyClasses(*test);
        takeClasses(train);
        m_train = joined(filesByClass(train, m_out.classes));
        const std::vector<Files> tested = filesByClass(*test, m_out.classes);
        m_test = joined(tested);
        for (std::size_t c = 0; c < m_out.classes.size(); ++c)
            check(!tested[c].empty(), ErrorCode::BadFile, train.path, "/", m_out.classes[c], ": a class folder without test images, ", test->path,
                  " has none of that class");
    }

    void readTestAlone(const ImageTree& top, const std::vector<const ClassFolder*>& tests)
    {
        adoptBeside(top);
        for (const ClassFolder* folder : tests) {
            const ImageTree part(m_folder + "/" + folder->name, folder->name + "/");
            const bool usable = part.labelled() || !part.images.empty();
            if (!m_test.empty() || !usable) {
                m_skipped.add("in folders that are not used", folder->name + "/", folder->files);
                continue;
            }
            adopt(part);
            if (part.labelled()) {
                refuseEmptyClasses(part);
                takeClasses(part);
                m_test = joined(filesByClass(part, m_out.classes));
            } else {
                m_test = looseFiles(part);
            }
            say("the images of " + folder->name + " are test images, there are none to calibrate on");
        }
        if (m_test.empty())
            noImages(ImageTree(m_folder + "/" + tests[0]->name, ""));
    }

    void readOneLevel(const ImageTree& top)
    {
        adopt(top);
        if (!top.labelled() && top.images.empty())
            noImages(top);
        setAsideFrom(top);
    }

    /// A fifth of each class goes to the test images.
    void setAsideFrom(const ImageTree& part)
    {
        const auto setAside = [&](const Files& files, std::int64_t number, const std::string& path) {
            check(files.size() >= 2, ErrorCode::BadFile, path, ": ", files.size(),
                  " image is too few to calibrate on some and to set a fifth aside for testing");
            const Files drawn = shuffled(files, generator(kOrderSeed, "image folder split", {number}));
            const auto middle = drawn.begin() + static_cast<std::ptrdiff_t>(std::min((drawn.size() * 4 + 4) / 5, drawn.size() - 1));
            m_train.insert(m_train.end(), drawn.begin(), middle);
            m_test.insert(m_test.end(), middle, drawn.end());
        };
        if (part.labelled()) {
            refuseEmptyClasses(part);
            takeClasses(part);
            const std::vector<Files> all = filesByClass(part, m_out.classes);
            for (std::size_t c = 0; c < all.size(); ++c)
                setAside(all[c], std::int64_t(c), part.path + "/" + m_out.classes[c]);
        } else {
            setAside(looseFiles(part), kNoLabel, part.path);
        }
        say("no folder of test images: a fifth" + std::string(part.labelled() ? " of each class" : "") + ", " + std::to_string(m_test.size())
            + (m_test.size() == 1 ? " image" : " images") + ", is set aside for testing");
    }

    Dataset decode()
    {
        std::vector<std::string> pages;
        if (!m_train.empty())
            m_out.train = decodeAll(m_out.path, shuffled(m_train, generator(kOrderSeed, "image folder train")), m_input, m_control, pages);
        m_out.test = decodeAll(m_out.path, shuffled(m_test, generator(kOrderSeed, "image folder test")), m_input, m_control, pages);
        if (m_train.empty())
            m_out.train = m_out.test.slice(0, 0);
        check(m_out.train.images.sizes().slice(1) == m_out.test.images.sizes().slice(1), ErrorCode::BadFile, m_out.path,
              ": training images have the shape ", shapeText(m_out.train.images.sizes().slice(1)), ", test images ",
              shapeText(m_out.test.images.sizes().slice(1)), "; --input 3xHxW cuts them to one size");
        std::sort(pages.begin(), pages.end());
        if (!pages.empty())
            say(std::to_string(pages.size()) + (pages.size() == 1 ? " file holds" : " files hold") + " several pages, of which the first is read: "
                + firstNames(pages));
        return std::move(m_out);
    }

    const RunControl& m_control;
    const std::optional<InputSize>& m_input;
    std::string m_folder;
    Dataset m_out;
    Files m_train, m_test;
    SkippedFiles m_skipped;
    std::vector<std::string> m_noClasses;
};

} // namespace

Dataset readImageFolder(const std::string& folder, const RunControl& control, const std::optional<InputSize>& input)
{
    return FolderReader(folder, control, input).read();
}

} // namespace mprdo

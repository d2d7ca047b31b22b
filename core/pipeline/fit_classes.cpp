// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/fit_classes.h"
#include "core/base/error.h"
#include "core/data/class_list.h"
#include "core/data/skipped_files.h"
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace mprdo {
namespace {

using Names = std::vector<std::string>;

bool allIn(const Names& names, const Names& among)
{
    const std::set<std::string> known(among.begin(), among.end());
    return known.size() == among.size() && std::all_of(names.begin(), names.end(), [&](const std::string& name) { return known.count(name) > 0; });
}

Names numbered(std::int64_t outputs)
{
    Names out;
    for (std::int64_t i = 0; i < outputs; ++i)
        out.push_back("class " + std::to_string(i));
    return out;
}

/// Lowest and highest label of both parts; nothing where there are no labels.
std::optional<std::pair<std::int64_t, std::int64_t>> labelRange(const Dataset& data)
{
    std::optional<std::pair<std::int64_t, std::int64_t>> out;
    for (const ImageSet* set : {&data.train, &data.test})
        if (set->labels.defined() && set->labels.numel() > 0) {
            const auto low = set->labels.min().item<std::int64_t>(), high = set->labels.max().item<std::int64_t>();
            out = out ? std::pair(std::min(out->first, low), std::max(out->second, high)) : std::pair(low, high);
        }
    return out;
}

class Fitter {
public:
    Fitter(Dataset& data, const ClassFit& fit)
        : m_data(data)
        , m_fit(fit)
        , m_ownNames(std::int64_t(fit.names.size()) == fit.outputs && fit.names != numbered(fit.outputs) && allIn({}, fit.names))
    {
    }

    void run()
    {
        if (m_data.classes.empty())
            return nameOutputs();
        if (!m_fit.list.empty())
            return useList(m_fit.list, true);
        if (m_ownNames && allIn(m_data.classes, m_fit.names)) {
            if (m_data.classes != m_fit.names)
                say(text("the classes are mapped to the network's outputs by the names in its file (", firstNames(m_fit.names), ")"));
            return mapClasses(m_data, m_fit.names);
        }
        if (!m_data.classList.empty())
            useList(m_data.classList, false);
        if (m_done)
            return;
        const auto classes = static_cast<std::int64_t>(m_data.classes.size());
        if (classes == m_fit.outputs) {
            if (m_ownNames)
                say(text("the network's file names its outputs otherwise (", firstNames(m_fit.names), "): the classes ",
                         firstNames(m_data.classes), " are taken for them in this order; --classes FILE tells another"));
            return;
        }
        if (std::int64_t(m_data.coarseClasses.size()) == m_fit.outputs)
            return useCoarse();
        if (!m_fit.newHead)
            refuse(classes);
    }

private:
    void say(const std::string& sentence) { m_data.notices.push_back(m_data.path + ": " + sentence); }

    /// Labels number the outputs, or there are none: nothing to map, but names to give.
    void nameOutputs()
    {
        if (const auto range = labelRange(m_data)) {
            const auto [low, high] = *range;
            const bool fromOne = low == 1 && high == m_fit.outputs;
            check(high < m_fit.outputs, ErrorCode::Usage, m_data.path, ": the data has the class ", high, ", the network has ", m_fit.outputs,
                  " outputs, numbered from 0", fromOne ? "; the labels seem to count from 1: take 1 from each" : "");
            check(m_data.labelWidth == 0 || m_data.labelWidth == m_fit.outputs, ErrorCode::Usage, m_data.path, ": one-hot labels of ",
                  m_data.labelWidth, " classes, the network has ", m_fit.outputs, " outputs");
        }
        const std::string& path = m_fit.list.empty() ? m_data.classList : m_fit.list;
        Names names = m_ownNames ? m_fit.names : numbered(m_fit.outputs);
        if (!path.empty()) {
            const ClassList list = read(path, !m_fit.list.empty());
            if (std::int64_t(list.lines.size()) == m_fit.outputs) {
                names = outputNames(list, {}, m_data.path);
                if (m_fit.list.empty())
                    say(text("the outputs are named as in ", path));
            } else {
                check(m_fit.list.empty(), ErrorCode::Usage, lengthSentence(list));
                leaveOut(list.lines.empty() ? m_why : lengthSentence(list));
            }
        }
        m_data.classes = names;
    }

    std::string lengthSentence(const ClassList& list) const
    {
        return text(list.path, ": ", list.lines.size(), list.lines.size() == 1 ? " name" : " names", " for the network's ", m_fit.outputs,
                    m_fit.outputs == 1 ? " output" : " outputs", ", one each is needed");
    }

    /// A list that is only beside the images and cannot be read is no list; m_why says why.
    ClassList read(const std::string& path, bool given)
    {
        try {
            return readClassList(path);
        } catch (const Error& error) {
            if (given)
                throw;
            m_why = error.what();
            return {path, {}};
        }
    }

    void leaveOut(const std::string& why) { say(text(m_data.classList, " is not taken for a class list (", why, ")")); }

    void useList(const std::string& path, bool given)
    {
        const ClassList list = read(path, given);
        try {
            if (!list.lines.empty()) {
                const Names names = outputNames(list, m_data.classes, m_data.path);
                check(std::int64_t(names.size()) == m_fit.outputs, ErrorCode::Usage, lengthSentence(list));
                mapClasses(m_data, names);
                m_done = true;
                if (!given)
                    say(text("the classes are mapped to the network's outputs by ", path, " (", firstNames(names), ")"));
                return;
            }
        } catch (const Error& error) {
            if (given)
                throw;
            m_why = error.what();
        }
        leaveOut(m_why);
    }

    void useCoarse()
    {
        say(text("the network has ", m_fit.outputs, " outputs: the superclasses (coarse labels) are taken"));
        m_data.classes = m_data.coarseClasses;
        m_data.train.labels = m_data.coarseTrain;
        m_data.test.labels = m_data.coarseTest;
    }

    [[noreturn]] void refuse(std::int64_t classes) const
    {
        const std::string head = text(m_data.path, ": the data has ", classes, classes == 1 ? " class (" : " classes (", firstNames(m_data.classes),
                                      "), the network ", m_fit.outputs, m_fit.outputs == 1 ? " output" : " outputs");
        if (classes > m_fit.outputs)
            throw Error(ErrorCode::Usage, head + (m_fit.mayTrain ? "; --fine-tune-epochs N makes a new head for them" : ""));
        throw Error(ErrorCode::Usage, text(head, ": which outputs they are must be told by ", kClassListOption,
                                           " FILE, a list with one name an output", m_fit.mayTrain ? ", or --fine-tune-epochs N makes a new head for them" : "",
                                           m_why.empty() ? "" : " (" + m_why + ")"));
    }

    Dataset& m_data;
    const ClassFit& m_fit;
    const bool m_ownNames;
    bool m_done = false;
    std::string m_why; ///< the list beside the images was left out
};

} // namespace

void fitClasses(Dataset& data, const ClassFit& fit) { Fitter(data, fit).run(); }

std::vector<std::string> classesIn(const ModelFile& file)
{
    const auto* onnx = std::get_if<OnnxFile>(&file);
    if (onnx == nullptr)
        return {};
    for (const char* key : {"mprdo.classes", "classes", "labels", "names", "class_names", "id2label"}) {
        const auto it = onnx->metadata.find(key);
        if (it == onnx->metadata.end() || it->second.size() > (1 << 22))
            continue;
        const auto json = nlohmann::json::parse(it->second, nullptr, /*allow_exceptions=*/false);
        std::vector<std::string> out;
        for (std::size_t i = 0; (json.is_array() || json.is_object()) && i < json.size(); ++i) {
            const auto number = std::to_string(i);
            const auto* name = json.is_array() ? &json[i] : json.contains(number) ? &json[number] : nullptr;
            if (name == nullptr || !name->is_string())
                break;
            out.push_back(name->get<std::string>());
        }
        if (!out.empty() && out.size() == json.size())
            return out;
    }
    return {};
}

} // namespace mprdo

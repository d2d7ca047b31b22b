// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/checkpoint.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/plain_text.h"
#include "core/import/element_types.h"
#include "core/import/extra_tensors.h"
#include "core/import/formats.h"
#include "core/import/onnx_file.h"
#include "core/import/state_dict_choice.h"
#include <algorithm>
#include <functional>
#include <set>

namespace mprdo {
namespace {

constexpr std::int64_t kLargestFile = std::int64_t(2) << 30;

constexpr std::size_t kNamedGlobals = 5;

using Fetch = std::function<at::Tensor(std::size_t index, const std::string& what)>;

/// "state_dict_ema (122 tensors)" of the other dicts of tensors in the file.
std::string othersText(const std::vector<OfferedStateDict>& offers, std::size_t taken)
{
    std::string out;
    for (std::size_t i = 0; i < offers.size(); ++i)
        if (i != taken)
            out += text(out.empty() ? "" : ", ", offers[i].key.empty() ? "the outermost" : printable(offers[i].key), " (",
                        offers[i].shapes.size(), offers[i].shapes.size() == 1 ? " tensor)" : " tensors)");
    return out;
}

void takeNames(Checkpoint& out, const std::string& prefix)
{
    NamedTensors network;
    std::set<std::string> names;
    for (auto& [name, tensor] : out.tensors) {
        // Names go into messages, reports and JSON: they must be printable.
        check(isPlainText(name), ErrorCode::BadFile, out.path, ": the tensor name ", printable(name),
              isUtf8(name) ? " has control characters" : " is not valid UTF-8");
        const std::string plain = withoutWrappers(name);
        if (!plain.starts_with(prefix)) {
            out.beside.emplace_back(plain, tensor);
            continue;
        }
        const std::string own = withoutWrappers(plain.substr(prefix.size()));
        check(names.insert(own).second, ErrorCode::BadFile, out.path, ": has two tensors named ", printable(own));
        network.emplace_back(own, tensor);
    }
    out.tensors = std::move(network);
}

NamedTensors plainlyNamed(const StateDict& shapes, const StateDictPlace& place)
{
    NamedTensors out;
    for (const auto& [name, index] : place.entries)
        out.emplace_back(withoutWrappers(name), shapes.at(name));
    return out;
}

void readPickled(Checkpoint& out, const Pickle& pickle, const std::string& wanted, const Fetch& fetch)
{
    const std::vector<StateDictPlace> places = stateDictPlaces(out.path, pickle);
    std::vector<OfferedStateDict> offers;
    for (const StateDictPlace& place : places)
        offers.push_back({place.key, plainlyNamed(shapesOf(out.path, pickle, place), place)});
    const auto same = [&](const StateDictChoice& a, const StateDictChoice& b) {
        std::map<std::string, std::size_t> indices;
        for (std::size_t i = 0; i < offers[a.place].shapes.size(); ++i)
            if (const std::string& name = offers[a.place].shapes[i].first; name.starts_with(a.prefix))
                indices[name.substr(a.prefix.size())] = places[a.place].entries[i].second;
        std::size_t found = 0;
        for (std::size_t i = 0; i < offers[b.place].shapes.size(); ++i) {
            const std::string& name = offers[b.place].shapes[i].first;
            if (!name.starts_with(b.prefix))
                continue;
            const auto it = indices.find(name.substr(b.prefix.size()));
            const std::size_t other = places[b.place].entries[i].second;
            ++found;
            if (it == indices.end() || pickle.tensors[it->second].sizes != pickle.tensors[other].sizes
                || (it->second != other && !at::equal(fetch(it->second, name).to(at::kDouble), fetch(other, name).to(at::kDouble))))
                return false;
        }
        return found == indices.size();
    };
    const StateDictChoice choice = chooseStateDict(out.path, offers, wanted, same);
    const StateDictPlace& place = places[choice.place];
    check(place.whyNot.empty(), ErrorCode::Unsupported, out.path, ": ", place.whyNot);
    out.key = place.key;
    out.unread = place.unread;
    ExpansionBudget budget;
    for (const auto& [name, index] : place.entries) {
        out.tensors.emplace_back(name, fetch(index, name));
        budget.take(text(out.path, ": ", printable(name)), out.tensors.back().second);
    }
    takeNames(out, choice.prefix);
    if (offers.size() > 1)
        out.notices.push_back(text("The network's tensors are those under ", place.key.empty() ? "the outermost keys" : printable(place.key),
                                   "; beside them the file holds ", othersText(offers, choice.place), "."));
    if (!pickle.foreign.empty()) {
        std::string names;
        for (std::size_t i = 0; i < std::min(pickle.foreign.size(), kNamedGlobals); ++i)
            names += (i ? ", " : "") + printable(pickle.foreign[i]);
        out.notices.push_back(text("Beside tensors the file holds Python objects (", names,
                                   pickle.foreign.size() > kNamedGlobals ? ", ..." : "", "), which are not loaded and never run."));
    }
}

void readPlain(Checkpoint& out, const std::string& wanted)
{
    OfferedStateDict offer;
    for (const auto& [name, tensor] : out.tensors)
        offer.shapes.emplace_back(withoutWrappers(name), tensor);
    const StateDictChoice choice = chooseStateDict(out.path, {offer}, wanted, [](const auto&, const auto&) { return false; });
    takeNames(out, choice.prefix);
}

/// A pickle that torch.save did not write. Reading it names what it tries to load, if anything.
[[noreturn]] void refusePickle(const std::string& name, std::string_view bytes)
{
    readPickle(name, bytes);
    throw Error(ErrorCode::Unsupported, text(name, ": is a pickle, but not one that torch.save wrote"));
}

[[noreturn]] void refuseExport(const std::string& name, const char* which)
{
    throw Error(ErrorCode::Unsupported,
                text(name, ": is a quantized export (", which, "), which can be evaluated; to quantize, its FP32 checkpoint is needed"));
}

} // namespace

std::map<std::string, at::Tensor> Checkpoint::asMap() const { return {tensors.begin(), tensors.end()}; }

Checkpoint readCheckpoint(const std::string& name, std::string_view bytes, const std::string& stateDict)
{
    check(!bytes.empty(), ErrorCode::BadFile, name, ": is empty");
    Checkpoint out;
    out.path = name;
    out.fileBytes = static_cast<std::int64_t>(bytes.size());
    if (bytes.starts_with(std::string_view("PK\x03\x04", 4))) {
        out.format = "PyTorch zip";
        TorchZip file(name, bytes);
        readPickled(out, file.pickle(), stateDict, [&](std::size_t index, const std::string& what) { return file.tensor(index, what); });
    } else if (looksLikeTorchLegacy(bytes)) {
        out.format = "PyTorch legacy";
        const TorchLegacy file(name, bytes);
        readPickled(out, file.pickle(), stateDict, [&](std::size_t index, const std::string& what) { return file.tensor(index, what); });
    } else if (looksLikeSafetensors(bytes) || name.ends_with(".safetensors")) {
        out.format = "safetensors";
        SafetensorsFile file = readSafetensorsFile(name, bytes);
        for (const auto& [what, said] : file.metadata)
            if (what == "format" && said == kQuantExportFormat)
                refuseExport(name, "quant_export.safetensors");
        out.tensors = std::move(file.tensors);
        check(!out.tensors.empty(), ErrorCode::BadFile, name, ": holds no tensors");
        readPlain(out, stateDict);
    } else if (bytes.starts_with(kCodedExportMagic)) {
        refuseExport(name, "quant_export.mprz");
    } else if (looksLikeOnnx(name, bytes)) {
        throw Error(ErrorCode::Unsupported,
                    text(name, ": is an ONNX model; only state dicts (PyTorch zip, older PyTorch, safetensors) can be read"));
    } else if (bytes[0] == '\x80') {
        refusePickle(name, bytes);
    } else {
        throw Error(ErrorCode::BadFile, text(name, ": is neither a PyTorch checkpoint nor safetensors: it begins like neither"));
    }
    std::vector<std::string> parts;
    out.tensors = wholeWeights(std::move(out.tensors), parts);
    if (!parts.empty())
        out.notices.push_back(text("Weights that the file holds in parts are put together: ", printable(parts.front()),
                                   parts.size() > 1 ? text(" and ", parts.size() - 1, " more.") : std::string(".")));
    return out;
}

Checkpoint readCheckpoint(const std::string& path, const ReadOptions& options)
{
    return readCheckpoint(path, readFile(path, kLargestFile), options.stateDict);
}

} // namespace mprdo

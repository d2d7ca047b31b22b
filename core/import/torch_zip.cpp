// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/import/element_types.h"
#include "core/import/formats.h"
#include "core/import/zip_archive.h"

namespace mprdo {

struct TorchZip::Archive {
    ZipArchive zip;
};

namespace {

constexpr std::uint64_t kLargestPickle = std::uint64_t(64) << 20;

/// "name/" of "name/data.pkl".
std::string rootOf(const std::string& name, const ZipArchive& zip)
{
    constexpr std::string_view pickle = "data.pkl";
    for (const auto& [entry, description] : zip.entries())
        if (entry == pickle || entry.ends_with("/data.pkl"))
            return entry.substr(0, entry.size() - pickle.size());
    throw Error(ErrorCode::BadFile, text(name, ": is a zip archive without data.pkl, so PyTorch did not write it"));
}

} // namespace

TorchZip::TorchZip(const std::string& name, std::string_view bytes)
    : m_name(name)
    , m_archive(std::make_unique<Archive>(Archive{ZipArchive(name, bytes)}))
{
    ZipArchive& zip = m_archive->zip;
    m_root = rootOf(name, zip);
    check(!zip.entries().count(m_root + "constants.pkl"), ErrorCode::Unsupported, name,
          ": is a TorchScript archive; only state dicts can be read (torch.save(model.state_dict(), file))");
    if (zip.entries().count(m_root + "byteorder")) {
        const std::string order = zip.read(m_root + "byteorder");
        check(order == "little", ErrorCode::Unsupported, name, ": its byte order is ", printable(order), ", not little");
    }
    check(zip.entries().at(m_root + "data.pkl").size <= kLargestPickle, ErrorCode::BadFile, name, ": data.pkl is larger than ",
          kLargestPickle, " bytes");
    m_pickle = readPickle(name, zip.read(m_root + "data.pkl"));
    m_storages.resize(m_pickle.storages.size());
}

TorchZip::~TorchZip() = default;

at::Tensor TorchZip::tensor(std::size_t index, const std::string& what)
{
    const PickledTensor& tensor = m_pickle.tensors.at(index);
    at::Tensor& storage = m_storages.at(tensor.storage);
    if (!storage.defined()) {
        const PickledStorage& description = m_pickle.storages[tensor.storage];
        storage = storageTensor(m_name, description, m_archive->zip.read(m_root + "data/" + description.key));
    }
    return tensorInStorage(text(m_name, ": ", printable(what)), tensor, storage);
}

} // namespace mprdo

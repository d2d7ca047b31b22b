// SPDX-License-Identifier: GPL-3.0-or-later
// One reader per container format. Each gets the whole file; name stands for its path in messages.
#pragma once
#include "core/import/pickle.h"
#include "core/import/pickled_tensors.h"

namespace mprdo {

/// A PyTorch zip archive whose pickle has been read, its tensors not yet: they are fetched one by one.
class TorchZip {
public:
    /// bytes outlive the object. \throws Error{BadFile | Unsupported}: no data.pkl, TorchScript, big-endian, ...
    TorchZip(const std::string& name, std::string_view bytes);
    ~TorchZip();
    TorchZip(const TorchZip&) = delete;
    TorchZip& operator=(const TorchZip&) = delete;

    const Pickle& pickle() const { return m_pickle; }
    /// Tensors that share a storage in the file share it here. what names the tensor in messages.
    at::Tensor tensor(std::size_t index, const std::string& what);

private:
    struct Archive;
    std::string m_name, m_root;
    std::unique_ptr<Archive> m_archive;
    Pickle m_pickle;
    std::vector<at::Tensor> m_storages; ///< undefined until it is needed
};

/// PyTorch before 1.6: magic number, protocol, system, object, storage keys (a pickle each), then the storages, which are all
/// read at once.
class TorchLegacy {
public:
    /// \throws Error{BadFile | Unsupported}: truncated, big-endian, a storage that no tensor uses or that is missing, ...
    TorchLegacy(const std::string& name, std::string_view bytes);

    const Pickle& pickle() const { return m_pickle; }
    /// As TorchZip::tensor. \throws Error{BadFile} its storage is not in the file
    at::Tensor tensor(std::size_t index, const std::string& what) const;

private:
    std::string m_name;
    Pickle m_pickle;
    std::vector<at::Tensor> m_storages; ///< undefined: not in the file
};
bool looksLikeTorchLegacy(std::string_view bytes);

/// https://github.com/huggingface/safetensors: a JSON header of known length, then the data. In the order of the data.
NamedTensors readSafetensors(const std::string& name, std::string_view bytes);
bool looksLikeSafetensors(std::string_view bytes);

/// With what the header says beside: texts by name (others are passed over).
struct SafetensorsFile {
    std::vector<std::pair<std::string, std::string>> metadata;
    NamedTensors tensors;
};
SafetensorsFile readSafetensorsFile(const std::string& name, std::string_view bytes);
/// Types as they are, wide ones first, so that every tensor lies at a multiple of its elements' size, without gaps.
/// \throws Error{Unsupported} two tensors of one name, a type that the format has not
std::string encodeSafetensorsFile(const SafetensorsFile&);

/// What quantized exports say they are.
inline constexpr char kQuantExportFormat[] = "mprdo-quant-export";

/// Our own quant_export.mprz (core/export reads it): a byte that no text has, a name, line ends that a text transfer would change.
inline constexpr std::string_view kCodedExportMagic{"\x89MPRZ\r\n\x1a", 8};

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// A pickle of plain values and tensor views, as torch.load(f, weights_only=True) accepts it.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mprdo {

/// One storage of the container: record data/<key>, elements of one type.
struct PickleStorage {
    std::string type;   ///< "ByteStorage", "HalfStorage", "FloatStorage"
    std::string key;    ///< "0"
    std::int64_t elements = 0;
};

/// Protocol 2. The only globals it can write are collections.OrderedDict, torch._utils._rebuild_tensor_v2 and torch.*Storage;
/// floats are not written at all (PyTorch 1.13 refuses them with weights_only). Keys, globals and storages are written once
/// and referred to afterwards.
class PickleWriter {
public:
    PickleWriter();

    void none();
    void boolean(bool);
    void integer(std::int64_t);
    /// A key that comes again and again.
    void key(const std::string& utf8);
    void text(std::string_view utf8);
    void tuple(const std::vector<std::int64_t>&);
    void list(const std::vector<std::string>&);
    /// A contiguous view: elements [offset, offset + product of shape) of the storage.
    void tensor(const PickleStorage&, std::int64_t offset, const std::vector<std::int64_t>& shape);

    /// Between begin and end come key, value, key, value, ...
    void beginDict();
    void beginOrderedDict();
    void endDict();

    std::string finish();

private:
    void op(char code) { m_bytes.push_back(code); }
    void little(std::uint64_t value, int bytes);
    void remember(const std::string& what);
    bool recall(const std::string& what);
    void global(const std::string& module, const std::string& name);
    void emptyOrderedDict();

    std::string m_bytes;
    std::map<std::string, std::uint32_t> m_memo;
};

} // namespace mprdo

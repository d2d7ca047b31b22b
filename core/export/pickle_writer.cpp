// SPDX-License-Identifier: GPL-3.0-or-later
// Opcodes: Python's Lib/pickletools.py.
#include "core/export/pickle_writer.h"
#include "core/base/error.h"
#include <limits>
#include <utility>

namespace mprdo {
namespace {

constexpr char kProto = '\x80', kStop = '.', kMark = '(', kNone = 'N', kTrue = '\x88', kFalse = '\x89', kBinInt = 'J',
               kBinInt1 = 'K', kBinInt2 = 'M', kLong1 = '\x8a', kBinUnicode = 'X', kEmptyTuple = ')', kTuple1 = '\x85',
               kTuple2 = '\x86', kTuple3 = '\x87', kTuple = 't', kEmptyList = ']', kAppends = 'e', kEmptyDict = '}',
               kSetItems = 'u', kGlobal = 'c', kReduce = 'R', kBinPersId = 'Q', kBinPut = 'q', kLongBinPut = 'r',
               kBinGet = 'h', kLongBinGet = 'j';

} // namespace

PickleWriter::PickleWriter()
{
    op(kProto);
    op(2);
}

void PickleWriter::little(std::uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; ++i)
        m_bytes.push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

void PickleWriter::remember(const std::string& what)
{
    const auto index = static_cast<std::uint32_t>(m_memo.size());
    m_memo.emplace(what, index);
    op(index < 256 ? kBinPut : kLongBinPut);
    little(index, index < 256 ? 1 : 4);
}

bool PickleWriter::recall(const std::string& what)
{
    const auto it = m_memo.find(what);
    if (it == m_memo.end())
        return false;
    op(it->second < 256 ? kBinGet : kLongBinGet);
    little(it->second, it->second < 256 ? 1 : 4);
    return true;
}

void PickleWriter::none() { op(kNone); }
void PickleWriter::boolean(bool value) { op(value ? kTrue : kFalse); }

void PickleWriter::integer(std::int64_t value)
{
    if (value >= 0 && value < 256) {
        op(kBinInt1);
        little(static_cast<std::uint64_t>(value), 1);
    } else if (value >= 0 && value < 65536) {
        op(kBinInt2);
        little(static_cast<std::uint64_t>(value), 2);
    } else if (value >= std::numeric_limits<std::int32_t>::min() && value <= std::numeric_limits<std::int32_t>::max()) {
        op(kBinInt);
        little(static_cast<std::uint64_t>(value), 4);
    } else {
        op(kLong1);
        little(8, 1);
        little(static_cast<std::uint64_t>(value), 8);
    }
}

void PickleWriter::key(const std::string& utf8)
{
    if (recall("key " + utf8))
        return;
    text(utf8);
    remember("key " + utf8);
}

void PickleWriter::text(std::string_view utf8)
{
    check(utf8.size() <= std::numeric_limits<std::uint32_t>::max(), ErrorCode::Unsupported, "a text of ", utf8.size(),
          " bytes does not fit a pickle");
    op(kBinUnicode);
    little(utf8.size(), 4);
    m_bytes += utf8;
}

void PickleWriter::tuple(const std::vector<std::int64_t>& values)
{
    if (values.size() > 3)
        op(kMark);
    for (const std::int64_t value : values)
        integer(value);
    constexpr char codes[] = {kEmptyTuple, kTuple1, kTuple2, kTuple3};
    op(values.size() > 3 ? kTuple : codes[values.size()]);
}

void PickleWriter::list(const std::vector<std::string>& values)
{
    op(kEmptyList);
    op(kMark);
    for (const std::string& value : values)
        text(value);
    op(kAppends);
}

void PickleWriter::global(const std::string& module, const std::string& name)
{
    const std::string key = "global " + module + "." + name;
    if (recall(key))
        return;
    op(kGlobal);
    m_bytes += module + "\n" + name + "\n";
    remember(key);
}

void PickleWriter::emptyOrderedDict()
{
    global("collections", "OrderedDict");
    op(kEmptyTuple);
    op(kReduce);
}

void PickleWriter::tensor(const PickleStorage& storage, std::int64_t offset, const std::vector<std::int64_t>& shape)
{
    std::vector<std::int64_t> strides(shape.size(), 1);
    for (std::size_t i = shape.size(); i-- > 1;)
        strides[i - 1] = strides[i] * shape[i];
    global("torch._utils", "_rebuild_tensor_v2");
    op(kMark);
    const std::string key = "storage " + storage.key;
    if (!recall(key)) {
        op(kMark);
        text("storage");
        global("torch", storage.type);
        text(storage.key);
        text("cpu");
        integer(storage.elements);
        op(kTuple);
        op(kBinPersId);
        remember(key);
    }
    integer(offset);
    tuple(shape);
    tuple(strides);
    boolean(false);     // requires_grad
    emptyOrderedDict(); // backward hooks: one of its own for each tensor, or a hook on one would be a hook on all
    op(kTuple);
    op(kReduce);
}

void PickleWriter::beginDict()
{
    op(kEmptyDict);
    op(kMark);
}

void PickleWriter::beginOrderedDict()
{
    emptyOrderedDict();
    op(kMark);
}

void PickleWriter::endDict() { op(kSetItems); }

std::string PickleWriter::finish()
{
    op(kStop);
    m_memo.clear();
    return std::exchange(m_bytes, {});
}

} // namespace mprdo

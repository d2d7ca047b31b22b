// SPDX-License-Identifier: GPL-3.0-or-later
// Opcodes: the stack, the memo and plain values. What globals and calls may do stands in unpickler_calls.cpp.
#include "core/import/unpickler.h"
#include "core/import/element_types.h"
#include <algorithm>

namespace mprdo {
namespace {

constexpr std::size_t kMostObjects = 2'000'000;

enum Opcode : unsigned char {
    Mark = '(', Stop = '.', Pop = '0', PopMark = '1', Dup = '2', BinFloat = 'G', BinInt = 'J', BinInt1 = 'K', BinInt2 = 'M',
    None = 'N', BinPersId = 'Q', Reduce = 'R', BinString = 'T', ShortBinString = 'U', BinUnicode = 'X', Append = 'a', Build = 'b',
    Global = 'c', Dict = 'd', EmptyDict = '}', Appends = 'e', BinGet = 'h', Inst = 'i', LongBinGet = 'j', List = 'l',
    EmptyList = ']', Obj = 'o', BinPut = 'q', LongBinPut = 'r', SetItem = 's', Tuple = 't', EmptyTuple = ')', SetItems = 'u', BinBytes = 'B',
    ShortBinBytes = 'C', Proto = 0x80, NewObj = 0x81, Ext1 = 0x82, Ext2 = 0x83, Ext4 = 0x84, Tuple1 = 0x85, Tuple2 = 0x86, Tuple3 = 0x87, NewTrue = 0x88,
    NewFalse = 0x89, Long1 = 0x8a, Long4 = 0x8b, ShortBinUnicode = 0x8c, BinUnicode8 = 0x8d, BinBytes8 = 0x8e,
    EmptySet = 0x8f, AddItems = 0x90, FrozenSet = 0x91, NewObjEx = 0x92, StackGlobal = 0x93, Memoize = 0x94, Frame = 0x95,
    ByteArray8 = 0x96
};

} // namespace

void Unpickler::malformed(const std::string& why) const
{
    throw Error(ErrorCode::BadFile, text(m_name, ": malformed pickle: ", why, " before byte ", m_in.position()));
}

PickleId Unpickler::make(PickleObject object)
{
    check(m_out.objects.size() < kMostObjects, ErrorCode::BadFile, m_name, ": the pickle has more than ", kMostObjects, " objects");
    m_out.objects.push_back(std::move(object));
    return static_cast<PickleId>(m_out.objects.size() - 1);
}

void Unpickler::pushContainer(Kind kind, std::vector<PickleId> items)
{
    PickleObject o;
    o.kind = kind;
    o.items = std::move(items);
    push(std::move(o));
}

void Unpickler::pushText(Kind kind, std::uint64_t size)
{
    PickleObject o;
    o.kind = kind;
    o.text = m_in.take(size, "a string");
    push(std::move(o));
}

void Unpickler::pushInteger(std::int64_t value)
{
    PickleObject o;
    o.kind = Kind::Integer;
    o.integer = value;
    push(std::move(o));
}

/// Little-endian two's complement of any length.
void Unpickler::pushLong(std::uint64_t size)
{
    const std::string_view bytes = m_in.take(size, "an integer");
    if (size > 8) {
        PickleObject o;
        o.kind = Kind::BigInteger;
        o.text = bytes;
        push(std::move(o));
        return;
    }
    std::uint64_t value = !bytes.empty() && (bytes.back() & 0x80) ? ~std::uint64_t(0) : 0;
    for (std::size_t i = bytes.size(); i-- > 0;)
        value = value << 8 | static_cast<unsigned char>(bytes[i]);
    pushInteger(static_cast<std::int64_t>(value));
}

PickleId Unpickler::top()
{
    if (m_stack.empty() || (!m_marks.empty() && m_stack.size() <= m_marks.back()))
        malformed("an operation without operands");
    return m_stack.back();
}

PickleId Unpickler::pop()
{
    const PickleId id = top();
    m_stack.pop_back();
    return id;
}

std::vector<PickleId> Unpickler::popToMark()
{
    if (m_marks.empty())
        malformed("no mark on the stack");
    const auto begin = m_stack.begin() + static_cast<std::ptrdiff_t>(m_marks.back());
    std::vector<PickleId> out(begin, m_stack.end());
    m_stack.erase(begin, m_stack.end());
    m_marks.pop_back();
    return out;
}

void Unpickler::remember(std::uint64_t index)
{
    // MEMOIZE is a byte in the file and forty in memory.
    check(m_memo.size() < kMostObjects, ErrorCode::BadFile, m_name, ": the pickle has more than ", kMostObjects, " memo entries");
    m_memo[index] = top();
}

void Unpickler::recall(std::uint64_t index)
{
    const auto it = m_memo.find(index);
    if (it == m_memo.end())
        malformed(text("memo entry ", index, " was never written"));
    m_stack.push_back(it->second);
}

void Unpickler::addItems(std::vector<PickleId> items)
{
    if (items.size() % 2 != 0)
        malformed("a dict key without a value");
    PickleObject& dict = object(top());
    if (dict.kind != Kind::Dict && dict.kind != Kind::Object) // an instance may be of a class derived from dict
        malformed(text("items for ", kindName(dict.kind), ", not a dict"));
    dict.items.insert(dict.items.end(), items.begin(), items.end());
}

void Unpickler::appendItems(const std::vector<PickleId>& items)
{
    PickleObject& list = object(top());
    if (list.kind == Kind::Object) // of a class derived from list: nobody asks for its elements
        return;
    if (list.kind != Kind::List)
        malformed(text("elements for ", kindName(list.kind), ", not a list"));
    list.items.insert(list.items.end(), items.begin(), items.end());
}

/// Attributes of an OrderedDict (state dicts carry _metadata) are of no interest here; those of an instance are kept, for a
/// saved module holds its tensors in them. Attributes may also stand on a tensor or a class: passed over.
void Unpickler::build()
{
    const PickleId state = pop();
    PickleObject& built = object(top());
    if (built.kind == Kind::Object)
        built.state = state;
    else if (built.kind != Kind::Dict && built.kind != Kind::Tensor && built.kind != Kind::Global)
        malformed(text("attributes for ", kindName(built.kind)));
}

bool Unpickler::step()
{
    // MARK, DUP and BINGET push without making an object: the stack is bounded on its own.
    check(m_stack.size() < kMostObjects && m_marks.size() < kMostObjects, ErrorCode::BadFile, m_name,
          ": the pickle's stack grows beyond ", kMostObjects);
    const auto opcode = m_in.number<unsigned char>("a pickle opcode");
    switch (opcode) {
    case Proto: {
        const int protocol = m_in.number<unsigned char>("the protocol");
        check(protocol >= 2 && protocol <= 5, ErrorCode::Unsupported, m_name, ": pickle protocol ", protocol,
              " is not supported, 2 to 5 are");
        break;
    }
    case Frame: m_in.number<std::uint64_t>("a frame"); break; // its length says nothing that the opcodes do not
    case Stop: return false;
    case Mark: m_marks.push_back(m_stack.size()); break;
    case Pop:
        if (!m_marks.empty() && m_marks.back() == m_stack.size())
            m_marks.pop_back();
        else
            pop();
        break;
    case PopMark: popToMark(); break;
    case Dup: m_stack.push_back(top()); break;
    case None: push({}); break;
    case NewTrue:
    case NewFalse:
        push({});
        object(top()).kind = Kind::Bool;
        object(top()).integer = opcode == NewTrue;
        break;
    case BinInt: pushInteger(m_in.number<std::int32_t>("an integer")); break;
    case BinInt1: pushInteger(m_in.number<std::uint8_t>("an integer")); break;
    case BinInt2: pushInteger(m_in.number<std::uint16_t>("an integer")); break;
    case Long1: pushLong(m_in.number<std::uint8_t>("an integer's length")); break;
    case Long4: pushLong(m_in.number<std::uint32_t>("an integer's length")); break;
    case BinFloat: {
        auto bits = m_in.number<std::uint64_t>("a number");
        bits = __builtin_bswap64(bits); // the one big-endian field of the format
        push({});
        object(top()).kind = Kind::Float;
        std::memcpy(&object(top()).number, &bits, sizeof bits);
        break;
    }
    case BinUnicode:
    case BinString: pushText(Kind::String, m_in.number<std::uint32_t>("a string's length")); break;
    case ShortBinUnicode:
    case ShortBinString: pushText(Kind::String, m_in.number<std::uint8_t>("a string's length")); break;
    case BinUnicode8: pushText(Kind::String, m_in.number<std::uint64_t>("a string's length")); break;
    case BinBytes: pushText(Kind::Bytes, m_in.number<std::uint32_t>("a string's length")); break;
    case ShortBinBytes: pushText(Kind::Bytes, m_in.number<std::uint8_t>("a string's length")); break;
    case ByteArray8:
    case BinBytes8: pushText(Kind::Bytes, m_in.number<std::uint64_t>("a string's length")); break;
    case EmptySet: pushContainer(Kind::List, {}); break; // a set is a list whose order says nothing
    case AddItems: appendItems(popToMark()); break;
    case FrozenSet: pushContainer(Kind::List, popToMark()); break;
    case EmptyTuple: pushContainer(Kind::Tuple, {}); break;
    case EmptyList: pushContainer(Kind::List, {}); break;
    case EmptyDict: pushContainer(Kind::Dict, {}); break;
    case Tuple: pushContainer(Kind::Tuple, popToMark()); break;
    case List: pushContainer(Kind::List, popToMark()); break;
    case Dict: {
        auto items = popToMark();
        pushContainer(Kind::Dict, {});
        addItems(std::move(items));
        break;
    }
    case Tuple1:
    case Tuple2:
    case Tuple3: {
        std::vector<PickleId> items(static_cast<std::size_t>(opcode - Tuple1 + 1));
        for (std::size_t i = items.size(); i-- > 0;)
            items[i] = pop();
        pushContainer(Kind::Tuple, std::move(items));
        break;
    }
    case Append: {
        const PickleId item = pop();
        appendItems({item});
        break;
    }
    case Appends: appendItems(popToMark()); break;
    case SetItem: {
        const PickleId value = pop(), key = pop();
        addItems({key, value});
        break;
    }
    case SetItems: addItems(popToMark()); break;
    case Memoize: remember(m_memo.size()); break;
    case BinPut: remember(m_in.number<std::uint8_t>("a memo index")); break;
    case LongBinPut: remember(m_in.number<std::uint32_t>("a memo index")); break;
    case BinGet: recall(m_in.number<std::uint8_t>("a memo index")); break;
    case LongBinGet: recall(m_in.number<std::uint32_t>("a memo index")); break;
    case Global: {
        const std::string module(m_in.line("a global's module"));
        pushGlobal(module, std::string(m_in.line("a global's name")));
        break;
    }
    case StackGlobal: {
        const PickleObject &name = object(pop()), &module = object(pop());
        if (name.kind != Kind::String || module.kind != Kind::String)
            malformed("a global whose name is not a string");
        pushGlobal(module.text, name.text);
        break;
    }
    case BinPersId: loadPersistent(); break;
    case Reduce: call(); break;
    case NewObj: {
        const PickleId arguments = pop(), type = pop();
        newObject(type, arguments);
        break;
    }
    case NewObjEx: {
        pop(); // arguments by name
        const PickleId arguments = pop(), type = pop();
        newObject(type, arguments);
        break;
    }
    case Inst: {
        const std::string module(m_in.line("a global's module"));
        const PickleId type = makeGlobal(module, std::string(m_in.line("a global's name")));
        pushContainer(Kind::Tuple, popToMark());
        newObject(type, pop());
        break;
    }
    case Obj: {
        std::vector<PickleId> all = popToMark();
        if (all.empty())
            malformed("a new object without a class");
        const PickleId type = all.front();
        all.erase(all.begin());
        pushContainer(Kind::Tuple, std::move(all));
        newObject(type, pop());
        break;
    }
    case Ext1: m_stack.push_back(makeGlobal("copyreg", text("extension ", int(m_in.number<std::uint8_t>("an extension"))))); break;
    case Ext2: m_stack.push_back(makeGlobal("copyreg", text("extension ", m_in.number<std::uint16_t>("an extension")))); break;
    case Ext4: m_stack.push_back(makeGlobal("copyreg", text("extension ", m_in.number<std::int32_t>("an extension")))); break;
    case Build: build(); break;
    default:
        throw Error(ErrorCode::Unsupported,
                    text(m_name, ": refuses the pickle opcode ", int(opcode), " at byte ", m_in.position() - 1,
                         ", which checkpoints do not need"));
    }
    return true;
}

Pickle Unpickler::run()
{
    while (step()) { }
    m_out.root = pop();
    if (!m_stack.empty() || !m_marks.empty())
        malformed("values are left over at its end");
    m_out.size = m_in.position();
    return std::move(m_out);
}

Pickle readPickle(const std::string& name, std::string_view bytes) { return Unpickler(name, bytes).run(); }

const PickleObject* Pickle::find(const PickleObject& dict, std::string_view key) const
{
    if (dict.kind != PickleObject::Kind::Dict && dict.kind != PickleObject::Kind::Object)
        return nullptr;
    for (std::size_t i = dict.items.size(); i >= 2; i -= 2) {
        const PickleObject& k = at(dict.items[i - 2]);
        if (k.kind == PickleObject::Kind::String && k.text == key)
            return &at(dict.items[i - 1]);
    }
    return nullptr;
}

std::string_view kindName(PickleObject::Kind kind)
{
    using Kind = PickleObject::Kind;
    switch (kind) {
    case Kind::None: return "None";
    case Kind::Bool: return "a bool";
    case Kind::Integer:
    case Kind::BigInteger: return "an integer";
    case Kind::Float: return "a number";
    case Kind::String: return "a string";
    case Kind::Bytes: return "bytes";
    case Kind::Tuple: return "a tuple";
    case Kind::List: return "a list";
    case Kind::Dict: return "a dict";
    case Kind::Global: return "a global";
    case Kind::Storage: return "a storage";
    case Kind::Tensor: return "a tensor";
    case Kind::Object: return "an object";
    }
    return "?";
}

} // namespace mprdo

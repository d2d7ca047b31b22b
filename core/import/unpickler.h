// SPDX-License-Identifier: GPL-3.0-or-later
// The stack machine behind readPickle.
#pragma once
#include "core/import/byte_cursor.h"
#include "core/import/pickle.h"
#include <map>
#include <set>
#include <unordered_map>

namespace mprdo {

class Unpickler {
public:
    Unpickler(const std::string& name, std::string_view bytes) : m_name(name), m_in(name, bytes) {}
    Pickle run();

private:
    using Kind = PickleObject::Kind;
    bool step(); ///< one opcode; false after STOP

    PickleId make(PickleObject object);
    void push(PickleObject object) { m_stack.push_back(make(std::move(object))); }
    void pushContainer(Kind kind, std::vector<PickleId> items);
    void pushText(Kind kind, std::uint64_t size);
    void pushInteger(std::int64_t value);
    void pushLong(std::uint64_t size);
    PickleId pop();
    PickleId top();
    std::vector<PickleId> popToMark();
    PickleObject& object(PickleId id) { return m_out.objects[id]; }

    void remember(std::uint64_t index);
    void recall(std::uint64_t index);
    void pushGlobal(const std::string& module, const std::string& name);
    void addItems(std::vector<PickleId> items); ///< to the dict on top of the stack
    void appendItems(const std::vector<PickleId>& items);
    void build();
    void call();        ///< REDUCE
    void call(PickleId function, PickleId arguments);
    void newObject(PickleId type, PickleId arguments); ///< NEWOBJ, NEWOBJ_EX, OBJ, INST
    void pushInert(const PickleObject& maker);
    void loadPersistent(); ///< BINPERSID
    void loadStorage(const PickleObject& id);

    void countCopied(std::size_t bytes);
    PickleObject callOrderedDict(const std::vector<PickleId>& arguments);
    PickleObject callRebuildTensor(const std::vector<PickleId>& arguments);
    bool callRebuilder(const std::string& name, const std::vector<PickleId>& arguments);
    PickleId makeGlobal(const std::string& module, const std::string& name);
    std::vector<std::int64_t> integersOf(PickleId tuple, const char* what);
    std::int64_t integerOf(PickleId id, const char* what);
    [[noreturn]] void malformed(const std::string& why) const;

    std::string m_name;
    ByteCursor m_in;
    Pickle m_out;
    std::vector<PickleId> m_stack;
    std::vector<std::size_t> m_marks; ///< heights of the stack
    std::unordered_map<std::uint64_t, PickleId> m_memo;
    std::map<std::string, std::size_t> m_storageOfKey;
    std::set<std::string> m_foreign;
    std::size_t m_copied = 0;
};

} // namespace mprdo

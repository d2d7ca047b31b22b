// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/onnx_message.h"
#include "core/base/error.h"
#include "core/base/input_file.h"
#include <algorithm>
#include <climits>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <google/protobuf/message.h>
#include <unistd.h>

namespace mprdo {
namespace {

namespace pb = google::protobuf;

constexpr int kMostValues = 1'000'000, kDeepest = 64;
constexpr int kBlock = 256 * 1024; // bytes read at a time

/// Walks through the wire format (https://protobuf.dev/programming-guides/encoding) without keeping anything.
class Walk {
public:
    Walk(const std::string& name, pb::io::ZeroCopyInputStream& bytes)
        : m_name(name)
        , m_in(&bytes)
    {
        m_in.SetTotalBytesLimit(INT_MAX);
    }

    /// A message's fields, up to the byte at end.
    void message(const pb::Descriptor& type, int end, int depth = 0)
    {
        check(depth <= kDeepest, ErrorCode::BadFile, m_name, ": its messages are nested more than ", kDeepest, " deep");
        while (m_in.CurrentPosition() < end)
            field(type, end, depth);
    }

private:
    void field(const pb::Descriptor& type, int end, int depth)
    {
        const int start = m_in.CurrentPosition();
        const std::uint32_t tag = m_in.ReadTagNoLastTag();
        const std::uint32_t number = tag >> 3, wire = tag & 7;
        const bool known = number > 0 && (wire == 0 || wire == 1 || wire == 2 || wire == 5);
        check(known, ErrorCode::BadFile, m_name, ": is no ONNX: no field of ", type.name(), " begins at byte ", start);
        const pb::FieldDescriptor* field = type.FindFieldByNumber(static_cast<int>(number));
        const std::string what = text(field ? field->name() : "a field", " of ", type.name());
        if (!field || field->type() == pb::FieldDescriptor::TYPE_STRING || field->type() == pb::FieldDescriptor::TYPE_BYTES
            || field->type() == pb::FieldDescriptor::TYPE_MESSAGE)
            check(++m_values <= kMostValues, ErrorCode::BadFile, m_name, ": has more than ", kMostValues, " messages and texts");
        std::uint64_t number64 = 0;
        bool whole = true;
        if (wire == 0 || wire == 2)
            whole = m_in.ReadVarint64(&number64);
        const std::uint64_t length = wire == 2 ? number64 : wire == 1 ? 8 : wire == 5 ? 4 : 0;
        const int left = end - m_in.CurrentPosition();
        check(whole && left >= 0 && length <= static_cast<std::uint64_t>(left), ErrorCode::BadFile, m_name, ": truncated: ", what,
              " at byte ", start, " needs ", length, " bytes, ", std::max(left, 0), " are left");
        const int size = static_cast<int>(length);
        if (wire == 2 && field && field->type() == pb::FieldDescriptor::TYPE_MESSAGE)
            message(*field->message_type(), m_in.CurrentPosition() + size, depth + 1);
        else
            check(m_in.Skip(size), ErrorCode::BadFile, m_name, ": truncated: ", what, " at byte ", start, " does not end");
    }

    const std::string& m_name;
    pb::io::CodedInputStream m_in;
    int m_values = 0;
};

void parse(const std::string& name, pb::io::ZeroCopyInputStream& bytes, pb::Message& out)
{
    pb::io::CodedInputStream in(&bytes);
    in.SetTotalBytesLimit(INT_MAX);
    check(out.ParseFromCodedStream(&in) && in.ConsumedEntireMessage(), ErrorCode::BadFile, name, ": is no valid ",
          out.GetDescriptor()->name());
}

} // namespace

void parseOnnxMessage(const std::string& name, std::string_view bytes, pb::Message& out)
{
    check(!bytes.empty(), ErrorCode::BadFile, name, ": is empty");
    check(bytes.size() <= INT_MAX, ErrorCode::BadFile, name, ": has ", bytes.size(), " bytes, more than the ", INT_MAX, " that are read");
    const int size = static_cast<int>(bytes.size());
    pb::io::ArrayInputStream toWalk(bytes.data(), size), toParse(bytes.data(), size);
    Walk(name, toWalk).message(*out.GetDescriptor(), size);
    parse(name, toParse, out);
}

void parseOnnxMessage(const InputFile& file, pb::Message& out)
{
    check(file.size() > 0, ErrorCode::BadFile, file.path(), ": is empty");
    check(file.size() <= INT_MAX, ErrorCode::BadFile, file.path(), ": has ", file.size(), " bytes, more than the ", INT_MAX,
          " that are read");
    const auto fromStart = [&] {
        check(::lseek(file.descriptor(), 0, SEEK_SET) == 0, ErrorCode::Io, file.path(), ": cannot be read from its start again");
    };
    fromStart();
    pb::io::FileInputStream toWalk(file.descriptor(), kBlock);
    Walk(file.path(), toWalk).message(*out.GetDescriptor(), static_cast<int>(file.size()));
    fromStart();
    pb::io::FileInputStream toParse(file.descriptor(), kBlock);
    parse(file.path(), toParse, out);
}

} // namespace mprdo

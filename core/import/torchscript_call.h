// SPDX-License-Identifier: GPL-3.0-or-later
// One recorded operator as the rows of torchscript_rows_*.cpp see it: its arguments by name, and the nodes that say the
// same.
#pragma once
#include "core/base/error.h"
#include "core/import/torchscript_writer.h"

namespace mprdo::script {

class Call {
public:
    Call(Writer& writer, const Step& first, const Step& second);

    template <class... Parts>
    [[noreturn]] void refuse(const Parts&... parts) const
    {
        throw Error(ErrorCode::Unsupported,
                    text(m_writer.file(), ": ", m_first.op, m_first.scope.empty() ? "" : " in ", m_first.scope, ": ",
                         parts...));
    }

    /// The operator has that argument, and it is not None.
    bool has(const std::string& argument) const;
    // Numbers must be the same whatever the batch. \throws Error{Unsupported}
    std::int64_t integer(const std::string& argument) const;
    std::int64_t integer(const std::string& argument, std::int64_t otherwise) const;
    double number(const std::string& argument) const;
    double number(const std::string& argument, double otherwise) const;
    bool flag(const std::string& argument, bool otherwise) const;
    std::string word(const std::string& argument, const std::string& otherwise) const;
    bool isWord(const std::string& argument) const;
    Ints integers(const std::string& argument) const; ///< one number is a list of one; None an empty list
    Ints integers(const std::string& argument, std::size_t count) const; ///< one number stands for all
    std::vector<double> numbers(const std::string& argument) const;

    bool isValue(const std::string& argument) const;    ///< a tensor that depends on the images
    bool isConstant(const std::string& argument) const; ///< a tensor that does not
    /// Of a value or a constant; the batch is -1.
    Ints shape(const std::string& argument) const;
    std::int64_t rank(const std::string& argument) const { return static_cast<std::int64_t>(shape(argument).size()); }
    /// 0 <= axis < rank. \throws Error{Unsupported}
    std::int64_t axis(const std::string& argument, std::int64_t axis) const;
    /// Where it was repeated for each image, one of them, [1, ...]. \throws Error{Unsupported} it differs from batch to
    /// batch
    at::Tensor constant(const std::string& argument) const;
    /// The ONNX name of a tensor or a number; what is constant becomes an initializer.
    std::string input(const std::string& argument) const;
    std::vector<std::string> list(const std::string& argument) const; ///< of Tensor[]
    /// The one tensor of a list with None in its other places, and its place. \throws Error{Unsupported} more than one
    std::pair<at::Tensor, std::int64_t> onlyTensor(const std::string& argument) const;

    std::string initializer(const at::Tensor&, const std::string& role) const;
    std::string scalar(double, const std::string& role) const; ///< [1]
    std::string integerList(const Ints&, const std::string& role) const;
    bool isTransposedParameter(const at::Tensor& t) const { return m_writer.isTransposedParameter(t); }

    std::size_t outputs() const { return m_first.made.size(); }
    Ints madeShape(std::size_t output = 0) const;
    /// The shape that it makes as ONNX's Reshape takes it: 0 keeps the batch in the first place, -1 is whatever the
    /// batch gives.
    Ints target(std::size_t output = 0) const;

    /// A node named after the module, or after module and operator; suffix for further ones.
    std::string add(const std::string& op, const std::vector<std::string>& inputs, const Writer::Attributes& = {},
                    const std::string& suffix = {}) const;
    std::vector<std::string> addMany(const std::string& op, const std::vector<std::string>& inputs,
                                     const Writer::Attributes&, std::size_t outputs) const;
    void give(const std::string& name, std::size_t output = 0) const;

private:
    const Argument& at(const std::string& argument) const;
    const c10::IValue& agreed(const std::string& argument) const;
    std::string name(const std::string& suffix) const;
    at::Tensor agreedTensor(const at::Tensor& first, const at::Tensor& second, const std::string& argument) const;

    Writer& m_writer;
    const Step& m_first;
    const Step& m_second;
};

} // namespace mprdo::script

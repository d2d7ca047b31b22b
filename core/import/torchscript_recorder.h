// SPDX-License-Identifier: GPL-3.0-or-later
// Runs a TorchScript module operator by operator, follows its calls and its control flow with the values that there
// are, and records what depends on the images. What does not (sizes, constants, conditions on them) is computed and
// gone: inlining, freezing and constant folding are the same thing here, for traced and scripted modules alike.
#pragma once
#include "core/import/torchscript_recording.h"
#include <unordered_map>
#include <unordered_set>

namespace torch::jit {
struct Module;
struct Node;
struct Block;
struct Function;
} // namespace torch::jit

namespace mprdo::script {

class Recorder {
public:
    /// \param file for messages   \param module in evaluation mode; outlives the object
    Recorder(std::string file, const torch::jit::Module& module);
    ~Recorder();
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    /// Each call with a recorder of its own.
    /// \param images float32, [N, C, H, W]
    /// \throws Error{Unsupported} naming the operator and its module: what it does depends on what the images hold,
    /// state is kept between images, a value is read after it was overwritten, the output is no tensor;
    /// Error{ShapeMismatch} an operator refuses
    /// \param output of several tensors the one that is meant, as takenOutput
    Recording run(const at::Tensor& images, const std::string& output = {});

private:
    struct Frame;
    struct Scope {
        std::string path;
        bool leaf = false;
    };
    using Values = std::vector<c10::IValue>;

    template <class... Parts>
    [[noreturn]] void refuse(const torch::jit::Node&, const Scope&, const Parts&... parts) const;
    Values call(torch::jit::Function&, Values arguments, const Scope&);
    Values block(const torch::jit::Block&, Frame&, const Values& inputs, const Scope&);
    void one(const torch::jit::Node&, Frame&, const Scope&);
    bool control(const torch::jit::Node&, Frame&, const Scope&);
    bool container(const torch::jit::Node&, Frame&, const Scope&);
    void loop(const torch::jit::Node&, Frame&, const Scope&);
    void operate(const torch::jit::Node&, Frame&, const Scope&);
    void keep(const torch::jit::Node&, const Scope&, Step, const std::vector<at::Tensor>& written,
              const std::vector<at::Tensor>& made);
    Argument argument(const c10::IValue&) const;
    void dropUnneeded(); ///< steps that the output does not need
    int valueOf(const at::Tensor&) const;
    Scope scopeOf(const c10::IValue& object) const;

    std::string m_file;
    const torch::jit::Module& m_module;
    Recording m_recording;
    std::unordered_map<const void*, int> m_values;        ///< by tensor
    std::unordered_set<const void*> m_stale;              ///< tensors whose contents were written through another
    std::unordered_map<const void*, std::string> m_paths; ///< of modules
    std::unordered_set<const void*> m_storages;           ///< of the file's own tensors
    std::vector<at::Tensor> m_alive;                      ///< so that no address is used twice
    int m_depth = 0;
};

/// The tensors of what forward gives, by their place: "" for one alone, "0" or a name in a tuple, a key in a dict, "1.0" inside of others.
using Outputs = std::vector<std::pair<std::string, at::Tensor>>;
Outputs outputsOf(const c10::IValue&);
/// "0 [N, 10] and 1 [N, 4]"
std::string outputsText(const Outputs&);
/// name empty: the only one. \throws Error{Unsupported} there are several, which are named; Error{Usage} none has that name
at::Tensor takenOutput(const std::string& file, const Outputs&, const std::string& name);

/// The first line of what LibTorch says, fit for a message.
std::string plainReason(const std::exception&);

} // namespace mprdo::script

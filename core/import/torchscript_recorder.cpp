// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/torchscript_recorder.h"
#include "core/base/error.h"
#include "core/base/torchscript.h"
#include "core/import/element_types.h"
#include "core/import/torchscript_values.h"
#include <algorithm>
#include <set>
#include <string_view>

namespace mprdo::script {
namespace jit = torch::jit;
namespace prim = c10::prim;

namespace {

constexpr std::size_t kMaxSteps = 20'000;
constexpr int kMaxDepth = 200;

const void* identity(const at::Tensor& t) { return t.unsafeGetTensorImpl(); }
const void* storageOf(const at::Tensor& t) { return t.has_storage() ? t.storage().unsafeGetStorageImpl() : nullptr; }

/// They ask for a tensor's size or kind, not for what it holds.
bool asksForShape(std::string_view op)
{
    static const std::set<std::string_view> all{"aten::size",
                                                "aten::dim",
                                                "aten::ndimension",
                                                "aten::numel",
                                                "aten::len",
                                                "aten::stride",
                                                "aten::is_contiguous",
                                                "aten::storage_offset",
                                                "aten::is_floating_point",
                                                "aten::is_complex",
                                                "aten::_shape_as_tensor",
                                                "aten::is_leaf",
                                                "prim::shape",
                                                "prim::dtype",
                                                "prim::device",
                                                "prim::layout",
                                                "prim::is_cuda",
                                                "prim::requires_grad",
                                                "prim::type",
                                                "prim::is_sparse",
                                                "prim::is_quantized",
                                                "prim::is_mkldnn",
                                                "prim::is_nested",
                                                "prim::is_meta",
                                                "prim::is_cpu",
                                                "aten::device",
                                                "aten::is_same_size",
                                                "aten::result_type",
                                                "aten::zeros_like",
                                                "aten::ones_like",
                                                "aten::full_like",
                                                "aten::new_zeros",
                                                "aten::new_ones",
                                                "aten::new_full",
                                                "prim::is_xpu",
                                                "aten::can_cast"};
    return all.count(op) > 0;
}

bool isTensorType(const c10::Type& type)
{
    if (type.kind() == c10::TypeKind::TensorType)
        return true;
    if (type.kind() == c10::TypeKind::ListType || type.kind() == c10::TypeKind::OptionalType)
        return isTensorType(*type.containedType(0));
    return false;
}

/// Others move values about, whatever those are: lists, dictionaries, casts.
bool worksOnTensors(const c10::FunctionSchema& schema)
{
    return std::any_of(schema.arguments().begin(), schema.arguments().end(),
                       [](const c10::Argument& a) { return isTensorType(*a.type()); });
}

} // namespace

struct Recorder::Frame {
    std::unordered_map<const jit::Value*, c10::IValue> values;

    const c10::IValue& operator[](const jit::Value* v) const { return values.at(v); }
    const c10::IValue& in(const jit::Node& node, std::size_t i) const { return values.at(node.inputs()[i]); }
    void out(const jit::Node& node, std::size_t i, c10::IValue value) { values[node.outputs()[i]] = std::move(value); }
    Values inputs(const jit::Node& node) const
    {
        Values all;
        for (const jit::Value* v : node.inputs())
            all.push_back(values.at(v));
        return all;
    }
};

std::string plainReason(const std::exception& e)
{
    const auto* ours = dynamic_cast<const c10::Error*>(&e);
    std::string what = ours ? ours->what_without_backtrace() : e.what();
    what = what.substr(0, what.find('\n'));
    for (const std::string_view inside : {"torch::jit::", "c10::", "at::", "std::"})
        for (std::size_t at = what.find(inside); at != std::string::npos; at = what.find(inside))
            what.erase(at, inside.size());
    what = printable(what);
    while (!what.empty() && (what.back() == '.' || what.back() == ' '))
        what.pop_back();
    return what.empty() ? "for no reason that LibTorch gives" : what;
}

Recorder::Recorder(std::string file, const jit::Module& module)
    : m_file(std::move(file))
    , m_module(module)
{
    for (const auto& attribute : module.named_attributes())
        if (attribute.value.isTensor() && attribute.value.toTensor().defined())
            m_storages.insert(storageOf(attribute.value.toTensor()));
}

Recorder::~Recorder() = default;

template <class... Parts>
void Recorder::refuse(const jit::Node& node, const Scope& scope, const Parts&... parts) const
{
    throw Error(ErrorCode::Unsupported,
                text(m_file, ": ", node.kind().toQualString(), scope.path.empty() ? "" : " in ", printable(scope.path),
                     ": ", parts...));
}

int Recorder::valueOf(const at::Tensor& t) const
{
    const auto it = m_values.find(identity(t));
    return it == m_values.end() ? kConstant : it->second;
}

Recorder::Scope Recorder::scopeOf(const c10::IValue& object) const
{
    Scope out;
    const auto& o = object.toObjectRef();
    if (const auto it = m_paths.find(&o); it != m_paths.end())
        out.path = it->second;
    out.leaf = std::none_of(o.slots().begin(), o.slots().end(), [](const c10::IValue& v) { return v.isModule(); });
    return out;
}

namespace {

void addOutputs(const c10::IValue& value, const std::string& place, Outputs& out)
{
    const auto inside = [&](const std::string& key) { return place.empty() ? key : place + "." + key; };
    if (value.isTensor() && value.toTensor().defined()) {
        out.emplace_back(place, value.toTensor());
    } else if (value.isTuple()) {
        const auto type = value.type()->cast<c10::TupleType>();
        const auto names = type && type->schema() ? type->schema()->arguments() : std::vector<c10::Argument>();
        const auto& elements = value.toTupleRef().elements();
        for (std::size_t i = 0; i < elements.size(); ++i)
            addOutputs(elements[i], inside(i < names.size() ? names[i].name() : std::to_string(i)), out);
    } else if (value.isList()) {
        const auto list = value.toListRef();
        for (std::size_t i = 0; i < list.size(); ++i)
            addOutputs(list[i], inside(std::to_string(i)), out);
    } else if (value.isGenericDict()) {
        for (const auto& entry : value.toGenericDict())
            if (entry.key().isString() || entry.key().isInt())
                addOutputs(entry.value(), inside(entry.key().isString() ? entry.key().toStringRef() : std::to_string(entry.key().toInt())), out);
    }
}

std::string textOf(const std::pair<std::string, at::Tensor>& output)
{
    std::string shape;
    for (std::int64_t i = 0; i < output.second.dim(); ++i)
        shape += (i ? ", " : "") + (i == 0 ? std::string("N") : std::to_string(output.second.size(i)));
    return text(printable(output.first), " [", shape, "]");
}

} // namespace

Outputs outputsOf(const c10::IValue& value)
{
    Outputs out;
    addOutputs(value, {}, out);
    return out;
}

std::string outputsText(const Outputs& outputs)
{
    std::string out;
    for (std::size_t i = 0; i < outputs.size(); ++i)
        out += (i == 0 ? "" : i + 1 == outputs.size() ? " and " : ", ") + textOf(outputs[i]);
    return out;
}

at::Tensor takenOutput(const std::string& file, const Outputs& outputs, const std::string& name)
{
    if (name.empty()) {
        check(outputs.size() == 1, ErrorCode::Unsupported, file, ": forward gives ", outputs.size(), " tensors, ", outputsText(outputs),
              "; one can be quantized: --output NAME takes it and leaves out what the others alone need");
        return outputs[0].second;
    }
    for (const auto& [place, tensor] : outputs)
        if (place == name)
            return tensor;
    throw Error(ErrorCode::Usage, outputs.size() == 1 && outputs[0].first.empty()
                                      ? text(file, ": has no output named ", printable(name), ": forward gives one tensor, without a name")
                                      : text(file, ": has no output named ", printable(name), ", it has ", outputsText(outputs)));
}

void Recorder::dropUnneeded()
{
    const auto constants = [&] {
        std::vector<at::Tensor> out;
        for (const Step& step : m_recording.steps)
            for (const auto& [name, argument] : step.arguments)
                for (const at::Tensor& t : tensorsOf(argument.value))
                    if (t.defined())
                        out.push_back(t);
        return out;
    };
    const std::vector<at::Tensor> before = constants();
    std::set<int> wanted{m_recording.output};
    std::vector<Step> kept;
    for (auto step = m_recording.steps.rbegin(); step != m_recording.steps.rend(); ++step) {
        if (std::none_of(step->made.begin(), step->made.end(), [&](const auto& made) { return wanted.count(made.value) > 0; }))
            continue;
        for (const auto& [name, argument] : step->arguments)
            wanted.insert(argument.values.begin(), argument.values.end());
        kept.push_back(std::move(*step));
    }
    std::reverse(kept.begin(), kept.end());
    m_recording.steps = std::move(kept);
    std::set<const void*> used;
    for (const at::Tensor& t : constants())
        used.insert(identity(t));
    for (const at::Tensor& t : before)
        if (m_storages.count(storageOf(t)) && !used.count(identity(t)))
            m_recording.leftOut.push_back(t);
}

Recording Recorder::run(const at::Tensor& images, const std::string& output)
{
    const NoGrad noGrad;
    m_values[identity(images)] = kImages;
    m_recording.shapes.push_back(images.sizes().vec());
    m_alive.push_back(images);
    const jit::Method forward = m_module.get_method("forward");
    Values arguments{m_module._ivalue(), images};
    const auto& wanted = forward.function().getSchema().arguments();
    for (std::size_t i = arguments.size(); i < wanted.size(); ++i)
        arguments.push_back(*wanted[i].default_value());
    const Values out = call(forward.function(), std::move(arguments), scopeOf(m_module._ivalue()));
    check(out.size() == 1, ErrorCode::Unsupported, m_file, ": forward gives nothing");
    const Outputs all = outputsOf(out[0]);
    check(!all.empty(), ErrorCode::Unsupported, m_file, ": forward gives ", printable(out[0].tagKind()), ", not one tensor");
    const at::Tensor result = takenOutput(m_file, all, output);
    check(m_stale.count(identity(result)) == 0, ErrorCode::Unsupported, m_file,
          ": the output was overwritten through another view of it");
    m_recording.output = valueOf(result);
    check(m_recording.output != kConstant, ErrorCode::Unsupported, m_file,
          ": the output is a constant, whatever the images are");
    check(result.scalar_type() == at::kFloat, ErrorCode::Unsupported, m_file, ": the output is of the type ",
          elementTypeName(result.scalar_type()), ", not float32");
    m_recording.outputShape = result.sizes().vec();
    m_recording.outputs = outputsText(all);
    m_recording.others = all.size() - 1;
    dropUnneeded();
    return std::move(m_recording);
}

Recorder::Values Recorder::call(jit::Function& function, Values arguments, const Scope& scope)
{
    check(m_depth < kMaxDepth, ErrorCode::Unsupported, m_file, ": calls are nested more than ", kMaxDepth, " deep");
    function.ensure_defined();
    check(function.isGraphFunction(), ErrorCode::Unsupported, m_file, ": calls ", printable(function.name()),
          ", which is not TorchScript");
    const auto graph = jit::toGraphFunction(function).graph();
    Frame frame;
    ++m_depth;
    Values out = block(*graph->block(), frame, arguments, scope);
    --m_depth;
    return out;
}

Recorder::Values Recorder::block(const jit::Block& b, Frame& frame, const Values& inputs, const Scope& scope)
{
    check(inputs.size() == b.inputs().size(), ErrorCode::BadFile, m_file, ": a block of ", b.inputs().size(),
          " inputs is given ", inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i)
        frame.values[b.inputs()[i]] = inputs[i];
    for (const jit::Node* node : b.nodes())
        one(*node, frame, scope);
    Values out;
    for (const jit::Value* v : b.outputs())
        out.push_back(frame[v]);
    return out;
}

void Recorder::one(const jit::Node& node, Frame& frame, const Scope& scope)
{
    if (!control(node, frame, scope) && !container(node, frame, scope))
        operate(node, frame, scope);
}

bool Recorder::control(const jit::Node& node, Frame& frame, const Scope& scope)
{
    const auto give = [&](const Values& values) {
        for (std::size_t i = 0; i < node.outputs().size() && i < values.size(); ++i)
            frame.out(node, i, values[i]);
    };
    switch (node.kind()) {
    case prim::Constant:
        if (const auto value = jit::toIValue(node.output())) {
            for (const at::Tensor& t : tensorsOf(*value))
                m_storages.insert(storageOf(t));
            frame.out(node, 0, *value);
        } else {
            frame.out(node, 0, {}); // a function: its type says which
        }
        return true;
    case prim::If: give(block(*node.blocks()[frame.in(node, 0).toBool() ? 0 : 1], frame, {}, scope)); return true;
    case prim::Loop: loop(node, frame, scope); return true;
    case prim::CallMethod: {
        const c10::IValue& object = frame.in(node, 0);
        give(call(object.toObjectRef().type()->getMethod(node.s(c10::attr::name)), frame.inputs(node),
                  object.isModule() ? scopeOf(object) : scope));
        return true;
    }
    case prim::CallFunction: {
        Values arguments = frame.inputs(node);
        arguments.erase(arguments.begin());
        give(call(*node.inputs()[0]->type()->expect<c10::FunctionType>()->function(), std::move(arguments), scope));
        return true;
    }
    case prim::GetAttr: {
        const auto& object = frame.in(node, 0).toObjectRef();
        c10::IValue value = object.getAttr(node.s(c10::attr::name));
        if (value.isObject()) {
            const std::string& parent = m_paths[&object];
            m_paths[&value.toObjectRef()]
                = parent.empty() ? node.s(c10::attr::name) : text(parent, ".", node.s(c10::attr::name));
        }
        frame.out(node, 0, std::move(value));
        return true;
    }
    case prim::SetAttr:
        refuse(node, scope, "sets the attribute ", printable(node.s(c10::attr::name)),
               ": a network that keeps something between images is not supported");
    case prim::RaiseException:
        throw Error(
            ErrorCode::Unsupported,
            text(m_file, ": the module", scope.path.empty() ? "" : " ", printable(scope.path), " refuses images of ",
                 shapeText(Ints(m_recording.shapes[0].begin() + 1, m_recording.shapes[0].end())), ": ",
                 frame.in(node, 0).isString() ? printable(frame.in(node, 0).toStringRef()) : "by an exception"));
    default: return false;
    }
}

void Recorder::loop(const jit::Node& node, Frame& frame, const Scope& scope)
{
    const std::int64_t most = frame.in(node, 0).toInt();
    bool goesOn = frame.in(node, 1).toBool();
    Values carried = frame.inputs(node);
    carried.erase(carried.begin(), carried.begin() + 2);
    for (std::int64_t i = 0; i < most && goesOn; ++i) {
        carried.insert(carried.begin(), c10::IValue(i));
        carried = block(*node.blocks()[0], frame, carried, scope);
        goesOn = carried[0].toBool();
        carried.erase(carried.begin());
    }
    for (std::size_t i = 0; i < carried.size(); ++i)
        frame.out(node, i, carried[i]);
}

bool Recorder::container(const jit::Node& node, Frame& frame, const Scope& scope)
{
    std::vector<c10::IValue> made;
    switch (node.kind()) {
    case prim::ListConstruct: frame.out(node, 0, listOf(*node.output()->type(), frame.inputs(node))); return true;
    case prim::DictConstruct: frame.out(node, 0, dictOf(*node.output()->type(), frame.inputs(node))); return true;
    case prim::TupleConstruct: frame.out(node, 0, tupleOf(node.output()->type(), frame.inputs(node))); return true;
    case prim::TupleUnpack:
    case prim::ListUnpack:
        made = elementsOf(frame.in(node, 0));
        if (made.size() != node.outputs().size())
            refuse(node, scope, "takes ", node.outputs().size(), " values out of ", made.size());
        for (std::size_t i = 0; i < made.size(); ++i)
            frame.out(node, i, made[i]);
        return true;
    case prim::TupleSlice:
        made = elementsOf(frame.in(node, 0));
        made = {
            made.begin() + std::clamp<std::int64_t>(node.i(c10::attr::beg), 0, std::int64_t(made.size())),
            made.begin()
                + std::clamp<std::int64_t>(node.i(c10::attr::end), node.i(c10::attr::beg), std::int64_t(made.size()))};
        frame.out(node, 0, c10::ivalue::Tuple::create(std::move(made)));
        return true;
    case prim::isinstance: {
        const c10::TypePtr type = frame.in(node, 0).type();
        bool is = false;
        for (const c10::TypePtr& candidate : node.tys(c10::attr::types))
            is = is || type->isSubtypeOf(*candidate);
        frame.out(node, 0, is);
        return true;
    }
    case prim::Uninitialized: frame.out(node, 0, c10::IValue::uninitialized()); return true;
    case prim::Print: return true;
    default: return false;
    }
}

Argument Recorder::argument(const c10::IValue& value) const
{
    Argument out{value.isList() ? c10::IValue(value.toList().copy()) : value, {}};
    for (const at::Tensor& t : tensorsOf(value))
        out.values.push_back(t.defined() ? valueOf(t) : kConstant);
    const bool ownConstant = value.isTensor() && value.toTensor().defined() && out.values[0] == kConstant
        && !m_storages.count(storageOf(value.toTensor()));
    if (ownConstant)
        out.value = value.toTensor().clone(); // it may be written to later
    return out;
}

void Recorder::operate(const jit::Node& node, Frame& frame, const Scope& scope)
{
    const jit::Operator* op = node.maybeOperator();
    if (!op)
        refuse(node, scope, "cannot be followed");
    const c10::FunctionSchema& schema = op->schema();
    const std::string kind = node.kind().toQualString();
    jit::Stack stack = frame.inputs(node);
    Step step{kind, scope.path, scope.leaf, {}, {}};
    std::vector<at::Tensor> written;
    bool ofImages = false, overwrites = false, writesConstant = false;
    if (worksOnTensors(schema))
        for (std::size_t i = 0; i < stack.size() && i < schema.arguments().size(); ++i) {
            const c10::Argument& described = schema.arguments()[i];
            const bool isWritten = described.alias_info() && described.alias_info()->isWrite();
            for (const at::Tensor& t : tensorsOf(stack[i])) {
                if (!t.defined())
                    continue;
                if (m_stale.count(identity(t)))
                    refuse(node, scope, "reads a value that was overwritten through another view of it");
                const bool known = valueOf(t) == kConstant;
                ofImages = ofImages || !known;
                overwrites = overwrites || isWritten;
                writesConstant = writesConstant || (isWritten && known);
                if (isWritten)
                    written.push_back(t);
            }
        }
    if (ofImages && !asksForShape(kind)) {
        for (std::size_t i = 0; i < stack.size() && i < schema.arguments().size(); ++i)
            step.arguments[schema.arguments()[i].name()] = argument(stack[i]);
        if (writesConstant)
            refuse(node, scope, "writes values of the network into a tensor that was there before");
    }
    try {
        op->getOperation (&node)(stack);
    } catch (const std::exception& e) {
        throw Error(ErrorCode::ShapeMismatch,
                    text(m_file, ": images of ",
                         shapeText(Ints(m_recording.shapes[0].begin() + 1, m_recording.shapes[0].end())),
                         " do not pass ", kind, scope.path.empty() ? "" : " in ", printable(scope.path), ": ",
                         plainReason(e)));
    }
    if (stack.size() < node.outputs().size())
        refuse(node, scope, "gives ", stack.size(), " values instead of ", node.outputs().size());
    std::vector<at::Tensor> made;
    const std::size_t first = stack.size() - node.outputs().size();
    for (std::size_t i = 0; i < node.outputs().size(); ++i) {
        frame.out(node, i, stack[first + i]);
        for (const at::Tensor& t : tensorsOf(stack[first + i]))
            made.push_back(t);
    }
    m_alive.insert(m_alive.end(), made.begin(), made.end());
    if (!ofImages || asksForShape(kind))
        return;
    if (made.empty())
        refuse(node, scope, "reads what the images hold, on which the rest would depend; only sizes can decide that");
    const bool allKnown = std::all_of(made.begin(), made.end(),
                                      [&](const at::Tensor& t) { return t.defined() && valueOf(t) != kConstant; });
    if (overwrites || !allKnown)
        keep(node, scope, std::move(step), written, made);
}

void Recorder::keep(const jit::Node& node, const Scope& scope, Step step, const std::vector<at::Tensor>& written,
                    const std::vector<at::Tensor>& made)
{
    if (m_recording.steps.size() >= kMaxSteps)
        refuse(node, scope, "is one of more than ", kMaxSteps, " operators");
    if (!written.empty() && step.op.ends_with('_'))
        step.op.pop_back();
    for (const at::Tensor& t : written)
        for (const at::Tensor& other : m_alive)
            if (other.defined() && identity(other) != identity(t) && storageOf(other) == storageOf(t)
                && valueOf(other) != kConstant)
                m_stale.insert(identity(other));
    for (const at::Tensor& t : made) {
        const auto value = static_cast<int>(m_recording.shapes.size());
        if (t.defined())
            m_values[identity(t)] = value;
        m_recording.shapes.push_back(t.defined() ? t.sizes().vec() : Ints());
        step.made.push_back({value, m_recording.shapes.back(), t.defined() ? t.scalar_type() : at::kFloat});
    }
    m_recording.steps.push_back(std::move(step));
}

} // namespace mprdo::script

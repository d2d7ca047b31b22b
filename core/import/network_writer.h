// SPDX-License-Identifier: GPL-3.0-or-later
// One walk over a known network: the same calls list its parameters and, where there is a graph, build its nodes.
#pragma once
#include "core/graph/graph_builder.h"
#include "core/import/state_dict.h"

namespace mprdo {

/// How a fresh parameter is filled: He's normal distribution, uniform +-1/sqrt(fan in), ones, zeros.
enum class Fill { He, Uniform, One, Zero };

struct ParameterSpec {
    std::string name;
    std::vector<std::int64_t> shape;
    Fill fill = Fill::Zero;
    std::int64_t fanIn = 1; ///< inputs of one output
};

/// A value on the way through the network.
struct Feature {
    ValueId value = 0;
    std::int64_t channels = 0;
};

struct ConvSpec {
    std::int64_t channels = 0; ///< of the output
    std::int64_t kernel = 3;   ///< padded by kernel / 2
    std::int64_t stride = 1;
    std::int64_t groups = 1;
    bool bias = false;
};

class NetworkWriter {
public:
    /// \param tensors  what widths, spellings and the number of classes are read from; empty: the usual ones
    /// \param classes  outputs where tensors do not say
    /// \param graph    knows the parameters; null: they are listed and nothing is built
    NetworkWriter(const StateDict& tensors, std::int64_t classes, GraphBuilder* graph);

    bool fresh() const { return m_tensors.empty(); }
    bool has(const std::string& tensor) const { return m_tensors.count(tensor) > 0; }
    const StateDict& tensors() const { return m_tensors; }
    /// Outputs of a convolution or linear layer in the state dict; usual where it has none.
    std::int64_t width(const std::string& layer, std::int64_t usual) const;
    /// The first of the words for which the tensor prefix + word + suffix exists, else the first.
    std::string spelt(const std::string& prefix, const std::vector<std::string>& words, const std::string& suffix) const;

    Feature conv(const std::string& name, Feature x, const ConvSpec& spec);
    Feature norm(const std::string& name, Feature x);
    Feature relu(const std::string& name, Feature x);
    Feature relu6(const std::string& name, Feature x);
    Feature maxPool(const std::string& name, Feature x, std::int64_t kernel, std::int64_t stride, std::int64_t padding);
    Feature averagePool(const std::string& name, Feature x, std::int64_t kernel);
    /// Averages to size x size positions and lays them out in one row: [N, C * size * size].
    Feature pooledRow(Feature x, std::int64_t size = 1);
    Feature linear(const std::string& name, Feature x, std::int64_t outputs);
    /// The final linear layer; as many outputs as its weight has in the state dict, else classes.
    Feature head(const std::string& name, Feature x);
    Feature add(const std::string& name, Feature x, Feature y);
    Feature concat(const std::string& name, Feature x, Feature y);
    /// Any node without parameters.
    Feature node(Op op, const std::string& name, const std::vector<Feature>& inputs, std::int64_t channels,
                 const std::map<std::string, Attribute>& attributes = {});

    /// Every parameter met so far, in network order; num_batches_tracked is not among them.
    const std::vector<ParameterSpec>& parameters() const { return m_parameters; }

private:
    const StateDict& m_tensors;
    std::int64_t m_classes;
    GraphBuilder* m_graph;
    std::vector<ParameterSpec> m_parameters;
};

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// A graph's parameters while they are trained: leaves for the gradients, running statistics, velocities.
#pragma once
#include "core/base/bytes.h"
#include "core/exec/executor.h"
#include "core/finetune/fine_tune.h"
#include "core/finetune/sgd.h"
#include <map>

namespace mprdo {

/// Copies what it trains; the graph is never written to.
class Trainee {
public:
    Trainee(const Graph&, const FineTuneOptions&);

    /// One step on a preprocessed batch; returns the loss before it.
    double step(const at::Tensor& images, const at::Tensor& labels, double rate);

    /// The present weights and running statistics, for the executor and evaluate().
    Overlay overlay() const;
    /// Copies of everything that training changes, by parameter name, contiguous.
    std::map<std::string, at::Tensor> snapshot() const;

    /// Everything needed to go on later as if nothing had happened.
    void write(ByteWriter&) const;
    /// \throws Error{BadFile} when the bytes do not fit the graph
    void read(ByteReader&);

private:
    void follow(const Node&, const at::Tensor& mean, const at::Tensor& variance);

    const Graph& m_graph;
    double m_labelSmoothing;
    bool m_everything;               ///< no part is frozen: batch norm trains on batch statistics
    std::vector<std::string> m_names; ///< of the leaves
    std::vector<at::Tensor> m_leaves;
    std::map<std::string, at::Tensor> m_running;
    NesterovSgd m_sgd;
};

} // namespace mprdo

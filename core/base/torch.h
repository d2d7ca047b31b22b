// SPDX-License-Identifier: GPL-3.0-or-later
// The only include of LibTorch in the tree, and the place where differences between its versions are levelled
// (1.13 of Debian 12, 2.6 of Debian 13). ATen and autograd are enough: torch::nn and torch::optim would double the
// time a file takes to compile.
#pragma once
#if defined(QT_WIDGETS_LIB) || defined(slots) || defined(signals)
#error "LibTorch must not meet GUI code or Qt keywords: include core/api/ instead (tests: QT_NO_KEYWORDS)"
#endif
#ifndef MPRDO_MOC // defined where a code generator reads this: it needs no LibTorch and takes seconds over it
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/grad_mode.h>
#include <torch/version.h>
#endif

namespace mprdo {

/// Gradients off (or on) for a scope; thread-local like LibTorch's own guards, so each stage opens its own.
using NoGrad = at::NoGradGuard;
using GradMode = at::AutoGradMode;

/// d(sum of outputs)/d(inputs). Inputs need requires_grad.
inline std::vector<at::Tensor> gradients(const std::vector<at::Tensor>& outputs, const std::vector<at::Tensor>& inputs,
                                         bool createGraph = false, bool retainGraph = false)
{
    return torch::autograd::grad(outputs, inputs, {}, retainGraph || createGraph, createGraph, /*allow_unused=*/true);
}

} // namespace mprdo

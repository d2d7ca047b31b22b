// SPDX-License-Identifier: GPL-3.0-or-later
// LibTorch's TorchScript: modules, their graphs, the operators that those name. Apart from torch.h because it doubles
// what a file takes to compile; core/import/torchscript_*.cpp alone include it. What stands here is in LibTorch 1.13
// and 2.6 alike.
#pragma once
#include "core/base/torch.h"
#ifndef MPRDO_MOC
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/operator.h>
#include <torch/csrc/jit/serialization/import.h>
#endif

// SPDX-License-Identifier: GPL-3.0-or-later
// How each op is written; c_writers.cpp has the table.
#pragma once
#include "core/export/c_builder.h"

namespace mprdo::c {

void writeConv(CBuilder&, const Node&);
void writeConvTranspose(CBuilder&, const Node&);
void writeLinear(CBuilder&, const Node&);
void writeMatMul(CBuilder&, const Node&);
void writeBatchNorm(CBuilder&, const Node&);
void writeLayerNorm(CBuilder&, const Node&);

/// One value after the other, without a function of its own.
void writeElementwise(CBuilder&, const Node&);
void writePRelu(CBuilder&, const Node&);
void writeSoftmax(CBuilder&, const Node&);
void writeBinary(CBuilder&, const Node&);

void writeMaxPool(CBuilder&, const Node&);
void writeAvgPool(CBuilder&, const Node&);
void writeAdaptiveAvgPool(CBuilder&, const Node&);
void writeMean(CBuilder&, const Node&);

void writeCopy(CBuilder&, const Node&);
void writeConstant(CBuilder&, const Node&);
void writeConcat(CBuilder&, const Node&);
void writeSlice(CBuilder&, const Node&);
void writeGather(CBuilder&, const Node&);
void writeTranspose(CBuilder&, const Node&);
void writePad(CBuilder&, const Node&);
void writeResize(CBuilder&, const Node&);

/// The attribute as an axis of that many dimensions.
std::size_t axisOf(std::int64_t axis, std::size_t dimensions);

} // namespace mprdo::c

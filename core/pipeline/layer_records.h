// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/exec/quantized_model.h"
#include <vector>

namespace mprdo {

/// Name, width and grid of every layer; errors are left at 0.
std::vector<LayerRecord> layerRecords(const QuantizedModel&);

} // namespace mprdo

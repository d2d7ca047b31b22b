// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"
#include "core/export/onnx_export.h"

namespace mprdo {

void writeOnnx(const std::string& path, const ExportedModel& model, const OnnxExportOptions& options)
{
    writeFile(path, encodeOnnx(toOnnx(model, options)));
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// Whether ONNX Runtime can be asked on this machine.
#pragma once
#include "core/base/error.h"
#include "core/export/onnx_export.h"
#include "core/graph/graph_builder.h"
#include "core/pipeline/onnx_runtime.h"
#include <QString>
#include <QTemporaryDir>

namespace mprdo::test {

/// Why the runtime cannot be asked, empty when it can.
inline QString whyNoRuntime()
{
    static const QString why = [] {
        QTemporaryDir folder;
        const std::string path = folder.filePath("a.onnx").toStdString();
        GraphBuilder b;
        ExportedModel model;
        model.model.graph = std::make_shared<const Graph>(b.finish(b.relu("relu", b.input("x", {3, 2, 2})), "test"));
        writeOnnx(path, model);
        try {
            runOnnxRuntime({{path, at::ones({1, 3, 2, 2}), "disabled"}}, {}, RunControl());
        } catch (const Error& e) {
            if (e.code() == ErrorCode::Unsupported)
                return QString::fromStdString(e.what());
        }
        return QString();
    }();
    return why;
}

} // namespace mprdo::test

// SPDX-License-Identifier: GPL-3.0-or-later
// TorchScript modules written as source, and their files.
#pragma once
#include "core/base/random.h"
#include "core/base/torchscript.h"
#include <QTemporaryDir>
#include <map>
#include <string>

namespace mprdo::test {

/// body: the lines of forward(self, x), indented by four spaces. Parameters are seeded random numbers of the given
/// shapes, from 0.5 to 1.5.
inline torch::jit::Module scriptModule(const std::string& body,
                                       const std::map<std::string, std::vector<std::int64_t>>& parameters = {},
                                       const std::string& more = {})
{
    torch::jit::Module out("m");
    auto g = generator(7, "script");
    for (const auto& [name, shape] : parameters)
        out.register_parameter(name, at::rand(shape, g) + 0.5, false);
    out.define(more + "def forward(self, x):\n" + body);
    return out;
}

inline std::string savedScript(const QTemporaryDir& folder, const torch::jit::Module& module, const char* name = "m.pt")
{
    const std::string path = folder.filePath(name).toStdString();
    module.save(path);
    return path;
}

} // namespace mprdo::test

// SPDX-License-Identifier: GPL-3.0-or-later
// A whole input for the pipeline: a small random residual network and random images in a temporary folder.
#pragma once
#include "core/api/session.h"
#include "core/base/files.h"
#include "core/import/architectures.h"
#include "core/import/checkpoint.h"
#include "tests/support/image_files.h"
#include <QTemporaryDir>

namespace mprdo::test {

class TinyCase {
public:
    explicit TinyCase(std::int64_t outputs = 10)
    {
        writeCifar10(m_dir.filePath("data"), 120, 60);
        writeNetwork("model.safetensors", outputs);
    }

    void writeNetwork(const QString& name, std::int64_t outputs) const
    {
        const auto state = initialStateDict("resnet8", outputs, 7);
        const std::vector<std::pair<std::string, at::Tensor>> tensors(state.begin(), state.end());
        writeFile(path(name), encodeSafetensors(tensors));
    }

    std::string path(const QString& name) const { return m_dir.filePath(name).toStdString(); }

    RunConfig config(const QString& out = "out") const
    {
        RunConfig c;
        c.modelPath = path("model.safetensors");
        c.dataPath = path("data");
        c.calibration = 32;
        c.holdOut = 32;
        c.test = 50;
        c.bits = {2, 4, 8};
        c.target = TargetBits{4.0};
        c.effort = Effort::Fast;
        c.out = path(out);
        return c;
    }

private:
    QTemporaryDir m_dir;
};

inline std::shared_ptr<Session> opened(const RunConfig& config)
{
    auto outcome = openSession(config, RunControl());
    if (const auto* failure = std::get_if<Failure>(&outcome))
        qFatal("%s", failure->message.c_str());
    return std::get<std::shared_ptr<Session>>(outcome);
}

} // namespace mprdo::test

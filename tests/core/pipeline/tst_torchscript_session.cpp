// SPDX-License-Identifier: GPL-3.0-or-later
// A TorchScript file as the input of the pipeline.
#include "tests/support/script_module.h"
#include "tests/support/test_registry.h"
#include "tests/support/tiny_case.h"
#include <QtTest>

using namespace mprdo;
using namespace mprdo::test;

class TstTorchScriptSession : public QObject {
    Q_OBJECT
    TinyCase m_case;

    torch::jit::Module module() const
    {
        return scriptModule("    x = torch.relu(torch.conv2d(x - 0.5, self.w - 1, self.b, [2, 2], [1, 1], [1, 1], 1))\n"
                            "    x = torch.adaptive_avg_pool2d(x, [1, 1]).view(x.size(0), -1)\n"
                            "    return torch.linear(x, self.head - 1)\n",
                            {{"w", {8, 3, 3, 3}}, {"b", {8}}, {"head", {10, 8}}});
    }

private Q_SLOTS:
    void initTestCase() { module().save(m_case.path("net.pt")); }

    /// As many are right as the module itself gets right.
    void evaluated()
    {
        EvaluateConfig config;
        config.modelPath = m_case.path("net.pt");
        config.dataPath = m_case.path("data");
        config.mean = std::array<double, 3>{0, 0, 0};
        config.std = std::array<double, 3>{1, 1, 1};
        config.test = 60;
        const auto outcome = evaluateFile(config, RunControl());
        if (const auto* failure = std::get_if<Failure>(&outcome))
            QFAIL(failure->message.c_str());
        const std::string records = readFile(m_case.path("data/test_batch.bin"));
        const at::Tensor all = at::from_blob(const_cast<char*>(records.data()), {60, 3073}, at::kByte);
        const NoGrad noGrad;
        const at::Tensor x = all.slice(1, 1, 3073).reshape({60, 3, 32, 32}).to(at::kFloat) / 255;
        const auto right = (module().forward({x}).toTensor().argmax(1) == all.select(1, 0)).sum().item<std::int64_t>();
        QCOMPARE(std::get<MethodRow>(outcome).evaluation.correct, right);
        QCOMPARE(std::get<MethodRow>(outcome).evaluation.total, std::int64_t(60));
    }

    void openedAndInspected()
    {
        RunConfig config = m_case.config();
        config.modelPath = m_case.path("net.pt");
        const auto session = opened(config);
        const auto inspected = inspectFile(config.modelPath);
        QVERIFY(std::holds_alternative<ModelSnapshot>(inspected));
        for (const ModelSnapshot& model : {session->model(), std::get<ModelSnapshot>(inspected)}) {
            QCOMPARE(model.format, std::string("TorchScript"));
            QCOMPARE(model.layers.size(), std::size_t(2));
            QCOMPARE(model.inputShape, (std::vector<std::int64_t>{3, 32, 32}));
        }
    }
};

MPRDO_TEST(TstTorchScriptSession)
#include "tst_torchscript_session.moc"

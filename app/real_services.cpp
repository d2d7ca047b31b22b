// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/real_services.h"
#include "app/display.h"
#include "core/api/method_row_json.h"
#include "ui/figure_data.h"
#include "ui/run_window.h"
#include "ui/screenshot.h"
#include <QApplication>

namespace mprdo::app {
namespace {

/// Pictures need no display: whatever the user's platform is, they are drawn in memory.
void drawOffscreen()
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    qputenv("QT_SCALE_FACTOR", "1");
    if (!qEnvironmentVariableIsSet("QT_LOGGING_RULES"))
        qputenv("QT_LOGGING_RULES", "default.warning=false"); // such as a missing XDG_RUNTIME_DIR: nothing the user asked about
}

std::optional<Failure> drawFigure(int& argc, char** argv, const RunReport& report, const std::string& path)
{
    drawOffscreen();
    const QApplication application(argc, argv);
    QString error;
    if (widgets::drawComparisonFigure(figureData(report), QString::fromStdString(path), &error))
        return std::nullopt;
    return Failure{ErrorCode::Io, error.toStdString(), {}};
}

std::optional<Failure> drawScreenshots(int& argc, char** argv, const std::string& folder, const RunConfig& config)
{
    drawOffscreen();
    const QApplication application(argc, argv);
    const QString error = saveScreenshots(QString::fromStdString(folder), openSession, config);
    return error.isEmpty() ? std::nullopt : std::optional<Failure>({ErrorCode::Io, error.toStdString(), {}});
}

int showWindow(int& argc, char** argv, const WindowCommand& command)
{
    const RunConfig& config = command.config;
    WindowStart start;
    start.factory = openSession;
    start.defaults = config;
    start.given = command.given;
    start.uiMap = QString::fromStdString(command.uiMap);
    const Versions v = versions();
    start.versions = QStringLiteral("MPRDO-PTQ " MPRDO_VERSION "\nQt %1\n%2\n%3")
                         .arg(QString::fromLatin1(qVersion()), QString::fromStdString(v.libtorch),
                              QString::fromStdString(v.blas));
    if (config.demo || !config.modelPath.empty() || !config.sessionPath.empty())
        start.open = config;
    return mprdo::runWindow(argc, argv, start);
}

} // namespace

Services realServices(int& argc, char** argv)
{
    Services out;
    out.openSession = openSession;
    out.inspectFile = inspectFile;
    out.evaluateFile = evaluateFile;
    out.exportSession = exportSession;
    out.verifyFile = verifyOnnxFile;
    out.trainDemo = trainDemo;
    out.versions = versions;
    out.qtVersion = [] { return std::string("Qt ") + qVersion(); };
    out.encodeRow = methodRowJson;
    out.drawFigure = [&argc, argv](const RunReport& report, const std::string& path) {
        return drawFigure(argc, argv, report, path);
    };
    out.runWindow = [&argc, argv](const WindowCommand& command) { return showWindow(argc, argv, command); };
    out.drawScreenshots = [&argc, argv](const std::string& folder, const RunConfig& config) {
        return drawScreenshots(argc, argv, folder, config);
    };
    out.displayProblem = displayProblem;
    return out;
}

} // namespace mprdo::app

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/screenshot.h"
#include "ui/appearance.h"
#include "ui/main_window.h"
#include "widgets/bit_map.h"
#include <QAction>
#include <QApplication>
#include <QDialog>
#include <QDir>
#include <QEventLoop>
#include <QPainter>
#include <QPixmap>
#include <QTabWidget>
#include <QTimer>

namespace mprdo {

namespace {

/// Everything that is queued (layouts, replots, results), so that the picture shows it.
void settle()
{
    QEventLoop loop;
    QTimer::singleShot(50, &loop, &QEventLoop::quit);
    loop.exec();
}

QString saved(QWidget& window, const QString& folder, const QString& name)
{
    settle();
    const QString path = QDir(folder).filePath(name);
    return window.grab().save(path, "PNG") ? QString()
                                           : QObject::tr("%1 cannot be written").arg(QDir::toNativeSeparators(path));
}

/// Every page of the results, in the window.
QString savedPages(MainWindow& window, const QString& folder, const QString& suffix)
{
    auto* tabs = window.findChild<QTabWidget*>(QStringLiteral("results"));
    const int shown = tabs->currentIndex();
    QString error;
    for (int i = 1; i < tabs->count() && error.isEmpty(); ++i) {
        tabs->setCurrentIndex(i);
        error = saved(window, folder, tabs->widget(i)->objectName().section(QLatin1Char('.'), -1) + suffix);
    }
    tabs->setCurrentIndex(shown);
    return error;
}

QString savedDialogs(MainWindow& window, const QString& folder)
{
    QString error;
    for (const char* id : {"file.open", "file.export", "edit.pattern", "edit.settings", "run.calibration", "run.measureFront", "run.find",
                           "help.contents"}) {
        window.actions().action(QString::fromLatin1(id))->trigger();
        settle();
        const auto dialogs = window.findChildren<QDialog*>(Qt::FindDirectChildrenOnly);
        for (QDialog* dialog : dialogs) {
            if (!dialog->isVisible())
                continue;
            if (error.isEmpty())
                error = saved(*dialog, folder, dialog->objectName() + QStringLiteral(".png"));
            dialog->close();
        }
        settle(); // closed dialogs are deleted
    }
    return error;
}

/// Layers restored one by one: what the pages of blame and flips show.
void findBlame(MainWindow& window)
{
    QEventLoop done;
    QObject::connect(&window.controller(), &PipelineController::blamed, &done, &QEventLoop::quit);
    QObject::connect(&window.controller(), &PipelineController::failed, &done, &QEventLoop::quit);
    window.controller().blame(window.session().runs().front()->id);
    done.exec();
}

/// One edit from the click to the measured result, three states below each other. The edit is taken back; its run stays.
QString savedStrip(MainWindow& window, const QString& folder)
{
    const QRect part(0, 48, window.width(), window.height() * 58 / 100); // the header is as wide as the window
    QList<QPixmap> states;
    const auto take = [&] {
        settle();
        states << window.grab(part);
    };
    take();
    const int layer = window.document().layerCount() / 2;
    window.document().setSelection({layer});
    window.document().paint({layer}, kMaxBits);
    take();
    QEventLoop measured;
    QObject::connect(&window.session(), &SessionModel::runAdded, &measured, &QEventLoop::quit);
    QObject::connect(&window.controller(), &PipelineController::failed, &measured, &QEventLoop::quit);
    window.controller().evaluate();
    measured.exec();
    take();
    window.document().undoStack()->undo();
    constexpr int gap = 6;
    QPixmap strip(part.width(), int(states.size()) * (part.height() + gap) - gap);
    strip.fill(window.palette().color(QPalette::Mid));
    QPainter painter(&strip);
    for (int i = 0; i < states.size(); ++i)
        painter.drawPixmap(0, i * (part.height() + gap), states[i]);
    painter.end();
    const QString path = QDir(folder).filePath(QStringLiteral("edit.png"));
    return strip.save(path, "PNG") ? QString() : QObject::tr("%1 cannot be written").arg(QDir::toNativeSeparators(path));
}

/// A file that is not there: what the window says of it.
QString savedError(MainWindow& window, const QString& folder)
{
    QEventLoop done;
    QObject::connect(&window.controller(), &PipelineController::failed, &done, &QEventLoop::quit);
    RunConfig wrong;
    wrong.modelPath = "missing.pth";
    wrong.dataPath = "missing-images";
    window.open(wrong);
    done.exec();
    return saved(window, folder, QStringLiteral("error.png"));
}

} // namespace

QString saveScreenshots(const QString& folder, const SessionFactory& factory, const RunConfig& config)
{
    if (!QDir().mkpath(folder))
        return QObject::tr("%1 cannot be made").arg(folder);
    applyAppearance(false);
    MainWindow window(factory, config);
    window.resize(1280, 800);
    window.show();
    if (const QString error = saved(window, folder, QStringLiteral("start.png")); !error.isEmpty())
        return error;

    QEventLoop done;
    QString error;
    bool halfway = false;
    QObject::connect(&window.controller(), &PipelineController::pipelineDone, &done, &QEventLoop::quit);
    QObject::connect(&window.controller(), &PipelineController::failed, &done,
                     [&](const QString&, const QString& message) {
                         error = message;
                         done.quit();
                     });
    QObject::connect(&window.session(), &SessionModel::layerScored, &done, [&](int layer) {
        const auto layers = int(window.session().model().layers.size());
        if (!halfway && layer >= layers / 2) {
            halfway = true;
            QTimer::singleShot(0, &done, [&] { error = saved(window, folder, QStringLiteral("running.png")); });
        }
    });
    if (config.demo)
        window.openDemo();
    else
        window.open(config);
    done.exec();
    if (!error.isEmpty())
        return error;
    if (auto* map = window.findChild<widgets::BitMap*>(QStringLiteral("bit-map")))
        map->setFocus();
    window.document().setSelection({window.document().layerCount() / 2});
    error = savedStrip(window, folder);
    findBlame(window);
    for (const bool dark : {false, true}) {
        applyAppearance(dark);
        const QString suffix = dark ? QStringLiteral("-dark.png") : QStringLiteral(".png");
        if (error.isEmpty())
            error = saved(window, folder, QStringLiteral("window") + suffix);
        if (error.isEmpty())
            error = savedPages(window, folder, suffix);
    }
    applyAppearance(false);
    if (error.isEmpty())
        error = savedDialogs(window, folder);
    return error.isEmpty() ? savedError(window, folder) : error;
}

} // namespace mprdo

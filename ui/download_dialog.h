// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/compute_thread.h"
#include "ui/download.h"
#include "ui/known_downloads.h"
#include <QDialog>
#include <QElapsedTimer>
#include <memory>
#include <string>

class QLabel;
class QProgressBar;
class QPushButton;

namespace mprdo {

class MessageBar;
class PathEdit;
template <class T>
class Job;

/// Fetches one known file and unpacks it if it is an archive, while the user goes on working: shown with show(). Closing
/// stops it; what came is kept, and the next start goes on from there. It closes itself when all went well.
class DownloadDialog : public QDialog {
    Q_OBJECT
public:
    /// \param folder  proposed; empty: the user's folder for downloads
    explicit DownloadDialog(KnownDownload what, const QString& folder = {}, QWidget* parent = nullptr);
    ~DownloadDialog() override;

    void setStallTimeout(std::chrono::milliseconds timeout) { m_stallTimeout = timeout; }
    bool running() const; ///< fetching or unpacking
    void reject() override;

Q_SIGNALS:
    /// The file, or the folder that an archive's data was unpacked to.
    void fetched(const QString& path);

private:
    void start();
    void stop();
    void downloadEnded();
    void unpack();
    void unpackingEnded();
    void succeed(const QString& path);
    void fail(const QString& sentence);
    void showState();
    void showProgress(qint64 bytes, qint64 total);
    QString target() const;

    KnownDownload m_what;
    std::chrono::milliseconds m_stallTimeout{std::chrono::seconds(30)};
    PathEdit* m_folder;
    QProgressBar* m_bar;
    QLabel* m_figures; ///< "12.3 MB of 170 MB, 3.1 MB/s"
    MessageBar* m_message;
    QPushButton *m_start, *m_stop;
    QElapsedTimer m_rateClock;
    qint64 m_rateFrom = 0; ///< bytes when m_rateClock was started
    double m_rate = 0;     ///< bytes a second; 0: not known yet
    std::unique_ptr<Download> m_download;
    std::unique_ptr<ComputeThread> m_thread; ///< unpacks; made when needed
    std::unique_ptr<Job<std::string>> m_job; ///< after m_thread: goes first
};

} // namespace mprdo

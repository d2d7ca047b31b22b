// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QApplication>
#include <QThread>

namespace mprdo::test {

/// Told of every outermost event delivery in the GUI thread: events sent while one is delivered are part of it.
class DeliveryListener {
public:
    virtual ~DeliveryListener() = default;
    virtual void begin(const QObject& receiver, const QEvent&) = 0;
    virtual void end() = 0;
};

/// The application of every GUI test: like any other, until somebody listens.
class WatchedApplication : public QApplication {
public:
    using QApplication::QApplication;

    static inline DeliveryListener* s_listener = nullptr; ///< GUI thread

    bool notify(QObject* receiver, QEvent* event) override
    {
        if (QThread::currentThread() != thread())
            return QApplication::notify(receiver, event);
        const Depth depth(m_depth);
        DeliveryListener* const listener = m_depth == 1 ? s_listener : nullptr;
        if (listener)
            listener->begin(*receiver, *event);
        const bool handled = QApplication::notify(receiver, event);
        if (listener && listener == s_listener)
            listener->end();
        return handled;
    }

private:
    struct Depth {
        explicit Depth(int& depth)
            : m_depth(++depth)
        {
        }
        ~Depth() { --m_depth; }
        int& m_depth;
    };
    int m_depth = 0;
};

} // namespace mprdo::test

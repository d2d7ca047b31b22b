// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QPointer>
#include <random>

namespace mprdo {
class MainWindow;
namespace widgets {
class BitMap;
}
} // namespace mprdo

namespace mprdo::test {

/// Edits as a user makes them, seeded: keys and strokes posted to the bit map, now and then a budget, an undo or a redo. Each is
/// queued, so that the event loop delivers it like any other input.
class ScriptedEdits {
public:
    explicit ScriptedEdits(MainWindow&, unsigned seed = 1);

    void next(); ///< returns before anything of it is delivered
    int made() const { return m_made; }

private:
    void key(int key);
    void stroke();
    int random(int below) { return int(m_random() % unsigned(below)); }

    MainWindow& m_window;
    QPointer<widgets::BitMap> m_map;
    std::mt19937 m_random;
    int m_made = 0;
};

} // namespace mprdo::test

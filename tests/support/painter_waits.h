// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace mprdo::test {

/// How often this thread went to sleep by itself, so far.
long sleepsSoFar();

/// Of them, while Qt's painter waited for its own helpers: it hands large fills to the global thread pool in pieces
/// (qdrawhelper.cpp, handleSpans), takes that pool's lock for each and waits for them at a semaphore. Nothing of ours starts
/// functions there or uses semaphores.
long painterSleeps();

} // namespace mprdo::test

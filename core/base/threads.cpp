// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/threads.h"
#include "core/base/torch.h"
#include <algorithm>
#include <thread>

namespace mprdo {

void useThreads(int count)
{
    at::set_num_threads(count > 0 ? count : std::max(1, static_cast<int>(std::thread::hardware_concurrency())));
}

} // namespace mprdo

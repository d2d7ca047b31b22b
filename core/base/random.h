// SPDX-License-Identifier: GPL-3.0-or-later
// Every random choice is drawn from a generator made for its purpose: resuming in the middle draws the same numbers.
#pragma once
#include "core/base/torch.h"
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace mprdo {

/// A 64-bit seed for (seed, purpose, indices): FNV-1a over the parts, finished with splitmix64.
std::uint64_t derivedSeed(std::uint64_t seed, std::string_view purpose, std::initializer_list<std::int64_t> indices = {});

/// A CPU generator for at::randn, at::randperm and the like.
at::Generator generator(std::uint64_t seed, std::string_view purpose, std::initializer_list<std::int64_t> indices = {});

} // namespace mprdo

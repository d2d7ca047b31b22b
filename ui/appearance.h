// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/settings.h"
#include <QPalette>

namespace mprdo {

QPalette lightPalette();
QPalette darkPalette();
/// Fusion style in one of the two palettes, for the whole application; charts follow the palette.
void applyAppearance(bool dark);
void applyTheme(ThemeChoice);
bool isDark(const QPalette&);

} // namespace mprdo

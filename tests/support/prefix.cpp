// SPDX-License-Identifier: GPL-3.0-or-later
// Carries the precompiled headers of the core tests; the program itself does nothing.
int main()
{
    return 0;
}

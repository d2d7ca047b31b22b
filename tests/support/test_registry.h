// SPDX-License-Identifier: GPL-3.0-or-later
// Several test classes in one executable: each file names its class once with MPRDO_TEST.
#pragma once
#include <QObject>
#include <memory>
#include <vector>

namespace mprdo::test {
using Factory = std::unique_ptr<QObject> (*)();
inline std::vector<Factory>& registry()
{
    static std::vector<Factory> all;
    return all;
}
struct Registration {
    explicit Registration(Factory make) { registry().push_back(make); }
};
} // namespace mprdo::test

#define MPRDO_TEST(Class)                                                                                              \
    static const mprdo::test::Registration s_registration##Class(                                                      \
        [] { return std::unique_ptr<QObject>(std::make_unique<Class>()); });

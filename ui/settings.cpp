// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings.h"
#include "core/api/average_bits.h"
#include "ui/text_format.h"
#include <QSettings>
#include <QStringList>
#include <algorithm>
#include <cmath>

namespace mprdo {

namespace {

constexpr std::int64_t kMostImages = 1'000'000;
constexpr int kMostThreads = 1024;
const QStringList kThemes{QStringLiteral("system"), QStringLiteral("light"), QStringLiteral("dark")};

QString key(const char* name) { return QStringLiteral("settings/") + QLatin1String(name); }

QString bitsText(const std::vector<Bits>& bits)
{
    QStringList out;
    for (const Bits b : bits)
        out << QString::number(b);
    return out.join(QLatin1Char(' ')); // a comma would come back as a list
}

std::vector<Bits> bitsFrom(const QString& text)
{
    std::set<Bits> out;
    const QStringList words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    for (const QString& word : words)
        if (const int bits = word.toInt(); bits >= kMinBits && bits <= kMaxBits)
            out.insert(bits);
    return {out.begin(), out.end()};
}

void read(const QSettings& file, const char* name, std::int64_t low, std::int64_t high, std::int64_t& out)
{
    bool ok = false;
    const qlonglong value = file.value(key(name)).toLongLong(&ok);
    if (ok && value >= low && value <= high)
        out = value;
}

} // namespace

Settings Settings::load()
{
    const QSettings file;
    Settings out;
    if (const auto theme = kThemes.indexOf(file.value(key("theme")).toString()); theme >= 0)
        out.theme = ThemeChoice(theme);
    std::int64_t threads = out.threads;
    read(file, "threads", 0, kMostThreads, threads);
    out.threads = int(threads);
    out.autoMeasure = file.value(key("auto_measure"), out.autoMeasure).toBool();
    if (auto bits = bitsFrom(file.value(key("bits")).toString()); !bits.empty())
        out.bits = std::move(bits);
    if (const double bits = file.value(key("average_bits")).toDouble();
        std::isfinite(bits) && bits >= kMinBits && bits <= kMaxBits)
        out.averageBits = bits;
    read(file, "calibration", 1, kMostImages, out.calibration);
    read(file, "hold_out", 1, kMostImages, out.holdOut);
    read(file, "test", -1, kMostImages, out.test);
    if (out.test == 0)
        out.test = Settings{}.test;
    bool ok = false;
    if (const qulonglong seed = file.value(key("seed")).toString().toULongLong(&ok); ok)
        out.seed = seed;
    out.effort = effortFromName(file.value(key("effort")).toString().toStdString()).value_or(out.effort);
    out.rate = rateKindFromName(file.value(key("rate")).toString().toStdString()).value_or(out.rate);
    if (const int bits = file.value(key("activations")).toInt(); bits == 8 || bits == 4)
        out.activations = bits;
    return out;
}

void Settings::save() const
{
    QSettings file;
    file.setValue(key("theme"), kThemes[int(theme)]);
    file.setValue(key("threads"), threads);
    file.setValue(key("auto_measure"), autoMeasure);
    file.setValue(key("bits"), bitsText(bits));
    file.setValue(key("average_bits"), averageBits);
    file.setValue(key("calibration"), qlonglong(calibration));
    file.setValue(key("hold_out"), qlonglong(holdOut));
    file.setValue(key("test"), qlonglong(test));
    file.setValue(key("seed"), QString::number(seed));
    file.setValue(key("effort"), fromStd(name(effort)));
    file.setValue(key("rate"), fromStd(name(rate)));
    file.setValue(key("activations"), activations);
}

void Settings::fill(RunConfig& config, const std::set<std::string>& given) const
{
    const auto none = [&](std::initializer_list<const char*> options) {
        return std::none_of(options.begin(), options.end(), [&](const char* o) { return given.count(o) > 0; });
    };
    if (none({"--threads"}))
        config.threads = threads;
    if (none({"--bits"}))
        config.bits = bits;
    if (none({"--target-bits", "--target-bytes", "--max-drop"}))
        config.target = config.bits == bits ? TargetBits{averageBits} : usualTarget(config.bits);
    if (none({"--calibration"}))
        config.calibration = calibration;
    if (none({"--hold-out"}))
        config.holdOut = holdOut;
    if (none({"--test"}))
        config.test = test;
    if (none({"--seed"}))
        config.seed = seed;
    if (none({"--effort"}))
        config.effort = effort;
    if (none({"--rate"}))
        config.rate = rate;
    if (none({"--activations"}))
        config.activations = activations;
}

} // namespace mprdo

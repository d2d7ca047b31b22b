// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/progress_renderer.h"
#include "app/text_format.h"
#include <algorithm>
#include <cmath>

namespace mprdo::app {
namespace {

constexpr std::string_view kEraseLine = "\r\x1b[K";
constexpr std::chrono::seconds kPlainInterval{5};
constexpr double kPlainStep = 0.05;

std::string ordinal(Stage stage) { return std::to_string(int(stage)) + "/" + std::to_string(kStages.size()); }

double fractionOf(double done, double total)
{
    const double fraction = total > 0 ? done / total : 0;
    return std::isfinite(fraction) ? std::clamp(fraction, 0.0, 1.0) : 0;
}

/// The first n columns of UTF-8 text, never half a character.
std::string cut(const std::string& text, std::size_t n)
{
    if (columns(text) <= n)
        return text;
    std::size_t at = 0, seen = 0;
    for (; at < text.size(); ++at) {
        const bool begins = (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
        if (begins && seen++ == n)
            break;
    }
    return text.substr(0, at);
}

} // namespace

std::string stageLabel(Stage stage)
{
    std::string label(title(stage));
    label[0] = char(std::tolower(static_cast<unsigned char>(label[0])));
    return "stage " + std::to_string(int(stage)) + " of " + std::to_string(kStages.size()) + ", " + label;
}

std::string progressLine(const std::string& label, double fraction, double etaSeconds, const std::string& item, int width)
{
    const double f = fractionOf(fraction, 1);
    const int bar = std::clamp(width - 60, 10, 30), full = int(std::lround(f * bar));
    std::string percent = std::to_string(int(f * 100));
    percent.insert(0, 3 - percent.size(), ' ');
    std::string text = printable(label) + " [" + std::string(std::size_t(full), '#')
        + std::string(std::size_t(bar - full), '-') + "] " + percent + " %";
    if (etaSeconds >= 0)
        text += "  ETA " + clockTime(etaSeconds);
    if (!item.empty())
        text += "  " + printable(item);
    return cut(text, std::size_t(std::max(1, width)));
}

ProgressRenderer::ProgressRenderer(const Console& console, Clock clock)
    : m_console(console)
    , m_clock(std::move(clock))
{
}

ProgressRenderer::~ProgressRenderer() { clearLine(); }

void ProgressRenderer::operator()(const Event& event)
{
    std::visit(
        [this](const auto& e) {
            if constexpr (requires { show(e); })
                show(e);
        },
        event);
}

void ProgressRenderer::clearLine()
{
    if (m_lineShown)
        m_console.err << kEraseLine << std::flush;
    m_lineShown = false;
}

void ProgressRenderer::line(const std::string& text)
{
    clearLine();
    m_console.err << printable(text) << '\n' << std::flush;
}

void ProgressRenderer::draw(const std::string& label, double fraction, double etaSeconds, const std::string& item)
{
    if (m_console.errIsTerminal) {
        // one column stays free: a full line would make some terminals wrap
        m_console.err << kEraseLine << progressLine(label, fraction, etaSeconds, item, m_console.columns() - 1) << std::flush;
        m_lineShown = true;
        return;
    }
    const auto now = m_clock();
    if (now - m_lastPlain < kPlainInterval || std::abs(fraction - m_lastPlainFraction) < kPlainStep)
        return;
    m_lastPlain = now;
    m_lastPlainFraction = fraction;
    line("  " + std::to_string(int(fraction * 100)) + " %" + (etaSeconds >= 0 ? ", ETA " + clockTime(etaSeconds) : "")
         + (item.empty() ? "" : ", " + item));
}

void ProgressRenderer::show(const Progress& p)
{
    draw(ordinal(p.stage) + " " + std::string(title(p.stage)), fractionOf(p.done, p.total), p.etaSeconds, p.item);
}

void ProgressRenderer::show(const Counted& c)
{
    const double accuracy = 100 * fractionOf(double(c.correct), double(c.seen));
    const std::string item = c.what + ": " + fixed(accuracy, 2) + " % of " + grouped(c.seen);
    draw(m_stage ? ordinal(*m_stage) + " " + std::string(title(*m_stage)) : "Evaluation",
         fractionOf(double(c.seen), double(c.total)), -1, item);
}

void ProgressRenderer::show(const StageStarted& s)
{
    m_stage = s.stage;
    m_lastPlain = m_clock();
    m_lastPlainFraction = 0;
    if (!m_console.errIsTerminal)
        line(stageLabel(s.stage));
}

void ProgressRenderer::show(const StageFinished& s)
{
    const std::string rest = duration(s.seconds) + (s.summary.empty() ? "" : ": " + s.summary);
    line(m_console.errIsTerminal ? ordinal(s.stage) + " " + std::string(title(s.stage)) + ", " + rest : "  done in " + rest);
    m_stage.reset();
}

void ProgressRenderer::show(const EpochDone& e)
{
    line("  epoch " + std::to_string(e.epoch) + " of " + std::to_string(e.epochs) + ": loss " + fixed(e.loss, 4)
         + ", validation " + fixed(e.validationAccuracy, 2) + " %");
}

void ProgressRenderer::show(const Notice& n) { line("note: " + n.text); }

} // namespace mprdo::app

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/help_dialog.h"
#include <QDialogButtonBox>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace mprdo {

namespace {

QString table(const QList<std::pair<QString, QString>>& rows)
{
    QString out = QStringLiteral("<table cellpadding=\"3\">");
    for (const auto& [left, right] : rows)
        out += QStringLiteral("<tr><td><b>%1</b>&nbsp;&nbsp;</td><td>%2</td></tr>").arg(left, right);
    return out + QStringLiteral("</table>");
}

QString heading(const QString& text) { return QStringLiteral("<h3>%1</h3>").arg(text); }

QString paragraph(const QString& text) { return QStringLiteral("<p>%1</p>").arg(text); }

} // namespace

HelpDialog::HelpDialog(const ActionRegistry& actions, QWidget* parent)
    : QDialog(parent)
{
    setObjectName(QStringLiteral("help-dialog"));
    setWindowTitle(tr("Help"));
    QString text = QStringLiteral("<h2>%1</h2>").arg(tr("Bits per layer"));
    text += paragraph(tr("Every layer's weights w are rounded to a grid, w&#770; = s (q - z), with q an integer of b bits, "
                         "and a scale s and a zero point z per output channel. Fewer bits make a smaller file and a "
                         "noisier layer; how much that hurts differs from layer to layer, and that is what the bars show."));
    text += heading(tr("Sensitivity D<sub>l</sub>(b) of layer l at b bits"));
    text += table({{tr("KL divergence"), tr("mean KL(p<sub>FP32</sub> || p<sub>l at b bits</sub>) of the class probabilities "
                                            "on the calibration images, in nats; only layer l is rounded")},
                   {tr("Loss increase"), tr("mean cross-entropy with layer l rounded, less that of FP32; never below 0")},
                   {tr("Noise / signal"), tr("||y - y&#770;||&sup2; / ||y||&sup2; of the layer's output; SQNR = -10 log<sub>10</sub> of it, in dB")},
                   {tr("Hessian trace"), tr("Gauss-Newton trace of the loss, per weight, times ||w - w&#770;||&sup2;")},
                   {tr("Fisher"), tr("&frac12; &Sigma; F<sub>ii</sub> (w<sub>i</sub> - w&#770;<sub>i</sub>)&sup2; with F the mean of squared gradients per image")}});
    text += heading(tr("Budget and front"));
    text += paragraph(tr("The solver minimises &Sigma; D<sub>l</sub>(b<sub>l</sub>) subject to "
                         "&Sigma; n<sub>l</sub> b<sub>l</sub> &le; budget, exactly. The predicted front is that minimum "
                         "for every budget. Predictions are hollow and carry ~; measurements are filled. The predicted drop "
                         "is a monotone fit of measured drops over &Sigma; D, separately for nearest and optimised rounding. "
                         "Its range is what leaving one measurement out misses by, or half the paired 95 % interval of so many "
                         "images, whichever is larger."));
    text += paragraph(tr("Whiskers on the curve are paired 95 % intervals of the drop. The grey band, not distinguishable from "
                         "FP32, is such an interval of a network as good as FP32 that differs from it on as many images as "
                         "the best run does. Hold keeps the budget: automatic layers make room for what is edited."));
    text += paragraph(tr("Rate is counted at fixed length, b bits a weight, or entropy-coded: the whole coded file where one was "
                         "made, else the entropy of the codes. Both shows every measurement in both places, joined by a line; the "
                         "diamond with a dot is the entropy-coded one. Budget and front stay in what the session counts."));
    text += heading(tr("Stages"));
    text += table({{tr("4 Rate-distortion scales"), tr("scales that minimise the block's output error, weighted by its Fisher information")},
                   {tr("5 Hessian refinement"), tr("columns of weights rounded one after the other, each error pushed into the rest (GPTQ)")},
                   {tr("6 Adaptive rounding"), tr("up or down learned per weight against the block's output (AdaRound, BRECQ)")}});
    text += paragraph(tr("Each is taken only where the network's KL on the hold-out images does not rise."));
    text += heading(tr("Comparing"));
    text += paragraph(tr("Two runs answer the same images, so what counts are the images on which they differ: b won, c lost. "
                         "McNemar's p is the chance of so uneven a split if neither were better; the interval of the "
                         "difference is Agresti and Min's for paired shares. Intervals of a single accuracy are Wilson's."));
    text += paragraph(tr("Where images have no labels, what FP32 answers counts as right: agreement with FP32 stands for "
                         "accuracy, a drop is the share of images answered otherwise, and there is no loss metric."));
    text += heading(tr("Why, and how sure"));
    text += paragraph(tr("Exploring looks at the same test images again and again, and what looks best there is partly luck. Confirm "
                         "measures a run on the test images that were never looked at; every export does so too. "
                         "Blame leaves one layer after the other in FP32: what that gains, the layer costs. Trust shows every "
                         "measured drop over what the other measurements would have predicted. A run that was made with other "
                         "images or settings is grey and joins neither curve nor prediction."));
    text += paragraph(tr("Error bars on the sensitivity are 95 % intervals over the calibration images; Calibration draws other "
                         "images and shows how far the bars move. Where plain 8 bits lose more than half a point, the doctor "
                         "undoes one suspect at a time: preprocessing, order of classes, batch norm, one grid for a whole weight, "
                         "ranges of activations."));
    text += heading(tr("Mouse and keys"));
    QList<std::pair<QString, QString>> keys;
    for (const ActionSpec& spec : actions.specs())
        if (!spec.shortcut.isEmpty())
            keys.append({spec.shortcut.toString(QKeySequence::NativeText).toHtmlEscaped(), spec.tip.toHtmlEscaped()});
    keys.append({tr("2 to 8, 0"), tr("On the bit map: width of the selected layers; 0 leaves them in FP32")});
    keys.append({tr("Arrows"), tr("On the bit map: move; with Shift extend the selection; up and down change the width")});
    keys.append({tr("L, Delete"), tr("On the bit map: lock or unlock; back to automatic")});
    keys.append({tr("Click, drag"), tr("On the bit map: set a width, paint over layers; Shift extends")});
    keys.append({tr("Double click"), tr("On the bit map: open the layer in the inspector; on the curve: load a run's bits, make a corner of the front the budget")});
    keys.append({tr("Enter, arrows"), tr("On the curve: load the selected run's bits; select another run")});
    keys.append({tr("C, Shift+C"), tr("On the curve or in the table of runs: compare as B, as A")});
    keys.append({tr("F2, S, Delete"), tr("In the table of runs: rename, star, take out")});
    text += table(keys);

    auto* browser = new QTextBrowser(this);
    browser->setObjectName(QStringLiteral("help.text"));
    browser->setAccessibleName(tr("Help"));
    browser->setHtml(text);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(browser, 1);
    layout->addWidget(buttons);
    resize(680, 640);
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
// The two files around what the nodes added.
#include "core/base/error.h"
#include "core/export/c_builder.h"
#include "core/export/c_kernels.h"
#include "core/export/c_text.h"
#include <algorithm>
#include <array>

namespace mprdo::c {

std::string CBuilder::headerText(const CSource& sizes) const
{
    std::string prefix = m_name;
    std::transform(prefix.begin(), prefix.end(), prefix.begin(), [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
    const auto define = [&](const char* what, const auto& value) { return text("#define ", prefix, "_", what, " ", value, "\n"); };
    const Ints in = shape(graph().inputs[0]), outputs = shape(graph().outputs[0]);
    std::string out = text("/* ", comment(graph().architecture), ": a quantized network by MPRDO-PTQ (its resources/formats.md, \"C source\").\n   ",
                           "One image at a time; not reentrant: what lies between input and output is static.\n",
                           "   This file and its source may be used, changed and passed on without conditions. */\n",
                           "#ifndef ", prefix, "_H\n#define ", prefix, "_H\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n");
    const Preprocessing& fed = m_model.preprocessing;
    const bool channelsLast = fed.layout == Layout::Nhwc, bgr = fed.order == ChannelOrder::Bgr;
    const std::size_t c = channelsLast ? 3 : 1, y = channelsLast ? 1 : 2;
    if (in.size() == 4) // [1, C, H, W] or [1, H, W, C]
        out += define("CHANNELS", in[c]) + define("HEIGHT", in[y]) + define("WIDTH", in[y + 1]);
    out += define("INPUT_SIZE", product(in)) + define("OUTPUT_SIZE", product(outputs));
    out += define("ARENA_BYTES", sizes.arenaBytes) + define("CONSTANT_BYTES", sizes.constantBytes);
    const auto numbers = [&](const std::array<double, 3>& values) {
        std::string list;
        for (const double value : perChannel(m_model, values))
            list += (list.empty() ? "{" : ", ") + literal(float(value));
        return list + "}";
    };
    const bool grey = imageChannels(m_model) == 1;
    const std::string place = channelsLast ? "input[y][x][c]" : "input[c][y][x]";
    const std::string pixel = fed.range == PixelRange::Byte ? "" : " / 255";
    if (grey)
        out += text("\n/* input[y][x] = (grey[y][x]", pixel, " - mean[0]) / std[0] */\n");
    else if (bgr)
        out += text("\n/* blue, green, red: ", place, " = (RGB[y][x][2 - c]", pixel, " - mean[2 - c]) / std[2 - c]; mean and std are of red, green, blue */\n");
    else
        out += text("\n/* ", place, " = (RGB[y][x][c]", pixel, " - mean[c]) / std[c] */\n");
    out += define("MEAN", numbers(fed.mean)) + define("STD", numbers(fed.std));
    out += text("/* of pixels from 0 to: */\n") + define("RANGE", fed.range == PixelRange::Byte ? 255 : 1);
    out += text("/* 1: blue, green, red; 0: red, green, blue */\n") + define("BGR", bgr ? 1 : 0);
    out += text("/* 1: [H, W, C]; 0: [C, H, W] */\n") + define("NHWC", channelsLast ? 1 : 0);
    if (!m_model.classes.empty()) {
        out += "\n" + define("CLASSES", m_model.classes.size());
        out += text("extern const char *const ", m_name, "_class_names[", prefix, "_CLASSES];\n");
    }
    return out
           + text("\n/* input: normalised, ", channelsLast ? "[H, W, C]" : "[C, H, W]", ", row-major; output: the logits; the two must not overlap */\n", "void ", m_name,
                  "_run(const float *input, float *output);\n\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
}

std::string CBuilder::sourceText(const CSource& sizes, const ArenaPlan& plan) const
{
    std::string out = text("/* ", comment(graph().architecture), ": see ", m_name, ".h; C11, nothing is allocated */\n#include \"", m_name,
                           ".h\"\n#include <math.h>\n#include <stddef.h>\n#include <stdint.h>\n");
    out += kernelText(m_kernels) + "\n" + m_constants;
    if (!m_model.classes.empty()) {
        out += text("\nconst char *const ", m_name, "_class_names[", m_model.classes.size(), "] = {\n");
        for (const std::string& className : m_model.classes)
            out += "    " + stringLiteral(className) + ",\n";
        out += "};\n";
    }
    if (sizes.arenaBytes > 0)
        out += text("\nstatic float arena[", sizes.arenaBytes / 4, "];\n");
    out += text("\nvoid ", m_name, "_run(const float *input, float *output)\n{\n");
    const std::size_t last = m_of.at(graph().outputs[0]);
    for (std::size_t i = 0; i < m_buffers.size(); ++i)
        if (!m_buffers[i].readOnly)
            out += text("    float *const ", m_buffers[i].name, " = ", i == last ? "output" : text("arena + ", plan.offsets[i]), ";\n");
    return out + m_code + "}\n";
}

} // namespace mprdo::c

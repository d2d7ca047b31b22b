// SPDX-License-Identifier: GPL-3.0-or-later
// Models as C, compiled into one program that runs images through all of them.
#pragma once
#include "core/export/c_export.h"
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>

namespace mprdo::test {

class CProgram {
public:
    void add(const std::string& name, const ExportedModel& model, const at::Tensor& images)
    {
        const std::string id = "m" + std::to_string(m_names.size());
        m_sources.push_back(encodeC(model, id));
        m_names.push_back(name);
        m_images.push_back(images.contiguous());
        write(QString::fromStdString(id + ".h"), m_sources.back().header);
        write(QString::fromStdString(id + ".c"), m_sources.back().source);
    }
    std::size_t size() const { return m_names.size(); }
    const std::string& name(std::size_t i) const { return m_names[i]; }
    const CSource& source(std::size_t i) const { return m_sources[i]; }

    /// Empty, or what the compiler or the program said.
    QString compile(const QString& compiler, const QStringList& more = {})
    {
        std::string driver = "#include <stdio.h>\n#include <stdlib.h>\n#include <time.h>\n", rows;
        QStringList arguments{"-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-Wshadow", "-Wdouble-promotion", "-O2"};
        arguments += more;
        arguments << "-o" << "program" << "driver.c";
        for (std::size_t i = 0; i < size(); ++i) {
            const std::string id = "m" + std::to_string(i), macro = "M" + std::to_string(i);
            driver += "#include \"" + id + ".h\"\n";
            rows += "    {" + id + "_run, " + macro + "_INPUT_SIZE, " + macro + "_OUTPUT_SIZE, " + std::to_string(m_images[i].size(0)) + "},\n";
            arguments << QString::fromStdString(id + ".c");
        }
        driver += "static const struct { void (*run)(const float *, float *); size_t in, out, images; } all[] = {\n" + rows + "};\n";
        driver += R"(
int main(void)
{
    FILE *from = fopen("images", "rb"), *to = fopen("results", "wb");
    if (!from || !to)
        return 2;
    for (size_t m = 0; m < sizeof all / sizeof *all; ++m) {
        float *x = malloc(sizeof(float) * all[m].in), *y = malloc(sizeof(float) * all[m].out);
        const clock_t begin = clock();
        for (size_t i = 0; i < all[m].images; ++i) {
            if (!x || !y || fread(x, sizeof(float), all[m].in, from) != all[m].in)
                return 3;
            all[m].run(x, y);
            if (fwrite(y, sizeof(float), all[m].out, to) != all[m].out)
                return 4;
        }
        printf("%.3f\n", 1000.0 * (double)(clock() - begin) / CLOCKS_PER_SEC / (double)all[m].images);
        free(x);
        free(y);
    }
    return fclose(from) || fclose(to);
}
)";
        write("driver.c", driver);
        return run(compiler, arguments << "-lm");
    }

    /// What the program makes of the images, [model] -> flat; empty where it failed (error says why).
    std::vector<at::Tensor> results(const std::vector<std::int64_t>& sizes, QString& error)
    {
        std::string all;
        for (const at::Tensor& images : m_images)
            all.append(static_cast<const char*>(images.data_ptr()), images.nbytes());
        write("images", all);
        error = run(m_folder.filePath("program"), {});
        QFile file(m_folder.filePath("results"));
        if (!error.isEmpty() || !file.open(QIODevice::ReadOnly))
            return {};
        std::vector<at::Tensor> out;
        for (const std::int64_t size : sizes) {
            const QByteArray bytes = file.read(4 * size);
            if (bytes.size() != 4 * size) {
                error = "the results end early";
                return {};
            }
            out.push_back(at::empty({size}));
            std::copy(bytes.begin(), bytes.end(), static_cast<char*>(out.back().data_ptr()));
        }
        return out;
    }
    const QByteArray& output() const { return m_output; }

    /// Runs something in the program's folder; empty, or what it said.
    QString run(const QString& command, const QStringList& arguments)
    {
        QProcess process;
        process.setWorkingDirectory(m_folder.path());
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(command, arguments);
        const bool ended = process.waitForFinished(600000);
        m_output = process.readAll();
        if (!ended || process.exitStatus() != QProcess::NormalExit || process.exitCode() != 0)
            return command + " failed: " + QString::fromUtf8(m_output.left(3000));
        return {};
    }

private:
    void write(const QString& name, const std::string& bytes)
    {
        QFile file(m_folder.filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes.data(), qint64(bytes.size())) != qint64(bytes.size()))
            qFatal("cannot write %s", qPrintable(name));
    }

    QTemporaryDir m_folder;
    std::vector<std::string> m_names;
    std::vector<CSource> m_sources;
    std::vector<at::Tensor> m_images;
    QByteArray m_output;
};

} // namespace mprdo::test

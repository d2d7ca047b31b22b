// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/finetune/fine_tune.h"
#include "core/base/error.h"
#include "core/base/hash.h"
#include "core/base/random.h"
#include "core/evaluate/evaluator.h"
#include "core/finetune/augment.h"
#include "core/finetune/trainee.h"
#include "core/import/importer.h"
#include <algorithm>
#include <cmath>

namespace mprdo {
namespace {

constexpr const char* kKind = "fine-tuning";

std::string cacheKey(const Graph& graph, const ImageSet& training, const HoldOutSet& validation, const FineTuneOptions& o)
{
    Hash hash;
    hash.add("fine-tuning, version 2").add(graph.architecture);
    for (const ValueId input : graph.inputs)
        for (const auto d : graph.values[static_cast<std::size_t>(input)].shape)
            hash.add(d);
    hash.add(fingerprint(graph));
    hash.add(training.fingerprint()).add(validation.set.fingerprint());
    hash.add(o.epochs).add(o.peakLearningRate).add(o.momentum).add(o.weightDecay).add(o.labelSmoothing).add(o.batch);
    hash.add(o.cropPadding).add(o.flip).add(static_cast<std::int64_t>(o.seed)).add(o.onlyParametersStartingWith);
    return hash.hex();
}

void checkInput(const Graph& graph, const ImageSet& training, const HoldOutSet& validation, const FineTuneOptions& o)
{
    check(o.epochs >= 0, ErrorCode::Usage, o.epochs, " epochs of fine-tuning: the number cannot be negative");
    if (o.epochs == 0)
        return;
    check(o.batch >= 2, ErrorCode::Usage, "fine-tuning in batches of ", o.batch, ": at least 2 images are needed");
    check(o.cropPadding >= 0, ErrorCode::Usage, "a crop padding of ", o.cropPadding, ": it cannot be negative");
    check(training.size() >= 2, ErrorCode::Usage, training.size(), " training images: fine-tuning needs at least 2");
    check(validation.set.size() >= 1, ErrorCode::Usage, "no validation images: fine-tuning keeps the best weights by them");
    const std::int64_t highest = training.labels.max().item<std::int64_t>();
    const std::int64_t outputs = classesOf(graph);
    check(highest < outputs, ErrorCode::Usage, "the data has the class ", highest, ", the network has ", outputs, " outputs");
}

/// What is known after a finished epoch, together with the trainee's state.
class Course {
public:
    Course(const Graph& graph, const FineTuneOptions& options)
        : m_options(options)
        , m_trainee(graph, options)
    {
    }

    Trainee& trainee() { return m_trainee; }
    int done() const { return static_cast<int>(m_epochs.size()); }
    bool started() const { return m_started; }

    void start(double accuracy)
    {
        m_started = true;
        m_before = m_bestAccuracy = accuracy;
    }

    void add(const EpochDone& epoch)
    {
        m_epochs.push_back(epoch);
        if (epoch.validationAccuracy > m_bestAccuracy) {
            m_bestAccuracy = epoch.validationAccuracy;
            m_bestEpoch = epoch.epoch;
            m_best = m_trainee.snapshot();
        }
    }

    FineTuneResult result(const Graph& graph, bool cancelled) const
    {
        FineTuneResult out;
        out.graph = graph;
        for (const auto& [name, value] : m_best) // none where the start was best
            out.graph.parameters[name] = value;
        out.epochs = m_epochs;
        out.bestEpoch = m_bestEpoch;
        out.accuracyBefore = m_before;
        out.accuracyAfter = m_bestAccuracy;
        out.cancelled = cancelled;
        return out;
    }

    std::string bytes() const
    {
        ByteWriter out;
        out.integer(done()).number(m_before);
        for (const EpochDone& e : m_epochs)
            out.number(e.loss).number(e.validationAccuracy);
        out.integer(m_bestEpoch).number(m_bestAccuracy).integer(static_cast<std::int64_t>(m_best.size()));
        for (const auto& [name, value] : m_best)
            out.string(name).tensor(value);
        m_trainee.write(out);
        return out.bytes();
    }

    void resume(const std::string& bytes)
    {
        ByteReader in(bytes);
        const std::int64_t done = in.integer();
        check(done >= 0 && done <= m_options.epochs, ErrorCode::BadFile, "stored fine-tuning: ", done, " epochs of ",
              m_options.epochs);
        start(in.number());
        for (int epoch = 1; epoch <= done; ++epoch) {
            const double loss = in.number();
            m_epochs.push_back({epoch, m_options.epochs, loss, in.number()});
        }
        m_bestEpoch = static_cast<int>(in.integer());
        m_bestAccuracy = in.number();
        for (std::int64_t left = in.integer(); left > 0; --left) {
            const std::string name = in.string();
            m_best[name] = in.tensor();
        }
        m_trainee.read(in);
    }

private:
    const FineTuneOptions& m_options;
    Trainee m_trainee;
    bool m_started = false;
    double m_before = 0, m_bestAccuracy = 0;
    int m_bestEpoch = 0;
    std::vector<EpochDone> m_epochs;
    std::map<std::string, at::Tensor> m_best;
};

/// One pass over the training images in an order of its own; the mean loss.
/// Everything random about an epoch depends on the seed and its number alone, so that a resumed run draws the same.
double trainEpoch(Trainee& trainee, const ImageSet& training, const FineTuneOptions& o, int epoch, const RunControl& run)
{
    const std::int64_t images = training.size(), batch = std::min(o.batch, images), steps = images / batch;
    at::Generator orderGenerator = generator(o.seed, "fine-tuning order", {epoch});
    at::Generator choiceGenerator = generator(o.seed, "fine-tuning crops", {epoch});
    const at::Tensor order = at::randperm(images, orderGenerator, at::kLong);
    const Augmentation augmentation{o.cropPadding, o.flip};
    const AugmentationDraw draw(images, augmentation, choiceGenerator);
    const std::string item = text("epoch ", epoch, " of ", o.epochs);
    double sum = 0;
    for (std::int64_t step = 0; step < steps; ++step) {
        run.throwIfCancelled();
        const at::Tensor indices = order.slice(0, step * batch, (step + 1) * batch);
        const std::int64_t overall = (epoch - 1) * steps + step;
        const double loss = trainee.step(augmentedBatch(training, indices, augmentation, draw),
                                         training.labels.index_select(0, indices),
                                         oneCycleRate(overall, o.epochs * steps, o.peakLearningRate));
        check(std::isfinite(loss), ErrorCode::NonFinite, "fine-tuning: the loss is not finite in epoch ", epoch,
              ", a lower learning rate than ", o.peakLearningRate, " is needed");
        sum += loss;
        run.progress(Stage::FineTune, item, double(overall + 1), double(o.epochs * steps));
    }
    return sum / double(steps);
}

} // namespace

FineTuneResult fineTune(const Graph& unfolded, const ImageSet& training, const HoldOutSet& validation,
                        const FineTuneOptions& options, ArtefactCache& cache, const RunControl& run)
{
    checkInput(unfolded, training, validation, options);
    FineTuneResult untouched;
    untouched.graph = unfolded;
    if (options.epochs == 0)
        return untouched;
    const std::string key = cacheKey(unfolded, training, validation, options);
    Course course(unfolded, options);
    if (const auto kept = cache.find(kKind, key))
        course.resume(*kept);
    const RunControl quiet = run.withListener([](const Event&) {}); // evaluation counts are not stage 1's news
    const auto accuracy = [&] {
        return evaluate(unfolded, course.trainee().overlay(), validation, quiet).accuracyPercent();
    };
    try {
        if (!course.started())
            course.start(accuracy());
        while (course.done() < options.epochs) {
            const int epoch = course.done() + 1;
            const double loss = trainEpoch(course.trainee(), training, options, epoch, run);
            const EpochDone news{epoch, options.epochs, loss, accuracy()};
            course.add(news);
            cache.keep(kKind, key, course.bytes());
            run.emit(news);
        }
    } catch (const Cancelled&) {
        return course.result(unfolded, true);
    }
    return course.result(unfolded, false);
}

} // namespace mprdo

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/demo_classes.h"
#include "core/import/demo_network.h"
#include "core/import/importer.h"

namespace mprdo {

ImportedModel demoModel()
{
    const Checkpoint checkpoint = readCheckpoint("the built-in network", demoNetworkFile());
    ImportedModel model = importModel(checkpoint, "resnet8", {3, 32, 32});
    model.snapshot.path.clear();
    model.snapshot.format = "built-in demo";
    model.snapshot.classes.assign(kDemoClassNames.begin(), kDemoClassNames.end());
    return model;
}

} // namespace mprdo

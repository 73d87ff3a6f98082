#include "podium/cli/stored_flags.h"

#include "podium/exec/backends.h"

namespace podium {

void StoredFlags::add_to(CLI::App& verb) {
    verb.add_flag("--best", best, "the checkpoint of the least validation loss, not the newest");
    verb.add_option("--device", device, "instead of the run's own");
    verb.add_option("--plugin", plugin, "PJRT plugin to use instead of the one that is found");
}

Device StoredFlags::chosen_device() const {
    const Device chosen(device.empty() ? "cpu" : device);
    if (!plugin.empty()) set_plugin_path(chosen.type, plugin);
    return chosen;
}

train::StoredRun StoredFlags::open() const {
    chosen_device();
    return train::open_stored(folder, device, best);
}

}  // namespace podium

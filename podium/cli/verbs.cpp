#include "podium/cli/verbs.h"

#include <array>

#include "podium/cli/devices_command.h"

namespace podium {

std::span<const AddVerb> verbs() {
    static constexpr std::array ROWS{AddVerb{add_devices}};
    return ROWS;
}

}  // namespace podium

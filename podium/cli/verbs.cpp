#include "podium/cli/verbs.h"

#include <array>

#include "podium/cli/devices_command.h"
#include "podium/cli/doctor_command.h"
#include "podium/cli/run_command.h"

namespace podium {

std::span<const AddVerb> verbs() {
    static constexpr std::array ROWS{AddVerb{add_devices}, AddVerb{add_doctor}, AddVerb{add_run}};
    return ROWS;
}

}  // namespace podium

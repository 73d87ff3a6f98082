#include "podium/cli/verbs.h"

#include <array>

#include "podium/cli/bench_command.h"
#include "podium/cli/bisect_command.h"
#include "podium/cli/cache_command.h"
#include "podium/cli/conformance_command.h"
#include "podium/cli/dashboard_command.h"
#include "podium/cli/devices_command.h"
#include "podium/cli/doctor_command.h"
#include "podium/cli/eval_command.h"
#include "podium/cli/export_command.h"
#include "podium/cli/memory_command.h"
#include "podium/cli/ops_command.h"
#include "podium/cli/optimizers_command.h"
#include "podium/cli/plan_command.h"
#include "podium/cli/plugin_command.h"
#include "podium/cli/reference_command.h"
#include "podium/cli/run_command.h"
#include "podium/cli/runs_command.h"
#include "podium/cli/sample_command.h"
#include "podium/cli/tokenizer_command.h"
#include "podium/cli/train_command.h"

namespace podium {

std::span<const AddVerb> verbs() {
    static constexpr std::array ROWS{
        AddVerb{add_train},       AddVerb{add_plan},   AddVerb{add_sample},    AddVerb{add_eval},
        AddVerb{add_export},      AddVerb{add_runs},   AddVerb{add_dashboard}, AddVerb{add_memory},
        AddVerb{add_tokenizer},   AddVerb{add_plugin}, AddVerb{add_devices},   AddVerb{add_bench},
        AddVerb{add_doctor},      AddVerb{add_run},    AddVerb{add_ops},       AddVerb{add_optimizers},
        AddVerb{add_conformance}, AddVerb{add_bisect}, AddVerb{add_cache},     AddVerb{add_reference}};
    return ROWS;
}

}  // namespace podium

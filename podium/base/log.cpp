#include "podium/base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>

namespace podium {

spdlog::logger& logger() {
    static spdlog::logger logger = [] {
        spdlog::logger made("podium", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
        made.set_pattern("%^%l%$: %v");
        return made;
    }();
    return logger;
}

}  // namespace podium

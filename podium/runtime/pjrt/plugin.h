#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "podium/base/error.h"
#include "podium/runtime/pjrt/api.h"

namespace podium {

/// Sets the variables with which libtpu neither asks Google's metadata server what machine this is, for minutes where
/// there is none, nor wants to be this machine's only one; what the user set stays. Loading libtpu does so where there
/// is no TPU; to be called before other threads read the environment.
void use_libtpu_without_tpu();

/// A loaded plugin. It stays loaded for the process's life.
class PjrtPlugin {
public:
    /// Loads `path` once a process. The error (UNAVAILABLE for a file that is no plugin, FAILED_PRECONDITION for
    /// another version of PJRT) names the path and the reason.
    static Result<const PjrtPlugin*> load(const std::string& path);

    const PjrtApi& api() const { return api_; }
    const std::string& path() const { return path_; }
    /// Returns "0.81".
    std::string api_version() const;
    /// What the plugin says of itself, as text: xla_version, stablehlo_current_version ("1.13.0"), …
    const std::map<std::string, std::string>& attributes() const { return attributes_; }
    /// Identifies the file and its version.
    std::string fingerprint() const;

private:
    PjrtPlugin(std::string path, PjrtApi api);

    std::string path_;
    PjrtApi api_;
    std::map<std::string, std::string> attributes_;
};

}  // namespace podium

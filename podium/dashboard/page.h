#pragma once

#include <string_view>

namespace podium {

/// The dashboard's page: page.html, embedded when the program is built.
extern const std::string_view DASHBOARD_PAGE;

}  // namespace podium

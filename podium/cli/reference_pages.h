#pragma once

#include <string>
#include <vector>

namespace podium {

/// One Markdown page of the reference.
struct ReferencePage {
    std::string file, text;
};

/// Returns the pages: operations, optimizers, config, events, errors and exit codes, each from the rows that the code
/// itself reads.
std::vector<ReferencePage> reference_pages();

}  // namespace podium

#include "podium/data/hold_out.h"

#include <xxhash.h>

#include <algorithm>
#include <numeric>
#include <tuple>

namespace podium::data {

Split hold_out(std::span<const FoundFile> files, double fraction, std::uint64_t window_bytes) {
    std::vector<bool> held(files.size(), false);
    if (files.size() > 1 && fraction > 0) {
        std::vector<std::size_t> order(files.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        const auto hash = [&](std::size_t i) { return XXH3_64bits(files[i].name.data(), files[i].name.size()); };
        std::ranges::stable_sort(order, {}, hash);
        double total = 0;
        for (const auto& file : files) total += static_cast<double>(file.size_bytes);
        double room = fraction * total;
        bool any = false;
        for (const std::size_t i : order)
            if (const auto size = static_cast<double>(files[i].size_bytes); size <= room) {
                held[i] = any = true;
                room -= size;
            }
        if (!any)
            held[*std::ranges::min_element(order, {}, [&](std::size_t i) {
                return std::tuple(files[i].size_bytes < window_bytes, files[i].size_bytes);
            })] = true;
    }
    Split split;
    for (std::size_t i = 0; i < files.size(); ++i) (held[i] ? split.validation : split.training).push_back(files[i]);
    return split;
}

}  // namespace podium::data

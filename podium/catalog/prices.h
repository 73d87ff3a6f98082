#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace podium::catalog {

/// What a chip costs an hour on demand, in US dollars in a US region.
struct Price {
    std::string chip;
    double usd_per_chip_hour = 0;
    std::string source, date;
};

/// The prices that are known; what is not listed is unknown, and stays so.
class PriceList {
public:
    /// podium's own, as of their dates.
    PriceList();
    /// Takes the user's price instead, "v5e=1.10" (US dollars a chip-hour); throws INVALID_ARGUMENT.
    void override_price(std::string_view text);
    /// Returns the price of a generation's chip; nothing where it is unknown.
    std::optional<Price> find(std::string_view chip) const;
    const std::vector<Price>& rows() const { return rows_; }

private:
    std::vector<Price> rows_;
};

}  // namespace podium::catalog

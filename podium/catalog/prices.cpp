#include "podium/catalog/prices.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "podium/base/error.h"
#include "podium/catalog/chips.h"

namespace podium::catalog {
namespace {

constexpr const char* PAGE = "copies of cloud.google.com/tpu/pricing, US regions";
constexpr const char* READ_ON = "2026-11-22";

}  // namespace

PriceList::PriceList()
    : rows_{{"v4", 3.22, PAGE, READ_ON},
            {"v5e", 1.20, PAGE, READ_ON},
            {"v5p", 4.20, PAGE, READ_ON},
            {"v6e", 2.70, PAGE, READ_ON}} {}

void PriceList::override_price(std::string_view text) {
    const auto mark = text.find('=');
    double price = 0;
    const auto number = mark == text.npos ? std::string_view() : text.substr(mark + 1);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), price);
    if (number.empty() || error != std::errc() || end != number.data() + number.size() || !std::isfinite(price) ||
        price < 0)
        fail(Code::INVALID_ARGUMENT, "--price {}: give a generation and US dollars a chip-hour, v5e=1.10", text);
    const std::string chip(find_chip(text.substr(0, mark)).name);
    std::erase_if(rows_, [&](const Price& row) { return row.chip == chip; });
    rows_.push_back({chip, price, "--price", "now"});
}

std::optional<Price> PriceList::find(std::string_view chip) const {
    const auto row = std::ranges::find(rows_, chip, &Price::chip);
    return row == rows_.end() ? std::nullopt : std::optional(*row);
}

}  // namespace podium::catalog

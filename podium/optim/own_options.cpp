#include "podium/optim/own_options.h"

#include <algorithm>
#include <cmath>

#include "podium/base/error.h"
#include "podium/base/nearest.h"

namespace podium::optim {

void expect_own_options(std::string_view method, const std::vector<std::string_view>& names, const OwnOptions& given) {
    for (const auto& [key, number] : given) {
        if (std::ranges::find(names, key) != names.end()) continue;
        if (names.empty())
            fail(Code::INVALID_ARGUMENT, "optimizer.options: {} has no options of its own; leave \"{}\" out", method,
                 key);
        const auto near = nearest(key, std::vector<std::string>(names.begin(), names.end()));
        fail(Code::INVALID_ARGUMENT, "optimizer.options: {} has no \"{}\"; it has {}{}", method, key,
             fmt::join(names, ", "), near.empty() ? std::string{} : fmt::format("; did you mean \"{}\"?", near));
    }
}

double whole_number(std::string_view method, std::string_view name, double number) {
    constexpr double GREATEST = 9007199254740992.0;  // 2^53: up to there every integer is a double
    if (!(number >= 0.0 && number <= GREATEST) || number != std::floor(number))
        fail(Code::INVALID_ARGUMENT, "optimizer.options: {} of {} is {}; give an integer from 0 on", name, method,
             number);
    return number;
}

bool zero_or_one(std::string_view method, std::string_view name, double number) {
    if (number != 0.0 && number != 1.0)
        fail(Code::INVALID_ARGUMENT, "optimizer.options: {} of {} is {}; give 1 for yes or 0 for no", name, method,
             number);
    return number == 1.0;
}

}  // namespace podium::optim

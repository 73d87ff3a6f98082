#pragma once

#include <source_location>
#include <string>
#include <vector>

#include "podium/runtime/host_array.h"

namespace podium::test {

/// Compares arrays with what JAX computes. All expressions are evaluated in one Python process, as one program.
class Oracle {
public:
    /// Adds a case: `expression` is Python on `x[0]`, `x[1]`, … (the inputs), jax, jnp, lax, np and `like(y, x)`, y as
    /// integers of x's type where it is none. Data type and shape must be equal, elements within `tolerance` of max(1,
    /// |theirs|); a negative tolerance takes the data type's.
    void expect(std::string expression, std::vector<HostArray> inputs, HostArray ours, double tolerance = -1,
                std::source_location place = std::source_location::current());
    /// The same, unless Python throws: JAX has no gradient of some functions, and takes other types.
    void expect_unless_refused(std::string expression, std::vector<HostArray> inputs, HostArray ours,
                               double tolerance = -1, std::source_location place = std::source_location::current());
    /// Asks Python and reports each case that differs as a failure of the test.
    void check() const;

private:
    struct Case {
        std::string expression;
        std::vector<HostArray> inputs;
        HostArray ours;
        double tolerance;
        std::source_location place;
        bool may_refuse;
    };
    std::vector<Case> cases_;
};

/// Returns what differs between the arrays, or "" where they agree within `tolerance` of max(1, |expected|). A NaN
/// agrees with a NaN.
std::string difference(const HostArray& found, const HostArray& expected, double tolerance);

}  // namespace podium::test

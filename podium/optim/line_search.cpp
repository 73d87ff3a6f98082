#include "podium/optim/line_search.h"

#include <limits>

#include "podium/optim/tree_math.h"
#include "podium/transform/transform.h"

namespace podium::optim {
namespace {

constexpr double INFINITE = std::numeric_limits<double>::infinity();

/// A step size, and the loss and its slope there.
struct LinePoint {
    Tensor at, value, slope;

    static LinePoint chosen(const Tensor& condition, const LinePoint& yes, const LinePoint& no) {
        return {select(condition, yes.at, no.at), select(condition, yes.value, no.value),
                select(condition, yes.slope, no.slope)};
    }
};

/// What the search knows. `reference` is the end of an interval that was left last, `safe` the best step size at which
/// the loss falls enough, or 0.
struct Search {
    Tensor count, has_interval, is_done, has_failed;
    LinePoint now, low, high;
    Tensor reference, reference_value, safe, safe_value, decrease_error;

    Tensors packed() const {
        return {count,      has_interval, is_done,         has_failed, now.at,     now.value,
                now.slope,  low.at,       low.value,       low.slope,  high.at,    high.value,
                high.slope, reference,    reference_value, safe,       safe_value, decrease_error};
    }
    static Search of(const Tensors& t) {
        return {t[0],  t[1],  t[2],  t[3], {t[4], t[5], t[6]}, {t[7], t[8], t[9]}, {t[10], t[11], t[12]}, t[13],
                t[14], t[15], t[16], t[17]};
    }
};

/// Returns an error of 0 where it is negative, infinite where it is no number.
Tensor as_error(const Tensor& x) { return select(equal(x, x), maximum(x, 0.0), INFINITE); }

/// Returns where the cubic through three points with the slope at the first one is least; NaN where it is nowhere.
Tensor cubic_minimum(const LinePoint& a, const LinePoint& b, const Tensor& c, const Tensor& c_value) {
    const Tensor to_b = b.at - a.at, to_c = c - a.at, product = to_b * to_c;
    const Tensor denominator = product * product * (to_b - to_c);
    const Tensor over_b = b.value - a.value - a.slope * to_b, over_c = c_value - a.value - a.slope * to_c;
    const Tensor third = (to_c * to_c * over_b - to_b * to_b * over_c) / denominator;
    const Tensor second = (to_b * to_b * to_b * over_c - to_c * to_c * to_c * over_b) / denominator;
    return a.at + (sqrt(second * second - 3.0 * third * a.slope) - second) / (3.0 * third);
}

/// Returns where the parabola through two points with the slope at the first one is least.
Tensor quadratic_minimum(const LinePoint& a, const LinePoint& b) {
    const Tensor way = b.at - a.at;
    return a.at - a.slope / (2.0 * ((b.value - a.value - a.slope * way) / (way * way)));
}

/// Returns a step size inside the interval: the cubic's, the parabola's, or its middle.
Tensor inside(const Search& search) {
    const Tensor &low = search.low.at, &high = search.high.at;
    const Tensor left = minimum(low, high), right = maximum(low, high), length = right - left;
    const auto within = [&](const Tensor& x, double margin) {
        return (x > left + margin * length) & (x < right - margin * length);
    };
    const Tensor cubic = cubic_minimum(search.low, search.high, search.reference, search.reference_value);
    const Tensor parabola = quadratic_minimum(search.low, search.high);
    return select(within(cubic, 0.2), cubic, select(within(parabola, 0.1), parabola, (low + high) / 2.0));
}

/// Returns the search after its next point, `next`, which is inside the interval where there is one.
Search searched(const Search& before, const LinePoint& next, const LinePoint& first, const ZoomOptions& options) {
    const Tensor exact = next.value - first.value - options.decrease_share * next.at * first.slope;
    const Tensor rounded = maximum(next.slope - (2.0 * options.decrease_share - 1.0) * first.slope,
                                   next.value - first.value - options.value_share * abs(first.value));
    const Tensor decrease_error = as_error(select(equal(exact, exact), minimum(rounded, exact), exact));
    const Tensor curvature_error = as_error(abs(next.slope) - options.curvature_share * abs(first.slope));
    const Tensor falls = decrease_error <= 0.0, is_done = falls & (curvature_error <= 0.0);

    const Tensor &zooms = before.has_interval, is_first = equal(before.count, 0);
    const Tensor compared = select(zooms, before.low.value, before.now.value);
    const Tensor too_far = logical_not(falls) | ((next.value >= compared) & (zooms | logical_not(is_first)));
    // Looking for an interval: from the last point to this one, or back.
    const Tensor turns = (next.slope >= 0.0) & logical_not(too_far);
    // Within one: its low end stays the better one, its high end the one to which the loss rises.
    const Tensor flips = (next.slope * (before.high.at - before.low.at) >= 0.0) & logical_not(too_far);
    const LinePoint zoomed_high = LinePoint::chosen(flips, before.low, LinePoint::chosen(too_far, next, before.high));
    const LinePoint zoomed_low = LinePoint::chosen(too_far, before.low, next);
    const LinePoint low = LinePoint::chosen(zooms, zoomed_low, LinePoint::chosen(turns, next, before.now));
    const LinePoint high = LinePoint::chosen(zooms, zoomed_high, LinePoint::chosen(turns, before.now, next));
    const LinePoint left = LinePoint::chosen(zooms, LinePoint::chosen(too_far | flips, before.high, before.low), low);

    const Tensor is_safer = falls & (logical_not(zooms) | (next.value < before.safe_value));
    const Tensor safe = select(is_safer, next.at, before.safe);
    const Tensor small = zooms & (abs(before.high.at - before.low.at) <= options.least_interval) & (safe > 0.0);
    const Tensor count = before.count + 1;
    return {count,
            zooms | too_far | turns | is_done,
            is_done,
            ((count >= options.steps) | small) & logical_not(is_done),
            next,
            low,
            high,
            left.at,
            left.value,
            safe,
            select(is_safer, next.value, before.safe_value),
            decrease_error};
}

/// The loss along a direction.
class Line {
public:
    Line(const std::function<Tensor(const Tree&)>& loss, const Tree& parameters, const Tree& direction)
        : loss_(loss), parameters_(parameters), direction_(direction), type_(scalar_type(parameters)) {}

    DataType type() const { return type_; }
    Tree at(const Tensor& step) const { return apply_updates(parameters_, scaled(step, direction_)); }
    Tensor value(const Tensor& step) const { return convert(loss_(at(step)), type_); }
    LinePoint point(const Tensor& step) const { return point(step, at(step)); }
    /// Returns the point at the parameters themselves.
    LinePoint first() const { return point(zeros({}, type_), parameters_); }

private:
    LinePoint point(const Tensor& step, const Tree& there) const {
        const auto [value, gradient] = value_and_grad(loss_)(there);
        return {step, convert(value, type_), convert(inner_product(direction_, gradient), type_)};
    }

    const std::function<Tensor(const Tree&)>& loss_;
    const Tree &parameters_, &direction_;
    DataType type_;
};

/// Returns a transform that finds a direction and multiplies it by what `search` makes of the line, the first point on
/// it and the last step size.
template <class F>
GradientTransform searching(std::string name, const GradientTransform& inner, const F& search) {
    const auto init = [inner](const Tree& parameters) {
        return TreeBuilder<Tensor>()
            .add("inner", inner.init(parameters))
            .add("step_size", ones({}, scalar_type(parameters)))
            .build();
    };
    const auto update = [=](const Tree& updates, const Tree& state, const Tree& parameters, const StepLoss& loss) {
        expect_loss_function(name, loss);
        const auto [direction, next] = inner.update(updates, state.subtree("inner"), parameters, loss);
        const Line line(loss.function, parameters, direction);
        const Tensor step = search(line, line.first(), state["step_size"]);
        return std::pair{scaled(step, direction),
                         TreeBuilder<Tensor>().add("inner", next).add("step_size", step).build()};
    };
    return {std::move(name), init, update};
}

}  // namespace

GradientTransform zoom_line_search(const GradientTransform& inner, const ZoomOptions& options) {
    return searching("zoom_line_search", inner, [options](const Line& line, const LinePoint& first, const Tensor&) {
        const Tensor no = zeros({}, DataType::BOOL);
        const Search begin{zeros({}, DataType::INT32),
                           no,
                           no,
                           no,
                           first,
                           first,
                           first,
                           first.at,
                           first.value,
                           first.at,
                           first.value,
                           full({}, INFINITE, line.type())};
        const auto goes_on = [](const Tensors& state) { return Tensors{logical_not(state[2] | state[3])}; };
        const auto body = [&](const Tensors& state) {
            const Search before = Search::of(state);
            const Tensor larger = select(equal(before.count, 0), 1.0, options.increase * before.now.at);
            const Tensor next = select(before.has_interval, inside(before), larger);
            return searched(before, line.point(next), first, options).packed();
        };
        const Search end = Search::of(while_loop(goes_on, body, begin.packed()));
        const Tensor is_outside = logical_not(is_finite(end.decrease_error));
        return select(end.has_failed & ((end.safe > 0.0) | is_outside), end.safe, end.now.at);
    });
}

GradientTransform backtracking_line_search(const GradientTransform& inner, const BacktrackingOptions& options) {
    return searching("backtracking_line_search", inner,
                     [options](const Line& line, const LinePoint& first, const Tensor& last) {
                         const auto goes_on = [&](const Tensors& state) {
                             return Tensors{logical_not(state[1] <= 0.0) & (state[2] <= options.steps)};
                         };
                         const auto body = [&](const Tensors& state) {
                             const Tensor step = select(state[2] > 0, options.decrease * state[0], state[0]);
                             const Tensor error =
                                 as_error(line.value(step) - first.value - options.decrease_share * step * first.slope);
                             return Tensors{step, error, state[2] + 1};
                         };
                         const Tensors end = while_loop(goes_on, body,
                                                        {minimum(options.increase * last, options.greatest),
                                                         full({}, INFINITE, line.type()), zeros({}, DataType::INT32)});
                         return select(is_finite(end[1]), end[0], 0.0);
                     });
}

}  // namespace podium::optim

#include "podium/numeric/rejection.h"

#include <limits>

#include "podium/numeric/selection.h"
#include "podium/transform/vmap.h"

namespace podium::distributions {
namespace {

/// Returns the parameters as floats of one type, repeated to the dimensions of what is drawn.
Tensors parameters_of(std::string_view op, std::initializer_list<Operand> given, const std::optional<Dims>& dims,
                      DataType type) {
    const Location& location = given.begin()->location();
    for (const auto& one : given)
        if (!one.is_number()) type = one.tensor().type();
    if (!is_float(type))
        fail_at(Code::DTYPE_MISMATCH, location,
                fmt::format("{}: takes floating-point parameters, got {}; convert them", op, name(type)));
    Tensors parameters;
    Dims together;
    for (const auto& one : given) {
        parameters.push_back(as_tensor(one, type));
        const auto wider = broadcast_dims(together, parameters.back().dims());
        if (!wider)
            fail_at(Code::SHAPE_MISMATCH, location,
                    fmt::format("{}: a parameter {} does not go with dimensions [{}] of the others", op,
                                to_string(parameters.back().shape()), join(together)));
        together = *wider;
    }
    for (auto& parameter : parameters) parameter = broadcast_to(parameter, dims.value_or(together), location);
    return parameters;
}

Key key_of(const Tensor& data) { return {data}; }

/// Returns one gamma number, or its logarithm. Source: jax.random, _gamma_one.
Tensor gamma_one(const Key& key, const Tensor& concentration, bool logarithm) {
    const DataType type = concentration.type();
    const Tensor one = ones({}, type), zero = zeros({}, type);
    // Below 1 the number of concentration + 1 is multiplied by a power of a uniform one.
    const Tensor direct = greater_equal(concentration, 1.0);
    const Tensor d = select(direct, concentration, concentration + 1.0) - 1.0 / 3.0;
    const Tensor c = scalar_of(type, 1.0 / 3.0) / sqrt(d);
    const auto keys = split(key);
    const auto rejected = [&](const Tensors& s) -> Tensors {
        const Tensor &x = s[1], &v = s[2], &u = s[3];
        return {greater_equal(u, 1.0 - x * x * 0.0331) & greater_equal(log(u), x * 0.5 + d * ((1.0 - v) + log(v)))};
    };
    const auto draw = [&](const Tensors& s) -> Tensors {
        const auto three = split<3>(key_of(s[0]));
        const Tensors found = while_loop([](const Tensors& t) -> Tensors { return {less_equal(t[2], 0.0)}; },
                                         [&](const Tensors& t) -> Tensors {
                                             const auto two = split(key_of(t[0]));
                                             const Tensor x = normal(two[1], {}, type);
                                             return {two[0].data, x, x * c + 1.0};
                                         },
                                         {three[1].data, zero, -one});
        const Tensor &x = found[1], &v = found[2];
        return {three[0].data, x * x, v * v * v, uniform(three[2], {}, 0.0, 1.0, type)};
    };
    const Tensor v = while_loop(rejected, draw, {keys[0].data, zero, one, one + one})[2];
    const Tensor u = uniform(keys[1], {}, 0.0, 1.0, type);
    if (!logarithm) return d * v * select(direct, 1.0, power(1.0 - u, 1.0 / concentration));
    const Tensor shift = log1p(-u);
    return log(d) + log(v) + select(direct | equal(shift, 0.0), 0.0, shift * (1.0 / concentration));
}

Tensor gammas(std::string_view op, const Key& key, const Operand& concentration, const std::optional<Dims>& dims,
              DataType type, bool logarithm) {
    const LocationScope scope(concentration.location());
    Tensor given = parameters_of(op, {concentration}, dims, type)[0];
    const bool narrow = size_bytes(given.type()) <= 2;
    const Tensor wanted = narrow ? convert(given, DataType::FLOAT32) : given;
    const auto count = wanted.shape().count();
    if (count == 0) return given;
    // fold_in of 0, 1, … gives the keys of a split without one tensor for each.
    const Tensor drawn = vmap([&](const Tensor& index, const Tensor& each) {
        return gamma_one(fold_in(key, index), each, logarithm);
    })(arange(count, DataType::UINT32), reshape(stop_gradient(wanted), {-1}));
    return convert(stop_gradient(reshape(drawn, wanted.dims())), given.type());
}

/// Returns whether any element is true and fewer than `limit` rounds have passed: no loop is endless.
Tensor goes_on(const Tensor& wanted, const Tensor& round) {
    return any(wanted) & less(round, std::numeric_limits<std::int32_t>::max());
}

/// Returns how many uniform numbers can be multiplied before their product is below exp(−rate).
Tensor poisson_by_products(const Key& key, const Tensor& rate) {
    const Dims& dims = rate.dims();
    const Tensors found =
        while_loop([&](const Tensors& s) -> Tensors { return {goes_on(greater(s[3], -rate), s[0])}; },
                   [&](const Tensors& s) -> Tensors {
                       const auto keys = split(key_of(s[2]));
                       const Tensor count = select(greater(s[3], -rate), s[1] + 1, s[1]);
                       return {s[0] + 1, count, keys[0].data, s[3] + log(uniform(keys[1], dims))};
                   },
                   {zeros({}, DataType::INT32), zeros(dims, DataType::INT32), key.data, zeros(dims, rate.type())});
    return found[1] - 1;
}

/// What transformed rejection keeps: the rounds, the numbers so far, which of them are accepted, the key.
template <class F>
Tensor accepted_numbers(const Key& key, const Dims& dims, DataType type, F propose) {
    return while_loop([](const Tensors& s) -> Tensors { return {goes_on(logical_not(s[2]), s[0])}; },
                      [&](const Tensors& s) -> Tensors {
                          const auto keys = split<3>(key_of(s[3]));
                          const Tensor u = uniform(keys[1], dims, 0.0, 1.0, type) - 0.5;
                          const auto [number, accepted] = propose(u, uniform(keys[2], dims, 0.0, 1.0, type));
                          return {s[0] + 1, select(accepted, number, s[1]), s[2] | accepted, keys[0].data};
                      },
                      {zeros({}, DataType::INT32), full(dims, -1, type), zeros(dims, DataType::BOOL), key.data})[1];
}

Tensor poisson_by_rejection(const Key& key, const Tensor& rate) {
    const Tensor log_rate = log(rate), b = sqrt(rate) * 2.53 + 0.931, a = b * 0.02483 - 0.059;
    const Tensor inverse_alpha = 1.1328 / (b - 3.4) + 1.1239, bound = 0.9277 - 3.6224 / (b - 2.0);
    return accepted_numbers(key, rate.dims(), rate.type(), [&](const Tensor& u, const Tensor& v) {
        const Tensor shifted = 0.5 - abs(u);
        const Tensor k = floor((2.0 * a / shifted + b) * u + rate + 0.43);
        const Tensor s = log(v * inverse_alpha / (a / (shifted * shifted) + b));
        const Tensor t = -rate + k * log_rate - lgamma(k + 1.0);
        const Tensor at_once = greater_equal(shifted, 0.07) & less_equal(v, bound);
        const Tensor never = less(k, 0.0) | (less(shifted, 0.013) & greater(v, shifted));
        return std::pair(k, at_once | (logical_not(never) & less_equal(s, t)));
    });
}

/// Returns log k! less Stirling's approximation.
Tensor stirling_rest(const Tensor& k) {
    const std::vector<double> first{0.0810614667953272,  0.0413406959554092, 0.0276779256849983, 0.02079067210376509,
                                    0.0166446911898211,  0.0138761288230707, 0.0118967099458917, 0.0104112652619720,
                                    0.00925546218271273, 0.00833056343336287};
    const Tensor table = convert(constant(HostArray::of({10}, first)), k.type());
    const Tensor small = clamp(0.0, k, 9.0);
    const Tensor next = small + 1.0, squared = next * next;
    const Tensor series = (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / squared) / squared) / next;
    return select(less_equal(k, 9.0), take(table, convert(floor(small), DataType::INT32)), series);
}

/// Returns how many geometric numbers can be added before they are above the count.
Tensor binomial_by_sums(const Key& key, const Tensor& count, const Tensor& share) {
    const Tensor failing = log1p(-share);
    const Tensor none = zeros(count.dims(), count.type());
    const Tensors found = while_loop(
        [&](const Tensors& s) -> Tensors { return {goes_on(less_equal(s[2], count), s[0])}; },
        [&](const Tensors& s) -> Tensors {
            const auto keys = split(key_of(s[3]));
            const Tensor number = select(less_equal(s[2], count), s[1] + 1.0, s[1]);
            const Tensor trials = ceil(log(uniform(keys[0], count.dims(), 0.0, 1.0, count.type())) / failing);
            return {s[0] + 1, number, s[2] + trials, keys[1].data};
        },
        {zeros({}, DataType::INT32), none, none, key.data});
    return found[1] - 1.0;
}

Tensor binomial_by_rejection(const Key& key, const Tensor& count, const Tensor& share) {
    const Tensor deviation = sqrt(count * share * (1.0 - share)), b = deviation * 2.53 + 1.15;
    const Tensor a = b * 0.0248 - 0.0873 + share * 0.01, c = count * share + 0.5, bound = 0.92 - 4.2 / b;
    const Tensor odds = share / (1.0 - share), alpha = (5.1 / b + 2.83) * deviation,
                 mode = floor((count + 1.0) * share);
    return accepted_numbers(key, count.dims(), count.type(), [&](const Tensor& u, const Tensor& drawn) {
        const Tensor shifted = 0.5 - abs(u);
        const Tensor at_once = greater_equal(shifted, 0.07) & less_equal(drawn, bound);
        const Tensor k = floor((2.0 * a / shifted + b) * u + c);
        const Tensor never = less(k, 0.0) | greater(k, count);
        const Tensor v = log(drawn * alpha / (a / (shifted * shifted) + b));
        const Tensor above = (mode + 0.5) * log((mode + 1.0) / (odds * (count - mode + 1.0))) +
                             (count + 1.0) * log((count - mode + 1.0) / (count - k + 1.0)) +
                             (k + 0.5) * log(odds * (count - k + 1.0) / (k + 1.0)) + stirling_rest(mode) +
                             stirling_rest(count - mode) - stirling_rest(k) - stirling_rest(count - k);
        return std::pair(k, at_once | (logical_not(never) & less_equal(v, above)));
    });
}

}  // namespace

Tensor gamma(const Key& key, const Operand& concentration, const std::optional<Dims>& dims, DataType type) {
    return gammas("gamma", key, concentration, dims, type, false);
}

Tensor log_gamma(const Key& key, const Operand& concentration, const std::optional<Dims>& dims, DataType type) {
    return gammas("log_gamma", key, concentration, dims, type, true);
}

Tensor beta(const Key& key, const Operand& a, const Operand& b, const std::optional<Dims>& dims, DataType type) {
    const LocationScope scope(a.location());
    const Tensors both = parameters_of("beta", {a, b}, dims, type);
    const auto keys = split(key);
    const Tensor first = log_gamma(keys[0], both[0]), second = log_gamma(keys[1], both[1]);
    const Tensor greater_one = maximum(first, second);
    const Tensor share = exp(first - greater_one);
    return share / (share + exp(second - greater_one));
}

Tensor dirichlet(const Key& key, const Operand& concentrations, const std::optional<Dims>& dims) {
    const LocationScope scope(concentrations.location());
    const Tensor& given = concentrations.tensor();
    if (given.rank() < 1)
        fail_at(Code::SHAPE_MISMATCH, concentrations.location(),
                fmt::format("dirichlet: takes concentrations [..., n], got {}", to_string(given.shape())));
    Dims all = dims.value_or(Dims(given.dims().begin(), given.dims().end() - 1));
    all.push_back(given.dim(-1));
    const Tensor logarithms = log_gamma(key, concentrations, all);
    return exp(logarithms - logsumexp(logarithms, -1, true));
}

Tensor chisquare(const Key& key, const Operand& degrees, const std::optional<Dims>& dims, DataType type) {
    const LocationScope scope(degrees.location());
    const Tensor given = parameters_of("chisquare", {degrees}, dims, type)[0];
    return exp(log_gamma(key, given / 2.0)) * 2.0;
}

Tensor student_t(const Key& key, const Operand& degrees, const std::optional<Dims>& dims, DataType type) {
    const LocationScope scope(degrees.location());
    const Tensor half = parameters_of("student_t", {degrees}, dims, type)[0] / 2.0;
    const auto keys = split(key);
    return normal(keys[0], half.dims(), half.type()) * sqrt(half / gamma(keys[1], half));
}

Tensor poisson(const Key& key, const Operand& rate, const std::optional<Dims>& dims, DataType type) {
    const LocationScope scope(rate.location());
    const Tensor given = parameters_of("poisson", {rate}, dims, DataType::FLOAT32)[0];
    const Tensor wanted = stop_gradient(convert(given, DataType::FLOAT32));
    const Tensor few = is_nan(wanted) | less(wanted, 10.0);
    // Each loop has harmless rates where the other one's numbers are taken.
    const Tensor small = poisson_by_products(key, select(few, wanted, 0.0));
    const Tensor great = convert(poisson_by_rejection(key, select(few, 1e5, wanted)), DataType::INT32);
    return convert(select(equal(wanted, 0.0), 0, select(few, small, great)), type);
}

Tensor binomial(const Key& key, const Operand& count, const Operand& probability, const std::optional<Dims>& dims,
                DataType type) {
    const LocationScope scope(count.location());
    const Tensors both = parameters_of("binomial", {count, probability}, dims, type);
    const Tensor given = stop_gradient(both[0]), share = stop_gradient(both[1]);
    const Tensor below_half = less(share, 0.5);
    const Tensor rarer = select(below_half, share, 1.0 - share);
    const Tensor no_count = is_nan(given) | less(given, 0.0), no_share = is_nan(rarer) | less(rarer, 0.0);
    const Tensor known = select(no_share, 0.01, rarer);
    const Tensor few = no_count | less_equal(given * known, 10.0);
    const Tensor trials = floor(given);
    const Tensor drawn = select(few, binomial_by_sums(key, select(few, trials, 0.0), known),
                                binomial_by_rejection(key, select(few, 1e4, trials), select(few, 0.5, known)));
    const Tensor invalid = no_count | no_share, endless = is_inf(given);
    const double nothing = std::numeric_limits<double>::quiet_NaN(), all = std::numeric_limits<double>::infinity();
    const Tensor found = select(invalid, nothing, select(endless, all, drawn));
    return select(below_half | invalid | endless, found, trials - found);
}

}  // namespace podium::distributions

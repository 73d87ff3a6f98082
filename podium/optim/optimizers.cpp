#include "podium/optim/optimizers.h"

#include <algorithm>
#include <ostream>

#include "podium/base/named_enum.h"
#include "podium/base/nearest.h"
#include "podium/optim/optim.h"

namespace podium::optim {
namespace {

std::string_view name_of(Like like) { return find_name(like).value(); }

Mask decay_mask(const OptimizerOptions& options) { return options.decay_vectors ? Mask() : Mask(is_matrix); }

/// Takes a number that the config gives.
template <class T>
void take(T& field, const std::optional<double>& given) {
    if (given) field = *given;
}

/// Returns a method's own options with those of the config that it has.
template <class T>
T taken(const OptimizerOptions& options, T own = T()) {
    if constexpr (requires { own.beta1; }) take(own.beta1, options.beta1);
    if constexpr (requires { own.beta2; }) take(own.beta2, options.beta2);
    if constexpr (requires { own.beta3; }) take(own.beta3, options.beta3);
    if constexpr (requires { own.decay; }) take(own.decay, options.decay);
    if constexpr (requires { own.epsilon; }) take(own.epsilon, options.epsilon);
    if constexpr (requires { own.weight_decay; }) take(own.weight_decay, options.weight_decay);
    if constexpr (requires { own.mask; }) own.mask = decay_mask(options);
    if constexpr (requires { own.momentum; }) take(own.momentum, options.momentum);
    if constexpr (requires { own.nesterov; }) own.nesterov = options.nesterov.value_or(own.nesterov);
    take_own_options(own, options.name, options.options);
    return own;
}

template <class T, GradientTransform (*MAKE)(const Schedule&, const T&)>
GradientTransform made(const Schedule& learning_rate, const OptimizerOptions& options) {
    return MAKE(learning_rate, taken<T>(options));
}

/// Returns the method as torch, TensorFlow (Keras) or ONNX have it. TensorFlow's momentum is of steps, behind the
/// learning rate, and its weights decay beside the method; elsewhere momentum is of scaled gradients, and weights decay
/// through the gradients.
GradientTransform made_elsewhere(const Schedule& learning_rate, const OptimizerOptions& options,
                                 const std::vector<GradientTransform>& method, double momentum = 0.0) {
    const bool is_tensorflow = options.like == Like::TENSORFLOW;
    const double decay = options.weight_decay.value_or(0.0);
    std::vector<GradientTransform> parts;
    if (decay != 0.0 && !is_tensorflow) parts.push_back(add_decayed_weights(decay, decay_mask(options)));
    parts.insert(parts.end(), method.begin(), method.end());
    parts.push_back(scale_by_learning_rate(learning_rate));
    if (momentum != 0.0)
        parts.insert(parts.end() - (is_tensorflow ? 0 : 1), trace(momentum, options.nesterov.value_or(false)));
    if (decay != 0.0 && is_tensorflow)
        parts.push_back(add_decayed_weights(learning_rate.times(-decay), decay_mask(options)));
    return named(options.name, chain(std::move(parts)));
}

/// Source: torch.optim.SGD; keras.optimizers.SGD; ONNX, ai.onnx.preview.training.Momentum.
GradientTransform made_sgd(const Schedule& learning_rate, const OptimizerOptions& options) {
    const auto own = taken<SgdOptions>(options);
    if (options.like == Like::OPTAX) return sgd(learning_rate, own);
    return made_elsewhere(learning_rate, options, {}, options.momentum.value_or(0.0));
}

/// Source: torch.optim.Adam; keras.optimizers.Adam; ONNX, ai.onnx.preview.training.Adam.
AdamOptions adam_options(const OptimizerOptions& options) {
    const bool uncorrected = options.like == Like::TENSORFLOW || options.like == Like::ONNX;
    const double epsilon = options.like == Like::TENSORFLOW ? 1e-7 : options.like == Like::ONNX ? 1e-6 : 1e-8;
    return taken(options, AdamOptions{.epsilon = epsilon, .corrects_epsilon = uncorrected});
}

GradientTransform made_adam(const Schedule& learning_rate, const OptimizerOptions& options) {
    if (options.like == Like::OPTAX) return adam(learning_rate, taken<AdamOptions>(options));
    return made_elsewhere(learning_rate, options, {scale_by_adam(adam_options(options))});
}

/// Source: torch.optim.AdamW; keras.optimizers.AdamW.
GradientTransform made_adamw(const Schedule& learning_rate, const OptimizerOptions& options) {
    if (options.like == Like::OPTAX) return adamw(learning_rate, taken<AdamwOptions>(options));
    const double decay = options.weight_decay.value_or(options.like == Like::TORCH ? 1e-2 : 4e-3);
    return named("adamw", chain(scale_by_adam(adam_options(options)), add_decayed_weights(decay, decay_mask(options)),
                                scale_by_learning_rate(learning_rate)));
}

/// Source: torch.optim.RMSprop; keras.optimizers.RMSprop.
GradientTransform made_rmsprop(const Schedule& learning_rate, const OptimizerOptions& options) {
    if (options.like == Like::OPTAX) return rmsprop(learning_rate, taken<RmspropOptions>(options));
    const bool is_torch = options.like == Like::TORCH;
    const auto own = taken(
        options, RmspropOptions{
                     .decay = is_torch ? 0.99 : 0.9, .epsilon = is_torch ? 1e-8 : 1e-7, .epsilon_in_root = !is_torch});
    return made_elsewhere(learning_rate, options, {scale_by_rms(own)}, own.momentum);
}

/// Source: torch.optim.Adagrad; keras.optimizers.Adagrad; ONNX, ai.onnx.preview.training.Adagrad.
GradientTransform made_adagrad(const Schedule& learning_rate, const OptimizerOptions& options) {
    if (options.like == Like::OPTAX) return adagrad(learning_rate, taken<AdagradOptions>(options));
    AdagradOptions own;  // Keras's are optax's
    if (options.like == Like::TORCH) own = {.initial_accumulator = 0.0, .epsilon = 1e-10, .epsilon_in_root = false};
    if (options.like == Like::ONNX) own = {.initial_accumulator = 0.0, .epsilon = 1e-6, .epsilon_in_root = false};
    return made_elsewhere(learning_rate, options, {scale_by_rss(taken(options, own))});
}

constexpr std::array EVERYWHERE{Like::OPTAX, Like::TORCH, Like::TENSORFLOW, Like::ONNX};
constexpr std::array NOT_ONNX{Like::OPTAX, Like::TORCH, Like::TENSORFLOW};

constexpr std::array ROWS{
    OptimizerRow{"sgd", "Sutskever et al. 2013; optax, sgd", made_sgd, LossNeed::NOTHING, EVERYWHERE},
    OptimizerRow{"adam", "Kingma and Ba 2015, arXiv:1412.6980; optax, adam", made_adam, LossNeed::NOTHING, EVERYWHERE},
    OptimizerRow{"adamw", "Loshchilov and Hutter 2019, arXiv:1711.05101; optax, adamw", made_adamw, LossNeed::NOTHING,
                 NOT_ONNX},
    OptimizerRow{"acprop", "Zhuang et al. 2021, arXiv:2110.05454; optax, contrib.acprop", made<AcpropOptions, acprop>},
    OptimizerRow{"adabelief", "Zhuang et al. 2020, arXiv:2010.07468; optax, adabelief",
                 made<AdabeliefOptions, adabelief>},
    OptimizerRow{"adabound", "Luo et al. 2019, arXiv:1902.09843, algorithm 2", made<AdaboundOptions, adabound>},
    OptimizerRow{"adadelta", "Zeiler 2012, arXiv:1212.5701; optax, adadelta", made<AdadeltaOptions, adadelta>},
    OptimizerRow{"adafactor", "Shazeer and Stern 2018, arXiv:1804.04235; optax, adafactor",
                 made<AdafactorOptions, adafactor>},
    OptimizerRow{"adagrad", "Duchi, Hazan and Singer 2011; optax, adagrad", made_adagrad, LossNeed::NOTHING,
                 EVERYWHERE},
    OptimizerRow{"adamax", "Kingma and Ba 2015, arXiv:1412.6980, section 7.1; optax, adamaxw",
                 made<AdamaxOptions, adamax>},
    OptimizerRow{"ademamix", "Pagliardini, Ablin and Grangier 2024, arXiv:2409.03137; optax, contrib.ademamix",
                 made<AdemamixOptions, ademamix>},
    OptimizerRow{"adopt", "Taniguchi et al. 2024, arXiv:2411.02853; optax, contrib.adopt", made<AdoptOptions, adopt>},
    OptimizerRow{"adan", "Xie et al. 2022, arXiv:2208.06677; optax, adan", made<AdanOptions, adan>},
    OptimizerRow{"amsgrad", "Reddi, Kale and Kumar 2018; optax, amsgrad", made<AmsgradOptions, amsgrad>},
    OptimizerRow{"asgd", "Polyak and Juditsky 1992; torch.optim.ASGD", made<AsgdOptions, asgd>},
    OptimizerRow{"cocob", "Orabona and Tommasi 2017, arXiv:1705.07795; optax, contrib.cocob",
                 made<CocobOptions, cocob>},
    OptimizerRow{"dadapt_adamw", "Defazio and Mishchenko 2023, arXiv:2301.07733; optax, contrib.dadapt_adamw",
                 made<DadaptAdamwOptions, dadapt_adamw>},
    OptimizerRow{"dog", "Ivgi, Hinder and Carmon 2023, arXiv:2302.12022; optax, contrib.dog", made<DogOptions, dog>},
    OptimizerRow{"dowg", "Khaled, Mishchenko and Jin 2023, arXiv:2305.16284; optax, contrib.dowg",
                 made<DowgOptions, dowg>},
    OptimizerRow{"fromage", "Bernstein et al. 2020, arXiv:2002.03432; optax, fromage", made<FromageOptions, fromage>},
    OptimizerRow{"lamb", "You et al. 2020, arXiv:1904.00962; optax, lamb", made<LambOptions, lamb>},
    OptimizerRow{"lars", "You, Gitman and Ginsburg 2017, arXiv:1708.03888; optax, lars", made<LarsOptions, lars>},
    OptimizerRow{"lion", "Chen et al. 2023, arXiv:2302.06675; optax, lion", made<LionOptions, lion>},
    OptimizerRow{"madgrad", "Defazio and Jelassi 2021, arXiv:2101.11075; optax, contrib.madgrad",
                 made<MadgradOptions, madgrad>},
    OptimizerRow{"momo", "Schaipp et al. 2023, arXiv:2305.07583; optax, contrib.momo", made<MomoOptions, momo>,
                 LossNeed::VALUE},
    OptimizerRow{"momo_adam", "Schaipp et al. 2023, arXiv:2305.07583, algorithm 2; optax, contrib.momo_adam",
                 made<MomoAdamOptions, momo_adam>, LossNeed::VALUE},
    OptimizerRow{"muon", "Jordan et al. 2024; Liu et al. 2025, arXiv:2502.16982; optax, contrib.muon",
                 made<MuonOptions, muon>},
    OptimizerRow{"nadam", "Dozat 2016; optax, nadamw", made<NadamOptions, nadam>},
    OptimizerRow{"noisy_sgd", "Neelakantan et al. 2015, arXiv:1511.06807; optax, noisy_sgd",
                 made<NoisySgdOptions, noisy_sgd>},
    OptimizerRow{"novograd", "Ginsburg et al. 2019, arXiv:1905.11286; optax, novograd",
                 made<NovogradOptions, novograd>},
    OptimizerRow{"optimistic_adam", "Daskalakis et al. 2018, arXiv:1711.00141; optax, optimistic_adam_v2",
                 made<OptimisticAdamOptions, optimistic_adam>},
    OptimizerRow{"optimistic_gradient_descent",
                 "Mokhtari et al. 2019, arXiv:1901.08511; optax, optimistic_gradient_descent",
                 made<OptimisticOptions, optimistic_gradient_descent>},
    OptimizerRow{"polyak_sgd", "Loizou et al. 2021, arXiv:2002.10542; optax, polyak_sgd",
                 made<PolyakOptions, polyak_sgd>, LossNeed::VALUE},
    OptimizerRow{"prodigy", "Mishchenko and Defazio 2023, arXiv:2306.06101; optax, contrib.prodigy",
                 made<ProdigyOptions, prodigy>},
    OptimizerRow{"radam", "Liu et al. 2020, arXiv:1908.03265; optax, radam", made<RadamOptions, radam>},
    OptimizerRow{"rmsprop", "Tieleman and Hinton 2012; optax, rmsprop", made_rmsprop, LossNeed::NOTHING, NOT_ONNX},
    OptimizerRow{"rprop", "Riedmiller and Braun 1993; optax, rprop", made<RpropOptions, rprop>},
    OptimizerRow{"sam", "Foret et al. 2021, arXiv:2010.01412; optax, contrib.sam", made<SamOptions, sam>,
                 LossNeed::FUNCTION},
    OptimizerRow{"schedule_free_adamw", "Defazio et al. 2024, arXiv:2405.15682; optax, contrib.schedule_free_adamw",
                 made<ScheduleFreeAdamwOptions, schedule_free_adamw>},
    OptimizerRow{"schedule_free_sgd", "Defazio et al. 2024, arXiv:2405.15682; optax, contrib.schedule_free_sgd",
                 made<ScheduleFreeSgdOptions, schedule_free_sgd>},
    OptimizerRow{"sign_sgd", "Bernstein et al. 2018, arXiv:1802.04434; optax, sign_sgd",
                 [](const Schedule& learning_rate, const OptimizerOptions& options) {
                     expect_own_options("sign_sgd", {}, options.options);
                     return sign_sgd(learning_rate);
                 }},
    OptimizerRow{"simplified_ademamix", "Morwani et al. 2025, arXiv:2502.02431; optax, contrib.simplified_ademamix",
                 made<SimplifiedAdemamixOptions, simplified_ademamix>},
    OptimizerRow{"signum", "Bernstein et al. 2018, arXiv:1802.04434, algorithm 2; optax, signum",
                 made<SignumOptions, signum>},
    OptimizerRow{"sm3", "Anil et al. 2019, arXiv:1901.11150; optax, sm3", made<Sm3Options, sm3>},
    OptimizerRow{"sophia", "Liu et al. 2023, arXiv:2305.14342; optax, contrib.sophia", made<SophiaOptions, sophia>,
                 LossNeed::FUNCTION},
    OptimizerRow{"yogi", "Zaheer et al. 2018; optax, yogi", made<YogiOptions, yogi>},
    OptimizerRow{"galore", "Zhao et al. 2024, arXiv:2403.03507; optax, contrib.galore", made<GaloreOptions, galore>},
    OptimizerRow{"lbfgs", "Liu and Nocedal 1989; optax, lbfgs with scale_by_zoom_linesearch", made<LbfgsOptions, lbfgs>,
                 LossNeed::FUNCTION},
    OptimizerRow{"newton_cg", "Nocedal and Wright 2006, algorithm 7.1; Martens 2010", made<NewtonCgOptions, newton_cg>,
                 LossNeed::FUNCTION},
    OptimizerRow{"shampoo", "Gupta, Koren and Singer 2018, arXiv:1802.09568; Shi et al. 2023, arXiv:2309.06497",
                 made<ShampooOptions, shampoo>},
    OptimizerRow{"soap", "Vyas et al. 2024, arXiv:2409.11321", made<SoapOptions, soap>},
    OptimizerRow{"adam_mini", "Zhang et al. 2024, arXiv:2406.16793", made<AdamMiniOptions, adam_mini>},
    OptimizerRow{"sparse_adam", "torch.optim.SparseAdam", made<SparseAdamOptions, sparse_adam>},
    OptimizerRow{"muonclip", "Kimi Team 2025, arXiv:2507.20534", made<MuonclipOptions, muonclip>},
    OptimizerRow{"ranger", "Wright 2019; optax, lookahead of radam", made<RangerOptions, ranger>},
    OptimizerRow{"fedprox", "Li et al. 2020, arXiv:1812.06127", made<FedproxOptions, fedprox>},
    OptimizerRow{"reptile", "Nichol, Achiam and Schulman 2018, arXiv:1803.02999", made<ReptileOptions, reptile>},
    OptimizerRow{"onebit_adam", "Tang et al. 2021, arXiv:2102.02888; DeepSpeed, OnebitAdam",
                 made<OnebitAdamOptions, onebit_adam>},
    OptimizerRow{"kfac", "Martens and Grosse 2015, arXiv:1503.05671", made<KfacOptions, kfac>, LossNeed::FUNCTION},
    OptimizerRow{"metasgd", "Li et al. 2017, arXiv:1707.09835", made<MetasgdOptions, metasgd>, LossNeed::FUNCTION},
};

}  // namespace

std::ostream& operator<<(std::ostream& out, const OptimizerRow& row) { return out << row.name; }

std::span<const OptimizerRow> optimizers() { return ROWS; }

std::vector<std::string_view> like_names(const OptimizerRow& row) {
    std::vector<std::string_view> names;
    for (const auto like : row.likes) names.push_back(name_of(like));
    return names;
}

StateSize state_size(const OptimizerRow& row, StateType type) {
    constexpr std::int64_t SIDE = 1024;
    return state_size(row, type, TreeBuilder<Shape>().add("w", Shape(DataType::FLOAT32, {SIDE, SIDE})).build());
}

StateSize state_size(const OptimizerRow& row, StateType type, const BasicTree<Shape>& parameters) {
    const TraceScope scope;
    const Tree traced = parameters.map([&](const Shape& shape) { return scope.parameter(shape); });
    const auto optimizer = stored_in(type, make({.name = std::string(row.name)}));
    const Tree state = optimizer.init(traced);
    StateSize size;
    for (const auto& leaf : state.leaves()) {
        if (leaf.shape().count() > 2) ++size.slots;  // neither a number nor a key
        size.bytes += static_cast<double>(leaf.shape().size_bytes());
    }
    double count = 0.0;
    for (const auto& shape : parameters.leaves()) count += static_cast<double>(shape.count());
    size.bytes_per_parameter = size.bytes / count;
    return size;
}

const OptimizerRow& find_optimizer(std::string_view name) {
    std::vector<std::string> names;
    for (const auto& row : ROWS) {
        if (row.name == name) return row;
        names.emplace_back(row.name);
    }
    const auto near = nearest(name, names);
    fail(Code::NOT_FOUND, "optimizer: there is no \"{}\"; there are {}{}", name, fmt::join(names, ", "),
         near.empty() ? std::string{} : fmt::format("; did you mean \"{}\"?", near));
}

namespace {

/// Returns the method, which must have the form asked for.
const OptimizerRow& row_for(std::string_view name, Like like) {
    const auto& row = find_optimizer(name);
    if (std::find(row.likes.begin(), row.likes.end(), like) == row.likes.end())
        fail(Code::INVALID_ARGUMENT, "optimizer: {} has one form only, and none that is like {}; leave out `like`",
             row.name, name_of(like));
    return row;
}

void expect_bound(const char* name, double value) {
    if (value < 0.0)
        fail(Code::INVALID_ARGUMENT, "optimizer: {} is {}; it must be above 0, or 0 for no clipping", name, value);
}

/// Returns the method, or several where parameters are split among them.
GradientTransform method(const OptimizerOptions& options) {
    const Schedule learning_rate = make_schedule(options);
    GradientTransform main = row_for(options.name, options.like).make(learning_rate, options);
    if (options.partition.empty()) return main;
    OptimizerOptions others = options;
    others.options.clear();  // they are the main method's
    std::vector<Part> parts;
    parts.reserve(options.partition.size() + 1);
    for (const auto& [pattern, name] : options.partition)
        parts.push_back({fmt::format("part_{}", parts.size() + 1), matching({pattern}),
                         row_for(name, options.like).make(learning_rate, others)});
    parts.push_back({"rest", {}, std::move(main)});
    return partition(parts);
}

/// Returns what makes one update of a gradient, in order.
std::vector<GradientTransform> links(const OptimizerOptions& options) {
    expect_bound("clip_global_norm", options.clip_global_norm);
    expect_bound("clip_elements", options.clip_elements);
    expect_bound("clip_adaptive", options.clip_adaptive);
    std::vector<GradientTransform> parts;
    if (options.centralize) parts.push_back(centralize());
    if (options.clip_elements > 0.0) parts.push_back(clip(options.clip_elements));
    if (options.clip_adaptive > 0.0) parts.push_back(adaptive_grad_clip(options.clip_adaptive));
    if (options.clip_global_norm > 0.0) parts.push_back(clip_by_global_norm(options.clip_global_norm));
    parts.push_back(method(options));
    if (!options.rate_factors.empty()) parts.push_back(scale_matching(options.rate_factors));
    return parts;
}

/// Returns the method with its moments as the config wants them; the method must have some.
GradientTransform with_state_type(StateType type, const GradientTransform& inner) {
    if (type == StateType::PARAMETER) return inner;
    GradientTransform stored = stored_in(type, inner);
    stored.init = [inner, init = std::move(stored.init)](const Tree& parameters) {
        if (!parameters.empty() && !has_moments(inner.init(parameters), parameters))
            fail(Code::INVALID_ARGUMENT,
                 "optimizer.state_type: {} keeps no moving means of gradients that could be rounded; leave it out",
                 inner.name);
        return init(parameters);
    };
    return stored;
}

/// Returns the transform that refuses patterns which no parameter's path matches.
GradientTransform with_known_patterns(const OptimizerOptions& options, GradientTransform transform) {
    std::vector<std::pair<const char*, std::string>> patterns;
    patterns.reserve(options.freeze.size() + options.only.size() + options.partition.size() +
                     options.rate_factors.size());
    for (const auto& pattern : options.freeze) patterns.emplace_back("freeze", pattern);
    for (const auto& pattern : options.only) patterns.emplace_back("only", pattern);
    for (const auto& [pattern, name] : options.partition) patterns.emplace_back("partition", pattern);
    for (const auto& [pattern, factor] : options.rate_factors) patterns.emplace_back("rate_factors", pattern);
    if (patterns.empty()) return transform;
    transform.init = [patterns = std::move(patterns), inner = std::move(transform.init)](const Tree& parameters) {
        const auto& paths = parameters.paths()->names();
        for (const auto& [key, pattern] : patterns)
            if (std::ranges::none_of(paths, [&](const std::string& path) { return matches(pattern, path); }))
                fail(Code::INVALID_ARGUMENT, "optimizer.{}: no parameter matches \"{}\"; there are {}", key, pattern,
                     fmt::join(paths, ", "));
        return inner(parameters);
    };
    return transform;
}

}  // namespace

GradientTransform make(const OptimizerOptions& options) {
    GradientTransform optimizer = with_state_type(options.state_type, named(options.name, chain(links(options))));
    if (options.mechanize) optimizer = mechanize(optimizer);
    if (options.lookahead != 0)
        optimizer = lookahead(optimizer, {.every = options.lookahead, .step = options.lookahead_step});
    if (options.accumulate != 1) optimizer = multi_steps(std::move(optimizer), options.accumulate);
    if (!options.freeze.empty()) optimizer = selective_transform(optimizer, matching(options.freeze));
    if (!options.only.empty()) {
        const auto stays = [trained = matching(options.only)](std::string_view path, const Shape& shape) {
            return !trained(path, shape);
        };
        optimizer = selective_transform(optimizer, stays);
    }
    return with_known_patterns(options, std::move(optimizer));
}

}  // namespace podium::optim

#include <gtest/gtest.h>

#include <cmath>

#include "podium/arrays/safetensors.h"
#include "podium/optim/optax_cases.h"
#include "podium/runtime/interp/interp_backend.h"
#include "podium/runtime/pjrt/testing.h"
#include "tests/support/python.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tree_program.h"

namespace podium::optim {
namespace {

using test::HostTree;
using test::relative_difference;
using test::TreeProgram;

constexpr int STEPS = 100;

/// Runs each of optax's optimizers for 100 steps of random gradients and losses and writes one file a case:
/// "gradients.PATH", "updates.PATH" and "loss.value" stacked by step, and "STEP.parameters.PATH" and "STEP.state.PATH"
/// before the steps asked for.
constexpr auto SCRIPT = R"(
import sys, jax, numpy as np
folder, f, kept, cases = sys.argv[1], sys.argv[2], [int(s) for s in sys.argv[3].split(',')], sys.argv[4:]
jax.config.update('jax_enable_x64', f == 'float64')
import jax.numpy as jnp, optax
from optax import contrib
from safetensors.numpy import save_file

def matrices(tree):
    return {k: v.ndim - k.count('*') >= 2 for k, v in tree.items()}

def exact(schedule):
    def make(*arguments):
        function = schedule(*arguments)
        return lambda count: function(count.astype(f) if f == 'float64' else count)
    return make

linear, cosine = exact(optax.linear_schedule), exact(optax.cosine_decay_schedule)
warmup_cosine = exact(optax.warmup_cosine_decay_schedule)

# optax's states by class: what podium calls that part of a chain, and those of its fields that are called otherwise.
STATES = {
    'ScaleByAdamState': 'scale_by_adam', 'TraceState': 'trace', 'ScaleByRssState': 'scale_by_rss',
    'ScaleByRmsState': 'scale_by_rms', 'ScaleByRStdDevState': 'scale_by_stddev',
    'ScaleByAdaDeltaState': 'scale_by_adadelta', 'ScaleByAmsgradState': 'scale_by_amsgrad',
    'ScaleByBeliefState': 'scale_by_belief', 'ScaleByLionState': 'scale_by_lion', 'ScaleByAdanState': 'scale_by_adan',
    'ScaleByScheduleState': 'scale_by_schedule', 'WeightDecaySchedule': 'add_decayed_weights', 'MultiStepsState': '',
    'FactoredState': 'scale_by_factored_rms', 'EmaState': 'moving_average', 'AddNoiseState': 'add_noise',
    'ScaleByNovogradState': 'scale_by_novograd', 'ScaleByOptimisticGradientState': 'scale_by_optimistic_gradient',
    'ScaleByRpropState': 'scale_by_rprop', 'ScaleBySM3State': 'scale_by_sm3', 'EmptyState': '', 'MaskedState': '',
    'MaskedNode': '', 'PartitionState': '', 'MuonState': 'scale_by_muon', 'MadgradState': 'scale_by_madgrad',
    'ScaleByAdemamixState': 'scale_by_ademamix', 'COCOBState': 'scale_by_cocob', 'DAdaptAdamWState': '',
    'DoGState': 'scale_by_dog', 'DoWGState': 'scale_by_dowg', 'MomoState': '', 'MomoAdamState': '', 'SAMState': '',
    'ProdigyState': '', 'ScheduleFreeState': '', 'ScaleByRmsWithCountState': 'scale_by_rms',
    'ScaleBySimplifiedAdEMAMixState': 'scale_by_simplified_ademamix', 'SophiaState': 'scale_by_sophia', 'HutchinsonState': '',
    'GaLoreState': 'scale_by_galore',
}
FIELDS = {
    'mu': 'first_moment', 'nu': 'second_moment', 'trace': 'momentum', 'e_g': 'squared_gradient',
    'e_x': 'squared_update', 'nu_max': 'greatest', 'm': 'first_moment', 'v': 'change', 'n': 'second_moment',
    'g': 'gradient', 't': 'count', 'inner_opt_state': 'inner', 'acc_grads': 'accumulated', 'skip_state': None,
    'inner_state': '', 'v_row': 'rows', 'v_col': 'columns', 'FactoredState.v': 'second_moment', 'ema': 'first_moment',
    'EmaState.count': None, 'ScaleByLionState.count': None, 'rng_key': 'key', 'is_initial_step': 'is_first', 'previous_gradient': 'gradient',
    'step_sizes': 'step_size', 'prev_updates': 'step', 'ScaleBySM3State.mu': 'sums',
    'ScaleBySM3State.nu': 'first_moment', 'inner_states': '', 'ns_coeffs': None, 'm1': 'first_moment',
    'm2': 'slow_moment', 'count_m2': None, 'init_particles': 'start', 'cumulative_gradients': 'sum',
    'scale': 'greatest', 'subgradients': 'sum_of_magnitudes', 'exp_avg': 'first_moment',
    'exp_avg_sq': 'second_moment', 'grad_sum': 'sum', 'estim_lr': 'distance', 'numerator_weighted': 'numerator',
    'init_params': 'start', 'params0': 'start', 'max_dist': 'distance', 'sum_sq_norm_grads': 'sum',
    'is_init_step': None, 'weighted_sq_norm_grads': 'sum', 'estim_sq_dist': 'distance',
    'grad_sum_sq': 'sum_of_squares', 's': 'sum', 'x0': 'start', 'barf': 'mean_loss', 'gamma': 'mean_product',
    'lb': 'lower_bound', 'steps_since_sync': None, 'opt_state': '', 'adv_state': None, 'cache': None, 'b1': None,
    'step_count': 'count', 'max_lr': 'greatest_rate', 'base_optimizer_state': 'base', 'z': 'target',
    'SophiaState.nu': 'curvature', 'hessian_fn_state': '', 'GaLoreState.base_optimizer_state': 'base',
}
# Parts that podium names by their method, and parameters that a method of optax refuses.
PARTS = {'adamax': 'scale_by_adamax', 'adamaxw': 'scale_by_adamax', 'radam': 'scale_by_radam', 'yogi': 'scale_by_yogi',
         'adopt': 'scale_by_adopt', 'adopt_nesterov': 'scale_by_adopt', 'acprop': 'scale_by_acprop',
         'galore': ''}
REFUSED = {'sm3': ('temperature', 'empty')}

def join(*names):
    return '.'.join(name for name in names if name)

def flat(state, prefix=''):
    kind = type(state).__name__
    if hasattr(state, '_fields') and kind in STATES:
        part = PARTS.get(name, STATES[kind]) if kind in ('ScaleByAdamState', 'ScaleByBeliefState') else STATES[kind]
        prefix = prefix if part and prefix.startswith(part) else join(prefix, part)
        fields = {k: FIELDS.get(f'{kind}.{k}', FIELDS.get(k, k)) for k in state._fields}
        return {k: v for field, ours in fields.items() if ours is not None
                for k, v in flat(getattr(state, field), join(prefix, ours)).items()}
    if isinstance(state, dict):
        return {k: v for key, each in state.items() for k, v in flat(each, join(prefix, key)).items()}
    if isinstance(state, list):
        return {k: v for i, each in enumerate(state) for k, v in flat(each, join(prefix, str(i))).items()}
    if isinstance(state, tuple):
        if hasattr(state, '_fields'):
            raise TypeError(f'{kind} has no row in STATES')
        return {k: v for each in state for k, v in flat(each, prefix).items()}
    is_key = jax.dtypes.issubdtype(state.dtype, jax.dtypes.prng_key)
    return {prefix: jax.random.key_data(state) if is_key else state}

# Adafactor's decay, MADGRAD's weights and GaLore's singular vectors are computed in f32 even for f64. These vectors'
# signs are LAPACK's: here they are podium's.
class Exact:
    def __getattr__(self, name):
        return getattr(jnp, name)
    def sqrt(self, count):
        return jnp.sqrt(count.astype(f))

class Signed:
    float32 = f
    def __getattr__(self, name):
        return getattr(jnp, name)
    @property
    def linalg(self):
        return self
    def svd(self, x, full_matrices):
        u, s, vh = jnp.linalg.svd(x, full_matrices=full_matrices)
        return u * jnp.where(u.sum(0) < 0, -1, 1), s, vh * jnp.where(vh.sum(1) < 0, -1, 1)[:, None]

sys.modules['optax.contrib._galore'].jnp = Signed()

sys.modules['optax.contrib._madgrad'].jnp = Exact()
defaults = optax._src.factorized.scale_by_factored_rms.__defaults__
optax._src.factorized.scale_by_factored_rms.__defaults__ = (
    *defaults[:-1], lambda count, exponent: 1.0 - (count.astype(f) + 1) ** -exponent)

random = np.random.default_rng(7)
shapes = {'h.0.attn.weight': (3, 4), 'h.0.attn.bias': (4,), 'h.*.norm.scale': (2, 5), 'temperature': (),
          'kernel.weight': (2, 3, 2), 'empty': (0, 3), 'h.*.mlp.weight': (2, 4, 3)}
MUON = {k: contrib.MuonDimensionNumbers(len(s) - 2, len(s) - 1)
        if len(s) - k.count('*') == 2 and np.prod(s) else None for k, s in shapes.items()}
GALORE = {k: contrib.GaLoreDimensionNumbers() if k == 'h.0.attn.weight' else None for k in shapes}
initial = {k: random.standard_normal(s).astype(f) for k, s in shapes.items()}
gradients = {k: (random.standard_normal((100, *s)) * np.logspace(-2, 0, 100).reshape(-1, *[1] * len(s))).astype(f)
             for k, s in shapes.items()}
losses = random.uniform(0.5, 2.0, 100).astype(f)

def objective(parameters):
    return 0.5 * sum(jnp.sum(jnp.sin(v) + 2.0) for v in parameters.values()) ** 2

for case in cases:
    name, expression = case.split('=', 1)
    optimizer = eval(expression)
    if isinstance(optimizer, optax.MultiSteps):
        optimizer = optax.GradientTransformationExtraArgs(optimizer.init, optimizer.update)
    optimizer = optax.with_extra_args_support(optimizer)
    def extra(loss):
        if name == 'sam':
            return dict(grad_fn=lambda p, _: jax.grad(objective)(p))
        return dict(value=loss, obj_fn=objective)
    update = jax.jit(lambda g, state, p, loss: optimizer.update(g, state, p, **extra(loss)))
    parameters, out, updates = {k: v for k, v in initial.items() if k not in REFUSED.get(name, ())}, {}, []
    state = optimizer.init(parameters)
    for step in range(100):
        if step in kept:
            out |= {f'{step}.parameters.{k}': v for k, v in parameters.items()}
            out |= {f'{step}.state.{k}': v for k, v in flat(state).items()}
        changed, state = update({k: gradients[k][step] for k in parameters}, state, parameters, losses[step])
        parameters = optax.apply_updates(parameters, changed)
        updates.append(changed)
    out |= {f'100.parameters.{k}': v for k, v in parameters.items()}
    out |= {f'100.state.{k}': v for k, v in flat(state).items()}
    out |= {f'updates.{k}': np.stack([u[k] for u in updates]) for k in parameters}
    out |= {f'gradients.{k}': gradients[k] for k in parameters}
    out['loss.value'] = losses
    save_file({k: np.asarray(v) for k, v in out.items()}, f'{folder}/{name}')
)";

/// Returns slice `i` of each leaf.
HostTree at_step(const HostTree& stacked, int i) {
    return stacked.map([i](const HostArray& all) {
        Shape shape(all.type(), Dims(all.shape().dims.begin() + 1, all.shape().dims.end()));
        const auto offset = static_cast<std::size_t>(i) * shape.size_bytes();
        return HostArray(std::move(shape), all.data() + offset, all.owner());
    });
}

/// Differences are relative to the largest element of `scale`'s leaf.
void expect_near(const HostTree& found, const HostTree& expected, double tolerance, const HostTree& scale) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        const HostArray &leaf = found.leaves()[i], &other = expected[found.path(i)], &sizes = scale[found.path(i)];
        double largest = 0.0;
        for (std::int64_t j = 0; j < sizes.count(); ++j) largest = std::max(largest, std::abs(sizes.as_double(j)));
        for (std::int64_t j = 0; j < leaf.count(); ++j)
            EXPECT_NEAR(leaf.as_double(j), other.as_double(j), tolerance * largest) << found.path(i);
    }
}

void expect_near(const HostTree& found, const HostTree& expected, double tolerance) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        const HostArray &leaf = found.leaves()[i], &other = expected[found.path(i)];
        ASSERT_EQ(to_string(leaf.shape()), to_string(other.shape())) << found.path(i);
        EXPECT_LE(relative_difference(leaf, other), tolerance) << found.path(i);
    }
}

/// Returns what parameters, updates and state a step leads to.
TreeProgram step_program(Backend& backend, const GradientTransform& transform, const std::vector<HostTree>& examples) {
    return {backend, examples, [&](const std::vector<Tree>& trees) -> std::vector<Tree> {
                const auto [updates, state] = transform.update(
                    trees[0], trees[1], trees[2], {.value = trees[3]["value"], .function = testing::sines_loss});
                return {apply_updates(trees[2], updates), updates, state};
            }};
}

/// Every second case, so that no test runs for long.
struct CaseGroup {
    const char* name;
    std::vector<testing::OptaxCase> (*cases)();
    std::size_t first;

    std::vector<testing::OptaxCase> chosen() const {
        std::vector<testing::OptaxCase> some;
        const auto all = cases();
        for (std::size_t i = first; i < all.size(); i += 2) some.push_back(all[i]);
        return some;
    }
};
std::ostream& operator<<(std::ostream& out, const CaseGroup& group) { return out << group.name; }

class Optax : public ::testing::TestWithParam<CaseGroup> {
protected:
    void run_optax(const char* type, const char* kept_steps) {
        std::vector<std::string> arguments{folder_.path(), type, kept_steps};
        for (const auto& each : cases_) arguments.push_back(fmt::format("{}={}", each.name, each.optax));
        test::run_python(SCRIPT, arguments);
    }
    /// Calls f(backend, case, what optax wrote for it).
    template <class F>
    void for_each_backend_and_case(F f) const {
        const auto interpreter = make_interp_backend();
        for (Backend* const backend : {interpreter.get(), static_cast<Backend*>(&test_backend())})
            for (const auto& each : cases_) {
                SCOPED_TRACE(fmt::format("{} {}", backend->name(), each.name));
                f(*backend, each, read_safetensors(folder_ / each.name));
            }
    }

    const std::vector<testing::OptaxCase> cases_ = GetParam().chosen();
    const test::TemporaryFolder folder_;
};

TEST_P(Optax, OneStepInF32FromOptaxStateIsItsStep) {
    run_optax("float32", "0,1,37,38,39,40,99");
    for_each_backend_and_case([](Backend& backend, const testing::OptaxCase& each, const HostTree& file) {
        const auto arguments_of = [&](int step) {
            const HostTree before = file.subtree(std::to_string(step));
            return std::vector{at_step(file.subtree("gradients"), step), before.subtree("state"),
                               before.subtree("parameters"), at_step(file.subtree("loss"), step)};
        };
        const TreeProgram program = step_program(backend, each.transform, arguments_of(0));
        for (const int step : {0, 37, 38, 39, 99}) {
            SCOPED_TRACE(fmt::format("step {}", step));
            const auto results = program(arguments_of(step));
            const HostTree after = file.subtree(std::to_string(step + 1));
            const HostTree updates = at_step(file.subtree("updates"), step), parameters = after.subtree("parameters");
            expect_near(results[0], parameters, each.f32_tolerance);
            expect_near(results[1], updates, each.f32_tolerance, each.moves_to ? parameters : updates);
            expect_near(results[2], after.subtree("state"), each.f32_tolerance);
        }
    });
}

TEST_P(Optax, AHundredStepsInF64EndWhereOptaxEnds) {
    run_optax("float64", "0");
    for_each_backend_and_case([](Backend& backend, const testing::OptaxCase& each, const HostTree& file) {
        const HostTree gradients = file.subtree("gradients"), updates = file.subtree("updates"),
                       losses = file.subtree("loss");
        HostTree parameters = file.subtree("0.parameters");
        HostTree state = TreeProgram(backend, {parameters}, [&](const std::vector<Tree>& trees) {
            return std::vector<Tree>{each.transform.init(trees[0])};
        })({parameters})[0];
        expect_near(state, file.subtree("0.state"), 0.0);
        const TreeProgram program =
            step_program(backend, each.transform, {at_step(gradients, 0), state, parameters, at_step(losses, 0)});
        for (int step = 0; step < STEPS; ++step) {
            auto results = program({at_step(gradients, step), state, parameters, at_step(losses, step)});
            const HostTree expected = at_step(updates, step);
            expect_near(results[1], expected, 1e-9, each.moves_to ? parameters : expected);
            parameters = std::move(results[0]);
            state = std::move(results[2]);
        }
        expect_near(parameters, file.subtree("100.parameters"), 1e-9);
        expect_near(state, file.subtree("100.state"), 1e-9);
    });
}

INSTANTIATE_TEST_SUITE_P(Cases, Optax,
                         ::testing::Values(CaseGroup{"core_even", testing::core_cases, 0},
                                           CaseGroup{"core_odd", testing::core_cases, 1},
                                           CaseGroup{"contrib_even", testing::contrib_cases, 0},
                                           CaseGroup{"contrib_odd", testing::contrib_cases, 1}),
                         [](const auto& group) { return group.param.name; });

}  // namespace
}  // namespace podium::optim

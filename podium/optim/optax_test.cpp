#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <sstream>

#include "podium/arrays/safetensors.h"
#include "podium/optim/optax_cases.h"
#include "podium/optim/optax_problems.h"
#include "podium/runtime/interp/interp_backend.h"
#include "podium/runtime/pjrt/testing.h"
#include "podium/transform/transform.h"
#include "tests/support/python.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tree_program.h"

namespace podium::optim {
namespace {

using test::HostTree;
using test::TreeProgram;

/// Whether cases are compared for all steps, not for a fifth of them: all cases, or those that PODIUM_OPTAX names.
bool everything() { return std::getenv("PODIUM_OPTAX") != nullptr; }
int steps_made() { return everything() ? 100 : 20; }

/// Returns the names in PODIUM_OPTAX ("momo,momo_bound"); none for "all".
std::vector<std::string> names_asked_for() {
    const char* const given = std::getenv("PODIUM_OPTAX");
    std::vector<std::string> names;
    if (given == nullptr || std::string_view(given) == "all") return names;
    std::istringstream list(given);
    for (std::string name; std::getline(list, name, ',');) names.push_back(name);
    return names;
}

constexpr double PATH_TOLERANCE = 1e-9;

/// Runs each of optax's optimizers for some steps of each problem in each type, and writes one file a case and type:
/// "PROBLEM.NAME.PATH", stacked by step, with names "parameters", "state", "gradients", "updates" and "loss" ("value",
/// "step"). Numbers of bf16 are written in f32.
constexpr auto SCRIPT = R"(
import os, sys
os.environ['XLA_FLAGS'] = '--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true'
import jax, numpy as np
folder, types, steps, cases = sys.argv[1], sys.argv[2].split(','), int(sys.argv[3]), sys.argv[4:]
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
    def __getattr__(self, name):
        return getattr(jnp, name)
    @property
    def float32(self):
        return jnp.promote_types(f, jnp.float32)
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
first = {k: 0.7 * random.standard_normal(s) for k, s in shapes.items()}

def over_leaves(p, of):
    return sum(of(v.reshape(-1), jnp.arange(v.size, dtype=v.dtype)) for v in p.values())

def quadratic(p, t):
    return over_leaves(p, lambda x, i: 0.5 * jnp.sum((0.2 + 0.3 * (i % 4)) * (x - jnp.sin(1.7 * i + 1.0)) ** 2))

def rosenbrock(p, t):
    def valley(x, _):
        if x.size < 2:
            return 0.002 * jnp.sum((1 - x) ** 2)
        return 0.2 * jnp.sum((x[1:] - x[:-1] ** 2) ** 2) + 0.002 * jnp.sum((1 - x[:-1]) ** 2)
    return over_leaves(p, valley)

def perceptron(p, t):
    weight, layers = p['h.0.attn.weight'], p['h.*.mlp.weight']
    inputs = (1.5 * jnp.sin(0.9 * jnp.arange(15, dtype=weight.dtype))).reshape(5, 3)
    targets = jnp.cos(0.7 * jnp.arange(20, dtype=weight.dtype)).reshape(5, 4)
    hidden = jnp.tanh(inputs @ weight + p['h.0.attn.bias'])
    for layer, scale in zip(layers, p['h.*.norm.scale']):
        hidden = hidden * (1 + 0.1 * scale)[:, None] + jnp.tanh(hidden @ layer) @ weight
    out = jnp.tanh(hidden @ layers[1]) @ p['kernel.weight'].transpose(1, 0, 2).reshape(3, 4)
    return jnp.mean((out * p.get('temperature', 1.0) - targets) ** 2)

def sparse(p, t):
    return over_leaves(p, lambda x, i: 0.5 * jnp.sum((i % 4 == t % 4) * (x - jnp.cos(1.3 * i)) ** 2))

PROBLEMS = [quadratic, rosenbrock, perceptron, sparse]
objectives_traced = 0

def paths(name, optimizer):
    if isinstance(optimizer, optax.MultiSteps):
        optimizer = optax.GradientTransformationExtraArgs(optimizer.init, optimizer.update)
    optimizer = optax.with_extra_args_support(optimizer)
    def step(problem, g, state, p, loss, t):
        def objective(q):
            global objectives_traced
            objectives_traced += 1
            return PROBLEMS[problem](q, t)
        def extra():
            if name == 'sam':
                return dict(grad_fn=lambda p, _: jax.grad(objective)(p))
            return dict(value=loss, obj_fn=objective)
        changed, state = optimizer.update(g, state, p, **extra())
        return changed, state, optax.apply_updates(p, changed)
    step = jax.jit(step, static_argnums=0)
    out, traced = {}, objectives_traced
    for number, problem in enumerate(PROBLEMS):
        parameters = {k: jnp.asarray(v, f) for k, v in first.items() if k not in REFUSED.get(name, ())}
        state, rows = optimizer.init(parameters), {}
        def keep(kind, tree):
            for k, v in tree.items():
                rows.setdefault(f'{problem.__name__}.{kind}.{k}', []).append(np.asarray(v))
        for t in range(steps):
            loss, gradients = gradient_of[problem](parameters, t)
            keep('parameters', parameters)
            keep('state', flat(state))
            keep('gradients', gradients)
            keep('loss', dict(value=loss, step=np.int32(t)))
            # A method that takes no gradients of its own has one program for all problems.
            program = number if objectives_traced > traced else 0
            changed, state, parameters = step(program, gradients, state, parameters, loss, t)
            keep('updates', changed)
        keep('parameters', parameters)
        keep('state', flat(state))
        out |= {k: np.stack(v) for k, v in rows.items()}
    return out

for f in types:
    jax.config.update('jax_enable_x64', f == 'float64')
    gradient_of = {problem: jax.jit(jax.value_and_grad(problem)) for problem in PROBLEMS}
    for case in cases:
        name, expression = case.split('=', 1)
        written = paths(name, eval(expression))
        save_file({k: v.astype(np.float32) if v.dtype == jnp.bfloat16 else v for k, v in written.items()},
                  f'{folder}/{name}.{f}')
)";

/// Returns slice `i` of each leaf.
HostTree at_step(const HostTree& stacked, int i) {
    return stacked.map([i](const HostArray& all) {
        Shape shape(all.type(), Dims(all.shape().dims.begin() + 1, all.shape().dims.end()));
        const auto offset = static_cast<std::size_t>(i) * shape.size_bytes();
        return HostArray(std::move(shape), all.data() + offset, all.owner());
    });
}

double largest_of(const HostArray& array) {
    double largest = 0.0;
    for (std::int64_t i = 0; i < array.count(); ++i) largest = std::max(largest, std::abs(array.as_double(i)));
    return largest;
}

/// Differences are relative to the largest element of `scale`'s leaf.
void expect_near(const HostTree& found, const HostTree& expected, double tolerance, const HostTree& scale) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        const HostArray &leaf = found.leaves()[i], &other = expected[found.path(i)];
        ASSERT_EQ(leaf.shape().dims, other.shape().dims) << found.path(i);
        const double allowed = tolerance * largest_of(scale[found.path(i)]);
        double difference = 0.0;
        for (std::int64_t j = 0; j < leaf.count(); ++j) {
            const double distance = std::abs(leaf.as_double(j) - other.as_double(j));
            difference = std::max(difference, std::isfinite(distance) ? distance : HUGE_VAL);
        }
        EXPECT_LE(difference, allowed) << found.path(i);
    }
}

void expect_near(const HostTree& found, const HostTree& expected, double tolerance) {
    expect_near(found, expected, tolerance, expected);
}

bool is_finite(const HostTree& tree) {
    return std::ranges::all_of(tree.leaves(), [](const HostArray& leaf) {
        for (std::int64_t i = 0; i < leaf.count(); ++i)
            if (!std::isfinite(leaf.as_double(i))) return false;
        return true;
    });
}

/// Returns for each leaf the one of two that has the larger element.
HostTree larger(const HostTree& a, const HostTree& b) {
    HostTree result = a;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (const HostArray& other = b[a.path(i)]; largest_of(other) > largest_of(a.leaves()[i]))
            result.leaves()[i] = other;
    return result;
}

/// What a step needs: gradients, state, parameters, and the loss and its step.
using StepArguments = std::vector<HostTree>;

/// What optax did on one problem.
class OptaxPath {
public:
    explicit OptaxPath(const HostTree& file)
        : parameters_(file.subtree("parameters")),
          state_(file.subtree("state")),
          gradients_(file.subtree("gradients")),
          updates_(file.subtree("updates")),
          loss_(file.subtree("loss")) {}

    StepArguments before(int step) const {
        return {at_step(gradients_, step), at_step(state_, step), at_step(parameters_, step), at_step(loss_, step)};
    }
    HostTree parameters(int step) const { return at_step(parameters_, step); }
    HostTree state(int step) const { return at_step(state_, step); }
    HostTree updates(int step) const { return at_step(updates_, step); }

private:
    HostTree parameters_, state_, gradients_, updates_, loss_;
};

/// Returns the leaves in the types of others.
Tree in_types_of(const Tree& tree, const Tree& like) {
    return zipped([](const Tensor& leaf, const Tensor& other) { return convert(leaf, other.type()); }, tree, like);
}

/// A transform's step, from host arrays of any float type, computed with parameters of `type`: what parameters, updates
/// and state it leads to. A transform that calls the loss has a program for each problem.
class Steps {
public:
    Steps(Backend& backend, const GradientTransform& transform, DataType type, const StepArguments& example) {
        for (const auto& problem : testing::PROBLEMS) {
            bool calls = false;
            programs_.emplace_back(backend, example, [&](const std::vector<Tree>& trees) -> std::vector<Tree> {
                const auto typed = [type](const Tensor& leaf) { return convert(leaf, type); };
                const Tree parameters = trees[2].map(typed);
                const Tree before = in_types_of(trees[1], transform.init(parameters));
                const StepLoss loss{.value = typed(trees[3]["value"]), .function = [&](const Tree& at) {
                                        calls = true;
                                        return problem.loss(at, trees[3]["step"]);
                                    }};
                const auto [updates, state] = transform.update(trees[0].map(typed), before, parameters, loss);
                return {apply_updates(parameters, updates), updates, state};
            });
            if (!calls) return;
        }
    }
    std::vector<HostTree> operator()(std::size_t problem, const StepArguments& arguments) const {
        return programs_[std::min(problem, programs_.size() - 1)](arguments);
    }

private:
    std::vector<TreeProgram> programs_;
};

/// Returns a problem's loss and gradients.
TreeProgram gradient_program(Backend& backend, const testing::Problem& problem, const StepArguments& example) {
    return {backend, {example[2], example[3]}, [&](const std::vector<Tree>& trees) -> std::vector<Tree> {
                const auto [loss, gradients] = value_and_grad(
                    [&](const Tree& parameters) { return problem.loss(parameters, trees[1]["step"]); })(trees[0]);
                return {TreeBuilder<Tensor>().add("value", loss).build(), gradients};
            }};
}

OptaxPath path_on(const HostTree& file, std::size_t problem) {
    return OptaxPath(file.subtree(testing::PROBLEMS[problem].name));
}

/// Returns the updates, but for single numbers the parameters: where terms of one number cancel, nothing of a tensor's
/// size is left.
HostTree sizes_of(const HostTree& updates, const HostTree& parameters) {
    HostTree result = updates;
    for (std::size_t i = 0; i < updates.size(); ++i)
        if (updates.leaves()[i].count() == 1) result.leaves()[i] = parameters[updates.path(i)];
    return result;
}

/// Returns how many expectations this test has missed.
int failures() { return ::testing::UnitTest::GetInstance()->current_test_info()->result()->total_part_count(); }

/// Whether the case projects gradients that have fewer directions than it takes: the others are any.
bool has_any_direction(const testing::OptaxCase& each, const testing::Problem& problem) {
    return std::string_view(each.name) == "galore" && std::string_view(problem.name) == "sparse";
}

/// From every second of optax's states one step. The tolerance is of what a tensor was or is; of updates in f32, or, in
/// bf16, which is coarser than they are, of the parameters.
void expect_steps(Backend& backend, const testing::OptaxCase& each, DataType type, double tolerance,
                  const HostTree& file) {
    const Steps steps(backend, each.transform, type, path_on(file, 0).before(0));
    for (std::size_t problem = 0; problem < testing::PROBLEMS.size(); ++problem) {
        if (has_any_direction(each, testing::PROBLEMS[problem])) continue;
        const OptaxPath path = path_on(file, problem);
        const int before_it = failures();
        for (int step = 0; step < steps_made() && failures() == before_it; step += 2) {
            SCOPED_TRACE(fmt::format("{}, step {}", testing::PROBLEMS[problem].name, step));
            const auto before = path.before(step), results = steps(problem, before);
            const HostTree parameters = path.parameters(step + 1), updates = path.updates(step);
            const HostTree state = path.state(step + 1);
            if (!is_finite(parameters)) break;  // optax's path has ended
            const bool is_coarse = type == DataType::BFLOAT16;
            const HostTree size = larger(parameters, before[2]);
            expect_near(results[0], parameters, tolerance, size);
            expect_near(results[1], updates, tolerance,
                        is_coarse || each.updates_cancel ? size : sizes_of(updates, size));
            expect_near(results[2], state, tolerance, larger(state, before[1]));
        }
    }
}

/// From optax's first parameters all steps in f64, with gradients of one's own, which `interpreter` computes.
void expect_paths(Backend& backend, Backend& interpreter, const testing::OptaxCase& each, const HostTree& file) {
    StepArguments example = path_on(file, 0).before(0);
    const HostTree first = TreeProgram(backend, {example[2]}, [&](const std::vector<Tree>& trees) {
        return std::vector<Tree>{each.transform.init(trees[0])};
    })({example[2]})[0];
    expect_near(first, example[1], 0.0);
    example[1] = first;  // optax's has another order
    const Steps steps(backend, each.transform, DataType::FLOAT64, example);
    const bool given = testing::exception_of(each.name).given_gradients;
    for (std::size_t problem = 0; problem < testing::PROBLEMS.size(); ++problem) {
        if (has_any_direction(each, testing::PROBLEMS[problem])) continue;
        const OptaxPath path = path_on(file, problem);
        const int before_it = failures();
        const auto gradient = gradient_program(interpreter, testing::PROBLEMS[problem], example);
        HostTree state = first, parameters = example[2];
        for (int step = 0; step < steps_made() && failures() == before_it; ++step) {
            SCOPED_TRACE(fmt::format("{}, step {}", testing::PROBLEMS[problem].name, step));
            auto arguments = path.before(step);
            if (!given) {
                auto found = gradient({parameters, arguments[3]});
                arguments[0] = std::move(found[1]);
                arguments[3]["value"] = found[0]["value"];
            }
            const HostTree before = parameters, expected = path.parameters(step + 1);
            if (!is_finite(expected)) break;  // optax's path has ended
            auto results = steps(problem, {arguments[0], state, parameters, arguments[3]});
            parameters = std::move(results[0]);
            state = std::move(results[2]);
            expect_near(parameters, expected, PATH_TOLERANCE, larger(expected, before));
        }
        SCOPED_TRACE(testing::PROBLEMS[problem].name);
        if (const HostTree expected = path.state(steps_made()); failures() == before_it && is_finite(expected))
            expect_near(state, expected, PATH_TOLERANCE);
    }
}

/// Cases that share a process of JAX. Every sixth case is part of the suite; PODIUM_OPTAX asks for all, or for some by
/// their names.
struct CaseGroup {
    const char* name;
    std::vector<testing::OptaxCase> (*cases)();

    std::vector<testing::OptaxCase> chosen() const {
        std::vector<testing::OptaxCase> some;
        const auto all = cases();
        const auto names = names_asked_for();
        for (std::size_t i = 0; i < all.size(); i += everything() ? 1 : 6)
            if (names.empty() || std::ranges::find(names, all[i].name) != names.end()) some.push_back(all[i]);
        return some;
    }
};
std::ostream& operator<<(std::ostream& out, const CaseGroup& group) { return out << group.name; }

class Optax : public ::testing::TestWithParam<CaseGroup> {};

// One process of JAX runs all cases in all types: what takes long is the compiling, of JAX's programs and of podium's.
TEST_P(Optax, StepsAndPathsOnFourProblemsAreOptaxs) {
    const auto cases = GetParam().chosen();
    if (cases.empty()) GTEST_SKIP() << "PODIUM_OPTAX names no case of this group";
    const test::TemporaryFolder folder;
    std::vector<std::string> arguments{folder.path(), "float32,float64,bfloat16", std::to_string(steps_made())};
    for (const auto& each : cases) arguments.push_back(fmt::format("{}={}", each.name, each.optax));
    test::run_python(SCRIPT, arguments);
    const auto interpreter = make_interp_backend();
    Backend& plugin = test_backend();
    for (const auto& each : cases) {
        SCOPED_TRACE(each.name);
        const auto file = [&](const char* type) {
            return read_safetensors(folder / fmt::format("{}.{}", each.name, type));
        };
        const HostTree f32 = file("float32"), f64 = file("float64"), bf16 = file("bfloat16");
        const auto in_f32 = [&](Backend& backend) {
            SCOPED_TRACE(fmt::format("f32 on {}", backend.name()));
            expect_steps(backend, each, DataType::FLOAT32, each.f32_tolerance, f32);
        };
        const auto in_f64 = [&](Backend& backend) {
            SCOPED_TRACE(fmt::format("f64 on {}", backend.name()));
            expect_paths(backend, *interpreter, each, f64);
        };
        in_f32(*interpreter);
        in_f32(plugin);
        in_f64(*interpreter);
        if (everything()) in_f64(plugin);
        SCOPED_TRACE("bf16");
        expect_steps(*interpreter, each, DataType::BFLOAT16,
                     testing::exception_of(each.name).bf16_units * std::ldexp(1.0, -7), bf16);
    }
}

INSTANTIATE_TEST_SUITE_P(Cases, Optax,
                         ::testing::Values(CaseGroup{"core", testing::core_cases},
                                           CaseGroup{"contrib", testing::contrib_cases}),
                         [](const auto& group) { return group.param.name; });

}  // namespace
}  // namespace podium::optim

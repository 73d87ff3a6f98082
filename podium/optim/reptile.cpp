#include "podium/optim/reptile.h"

#include "podium/optim/sgd.h"

namespace podium::optim {

GradientTransform reptile(const Schedule& learning_rate, const ReptileOptions& options) {
    return named("reptile", lookahead(sgd(learning_rate), {.every = options.every, .step = options.step}));
}

}  // namespace podium::optim

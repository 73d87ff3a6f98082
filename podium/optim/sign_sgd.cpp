#include "podium/optim/sign_sgd.h"

namespace podium::optim {

GradientTransform scale_by_sign() {
    return per_leaf("scale_by_sign", {}, [](const Leaf& leaf) { return leaf.with(sign(leaf.update)); });
}

/// Source: Bernstein et al. 2018, arXiv:1802.04434; optax, sign_sgd.
GradientTransform sign_sgd(const Schedule& learning_rate) {
    return named("sign_sgd", chain(scale_by_sign(), scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim

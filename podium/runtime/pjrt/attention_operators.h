#pragma once

namespace podium {

/// Makes attention and its gradient operators of the process; oneDNN is there.
void define_attention_operators();

}  // namespace podium

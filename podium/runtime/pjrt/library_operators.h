#pragma once

namespace podium {

/// Makes matrix products, convolutions and attention by oneDNN operators of the process, once, where it is there.
void define_library_operators();

}  // namespace podium

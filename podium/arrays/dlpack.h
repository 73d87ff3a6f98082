#pragma once

#include <cstdint>
#include <memory>

#include "podium/runtime/host_array.h"

struct DLManagedTensor;
struct DLManagedTensorVersioned;

namespace podium {

/// Returns the array that a DLPack tensor in the host's memory describes: its own bytes where they are row-major, a
/// copy where they are not. `owner` keeps the bytes alive. Throws UNIMPLEMENTED for other memory and versions that are
/// not known, DTYPE_MISMATCH for a type that podium does not have, INVALID_DATA for what cannot be. Source:
/// dlpack.h 1.x.
HostArray from_dlpack(const DLManagedTensor& tensor, const std::shared_ptr<const void>& owner);
HostArray from_dlpack(const DLManagedTensorVersioned& tensor, const std::shared_ptr<const void>& owner);
/// The same; takes the tensor over: its deleter is called once, when nobody needs the bytes any more, also where this
/// throws.
HostArray from_dlpack(DLManagedTensorVersioned* tensor);

/// Returns the array's own bytes as a DLPack tensor, marked as read-only where it must not be written; whoever takes it
/// calls its deleter once. Throws DTYPE_MISMATCH for types that DLPack does not have.
DLManagedTensorVersioned* to_dlpack(const HostArray& array, bool read_only);
/// The same before version 1, which knows no marks.
DLManagedTensor* to_old_dlpack(const HostArray& array);
/// Calls the deleter of a tensor that nobody took.
void discard(DLManagedTensorVersioned* tensor);
void discard(DLManagedTensor* tensor);

}  // namespace podium

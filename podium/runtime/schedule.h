#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace podium {

/// A compiled program's instructions in the order in which a device goes over them, and the memory that holds what they
/// make: the compiler's own plan, as far as it tells.
struct Schedule {
    struct Instruction {
        std::string name;
        std::vector<std::size_t> operands;  ///< the instructions whose results it reads
        std::vector<std::size_t> buffers;   ///< where its result lies: one for each array of it
        std::int64_t inner_bytes = 0;       ///< the most that loops and branches inside it need beside these
        bool may_overwrite = false;         ///< makes each element of its operands' ones alone
        bool makes_nothing = false;         ///< names, groups or goes on with what others made
        bool is_loop = false;               ///< changes its operand's buffers in place, again and again
        bool is_elementwise_tuple = false;  ///< array k of the result is made of operand k alone
    };
    struct Buffer {
        std::int64_t bytes = 0;  ///< 0 for what takes none of its own: a constant, a result in an argument's memory
        std::int64_t argument = -1;
    };
    std::vector<Instruction> instructions;
    std::vector<Buffer> buffers;
    std::vector<std::size_t> results;  ///< the buffers of the results, in their order

    bool empty() const { return instructions.empty(); }
};

/// The instructions at which a buffer holds something that is still wanted.
struct LiveRange {
    std::size_t first = 0, last = 0;
    bool is_live = false;  ///< false: never
};
/// Returns a range a buffer: arguments and results have theirs from the first instruction to the last. An instruction
/// that may overwrite takes the memory of an operand of its size that nothing wants any more.
std::vector<LiveRange> live_ranges(const Schedule& schedule);

/// Returns the greatest number of bytes that the program needs at once beside its arguments and results.
std::int64_t temporary_peak_bytes(const Schedule& schedule);

}  // namespace podium

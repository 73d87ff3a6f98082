#include "podium/data/loader.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>

#include "podium/base/expect_error.h"
#include "tests/support/temporary_folder.h"

namespace podium::data {
namespace {

using namespace std::chrono_literals;

Batch batch_of(std::uint64_t cursor) { return {{}, {}, cursor}; }

TEST(Loader, GivesBatchesInOrderFromTheCursor) {
    Loader loader(batch_of, 40, 8);
    for (std::uint64_t i = 0; i < 100; ++i) EXPECT_EQ(loader.next().cursor, 40 + 8 * i);
}

TEST(Loader, MakesNoMoreThanItsDepthAhead) {
    std::atomic<int> made = 0;
    const auto count = [&](std::uint64_t cursor) {
        ++made;
        return batch_of(cursor);
    };
    Loader loader(count, 0, 1, 2);
    while (made < 2) std::this_thread::yield();
    std::this_thread::sleep_for(20ms);
    EXPECT_EQ(made, 2);
    loader.next();
    while (made < 3) std::this_thread::yield();
    std::this_thread::sleep_for(20ms);
    EXPECT_EQ(made, 3);
}

TEST(Loader, EndsWhetherFullOrUnused) {
    for (int i = 0; i < 200; ++i) {
        Loader loader(batch_of, 0, 1);
        if (i % 2 == 0) loader.next();
    }
}

TEST(Loader, AnErrorComesAfterTheBatchesBeforeItAndStays) {
    const auto produce = [](std::uint64_t cursor) {
        if (cursor == 3) fail(Code::INVALID_DATA, "sample 3 is gone");
        return batch_of(cursor);
    };
    Loader loader(produce, 0, 1);
    for (std::uint64_t i = 0; i < 3; ++i) EXPECT_EQ(loader.next().cursor, i);
    for (int i = 0; i < 2; ++i) expect_error(Code::INVALID_DATA, "sample 3 is gone", [&] { loader.next(); });
}

TEST(Loader, RefusesABatchOfNothing) {
    expect_error(Code::INVALID_ARGUMENT, "batch 0", [] { Loader(batch_of, 0, 0); });
    expect_error(Code::INVALID_ARGUMENT, "depth 0", [] { Loader(batch_of, 0, 1, 0); });
}

}  // namespace
}  // namespace podium::data

#include "podium/checkpoint/checkpoint.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <random>

#include "podium/base/file.h"
#include "podium/checkpoint/background_saver.h"
#include "tests/support/error_of.h"
#include "tests/support/sample_arrays.h"
#include "tests/support/temporary_folder.h"

namespace podium::checkpoint {
namespace {

using test::error_of;
using testing::ElementsAre;
using testing::HasSubstr;

Snapshot sample(std::int64_t step, int seed) {
    return {.step = step,
            .cursor = static_cast<std::uint64_t>(seed) * 1000,
            .key = {7, static_cast<std::uint32_t>(seed)},
            .config = "seed: " + std::to_string(seed),
            .tensors = test::sample_tree(seed),
            .extra = {{"best_loss", seed + 0.1}}};
}

/// A snapshot that takes few writes, for tests that stop at each of them.
Snapshot small_sample(std::int64_t step, int seed) {
    Snapshot snapshot = sample(step, seed);
    snapshot.tensors = BasicTree<HostArray>();
    snapshot.tensors.set("weight", test::sample_array({DataType::FLOAT32, {4, 4}}, seed));
    snapshot.tensors.set("bias", test::sample_array({DataType::BFLOAT16, {4}}, seed));
    return snapshot;
}

bool equal(const Snapshot& left, const Snapshot& right) {
    return left.step == right.step && left.cursor == right.cursor && left.key == right.key &&
           left.config == right.config && left.extra == right.extra && test::equal(left.tensors, right.tensors);
}

class Checkpoint : public testing::Test {
protected:
    ~Checkpoint() override { set_file_fault_hook({}); }

    std::vector<std::int64_t> steps() const {
        std::vector<std::int64_t> steps;
        for (const auto& entry : list(run_)) steps.push_back(entry.step);
        return steps;
    }
    /// Returns the names in the checkpoints folder that are no checkpoints.
    std::vector<std::string> leftovers() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(run_ / "checkpoints"))
            if (const std::string name = entry.path().filename(); name.starts_with('.')) names.push_back(name);
        return names;
    }
    std::filesystem::path file(const char* step, const char* name) const { return run_ / "checkpoints" / step / name; }

    /// Returns how many file operations `action` takes.
    static int operations_of(const std::function<void()>& action) {
        auto count = std::make_shared<int>(0);
        set_file_fault_hook([=](FileOperation, const std::filesystem::path&) { return ++*count, 0; });
        action();
        set_file_fault_hook({});
        return *count;
    }

    test::TemporaryFolder folder_;
    const std::filesystem::path run_ = folder_ / "run";
};

TEST_F(Checkpoint, ComesBackAsItWas) {
    const auto saved = save(run_, sample(500, 3));
    EXPECT_EQ(saved.folder, run_ / "checkpoints" / "00000500");
    EXPECT_EQ(saved.size_bytes, 30U * (1 + 1 + 2 + 4 + 8 + 1 + 2 + 4 + 8 + 2 + 2 + 4 + 8 + 8) + 8);
    const auto loaded = load_newest(run_);
    EXPECT_TRUE(equal(loaded.snapshot, sample(500, 3)));
    EXPECT_EQ(loaded.folder, saved.folder);
    EXPECT_TRUE(loaded.skipped.empty());
    save(run_, {.step = 123'456'789});
    EXPECT_TRUE(equal(load_newest(run_).snapshot, {.step = 123'456'789}));
    EXPECT_TRUE(equal(load(run_, 500).snapshot, sample(500, 3)));
}

TEST_F(Checkpoint, ARunWithoutCheckpointsIsNotFound) {
    EXPECT_EQ(error_of([&] { load_newest(run_); }).code(), Code::NOT_FOUND);
    save(run_, sample(1, 1));
    save(run_, sample(2, 2));
    const auto error = error_of([&] { load(run_, 3); });
    EXPECT_EQ(error.code(), Code::NOT_FOUND);
    EXPECT_THAT(error.message(), HasSubstr("there are: 1, 2"));
}

TEST_F(Checkpoint, TheLastOnesAreKept) {
    for (int step = 1; step <= 5; ++step) save(run_, sample(step, step), {.keep_last = 2});
    EXPECT_THAT(steps(), ElementsAre(4, 5));
    EXPECT_TRUE(leftovers().empty());
    EXPECT_EQ(error_of([&] { save(run_, sample(6, 6), {.keep_last = 0}); }).code(), Code::INVALID_ARGUMENT);
}

TEST_F(Checkpoint, TheOneJustSavedStaysWhereNewerOnesAreDamaged) {
    save(run_, sample(7, 7));
    save(run_, sample(8, 8));
    std::filesystem::resize_file(file("00000007", "manifest.json"), 10);
    std::filesystem::resize_file(file("00000008", "manifest.json"), 10);
    save(run_, sample(5, 5), {.keep_last = 1});
    save(run_, sample(6, 6), {.keep_last = 1});
    EXPECT_THAT(steps(), ElementsAre(6, 7, 8));
    EXPECT_TRUE(equal(load_newest(run_).snapshot, sample(6, 6)));
}

TEST_F(Checkpoint, OneOfTheSameStepIsReplaced) {
    save(run_, sample(1, 1));
    const auto first = load_newest(run_);
    save(run_, sample(1, 2));
    EXPECT_TRUE(equal(load_newest(run_).snapshot, sample(1, 2)));
    EXPECT_TRUE(equal(first.snapshot, sample(1, 1))) << "mapped tensors outlive their file's name";
    EXPECT_TRUE(leftovers().empty());
}

TEST_F(Checkpoint, WhereTheFileSystemCannotSwapTheOldOneCountsUntilTheNewOneIsThere) {
    save(run_, sample(1, 1));
    auto renames = std::make_shared<int>(0);
    set_file_fault_hook([=](FileOperation at, const std::filesystem::path&) {
        if (at != FileOperation::RENAME) return 0;
        return std::array{EINVAL, 0, ENOSPC}.at(static_cast<std::size_t>((*renames)++));
    });
    EXPECT_EQ(error_of([&] { save(run_, sample(1, 2)); }).code(), Code::RESOURCE_EXHAUSTED);
    EXPECT_TRUE(equal(load_newest(run_).snapshot, sample(1, 1)));
    set_file_fault_hook({});
    save(run_, sample(1, 3));
    EXPECT_TRUE(equal(load_newest(run_).snapshot, sample(1, 3)));
    save(run_, sample(2, 4));
    EXPECT_TRUE(leftovers().empty());
}

TEST_F(Checkpoint, EveryFlippedBitIsFoundNamedAndSkipped) {
    save(run_, sample(1, 1));
    save(run_, sample(2, 2));
    std::mt19937 random(7);
    for (const auto* name : {"state.safetensors", "manifest.json"}) {
        const auto path = file("00000002", name);
        const std::string good = read_file(path);
        for (int i = 0; i < 200; ++i) {
            std::string bytes = good;
            bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
            std::ofstream(path, std::ios::binary) << bytes;
            const auto loaded = load_newest(run_);
            ASSERT_TRUE(equal(loaded.snapshot, sample(1, 1))) << name << " flip " << i;
            ASSERT_EQ(loaded.skipped.size(), 1U);
            EXPECT_EQ(loaded.skipped[0].name, "00000002");
            EXPECT_THAT(loaded.skipped[0].reason, HasSubstr("checkpoint 00000002: "));
        }
        write_atomically(path, good);
    }
    EXPECT_TRUE(equal(load_newest(run_).snapshot, sample(2, 2)));
}

TEST_F(Checkpoint, ADamagedTensorIsNamed) {
    const auto saved = save(run_, sample(1, 1));
    const auto path = saved.folder / "state.safetensors";
    std::string bytes = read_file(path);
    bytes[bytes.size() - 1] ^= 1;  // the scalar is the last tensor
    write_atomically(path, bytes);
    const auto error = error_of([&] { load_newest(run_); });
    EXPECT_EQ(error.code(), Code::CHECKPOINT_CORRUPT);
    EXPECT_THAT(error.message(), HasSubstr("checkpoint 00000001: tensor \"scalar\" in state.safetensors is damaged"));
    EXPECT_THROW(load(run_, 1), CheckpointCorrupt);
}

TEST_F(Checkpoint, TruncatedAndMissingFilesAreSkipped) {
    save(run_, sample(1, 1));
    for (const auto* name : {"state.safetensors", "manifest.json"}) {
        save(run_, sample(2, 2));
        const auto path = file("00000002", name);
        for (auto size = std::filesystem::file_size(path); size > 0; size = size * 3 / 4) {
            std::filesystem::resize_file(path, size - 1);
            EXPECT_TRUE(equal(load_newest(run_).snapshot, sample(1, 1)));
        }
        std::filesystem::remove(path);
        EXPECT_THAT(load_newest(run_).skipped[0].reason, HasSubstr(name));
    }
}

TEST_F(Checkpoint, FilesOfAnotherCheckpointAreFound) {
    save(run_, sample(1, 1));
    save(run_, sample(2, 2));
    std::filesystem::copy_file(file("00000001", "manifest.json"), file("00000002", "manifest.json"),
                               std::filesystem::copy_options::overwrite_existing);
    EXPECT_THAT(load_newest(run_).skipped[0].reason, HasSubstr("the manifest is one of step 1"));
    Snapshot smaller = sample(3, 3), renamed = sample(4, 4);
    smaller.tensors = smaller.tensors.subtree("all");
    save(run_, smaller);
    save(run_, renamed);
    std::filesystem::copy_file(file("00000003", "state.safetensors"), file("00000004", "state.safetensors"),
                               std::filesystem::copy_options::overwrite_existing);
    EXPECT_THAT(load_newest(run_).skipped[0].reason, HasSubstr("is not in the manifest"));
}

TEST_F(Checkpoint, EverythingIsSyncedBeforeItGetsItsName) {
    using enum FileOperation;
    save(run_, small_sample(1, 1));
    auto operations = std::make_shared<std::vector<FileOperation>>();
    set_file_fault_hook([=](FileOperation at, const std::filesystem::path&) {
        if (at != WRITE) operations->push_back(at);
        return 0;
    });
    save(run_, small_sample(2, 2));
    EXPECT_THAT(*operations, ElementsAre(CREATE, SYNC_DIRECTORY,  // the temporary folder
                                         CREATE, FSYNC,           // state.safetensors
                                         CREATE, FSYNC,           // manifest.json
                                         SYNC_DIRECTORY, RENAME, SYNC_DIRECTORY));
}

TEST_F(Checkpoint, AFullDiskAtAnyPointLeavesWhatWasCommitted) {
    save(run_, small_sample(1, 1));
    save(run_, small_sample(2, 2));
    const int count = operations_of([&] { save(run_, small_sample(3, 3), {.keep_last = 1}); });
    EXPECT_GT(count, 15);
    std::filesystem::remove_all(run_);
    for (int nth = 1; nth <= count; ++nth) {
        save(run_, small_sample(1, 1));
        save(run_, small_sample(2, 2));
        auto seen = std::make_shared<int>(0);
        set_file_fault_hook([=](FileOperation, const std::filesystem::path&) { return ++*seen == nth ? ENOSPC : 0; });
        const auto error = error_of([&] { save(run_, small_sample(3, 3), {.keep_last = 1}); });
        set_file_fault_hook({});
        const auto loaded = load_newest(run_);
        EXPECT_TRUE(loaded.skipped.empty());
        if (error.code() == Code::OK) {  // only the removal of old ones failed
            EXPECT_TRUE(equal(loaded.snapshot, small_sample(3, 3)));
        } else {
            EXPECT_EQ(error.code(), Code::RESOURCE_EXHAUSTED);
            EXPECT_THAT(error.message(), HasSubstr("No space left on device"));
            EXPECT_TRUE(leftovers().empty());
            EXPECT_TRUE(equal(load(run_, 2).snapshot, small_sample(2, 2)));
            EXPECT_TRUE(equal(load(run_, 1).snapshot, small_sample(1, 1)));
        }
        std::filesystem::remove_all(run_);
    }
}

/// What a killed save was doing: the steps there before it, and the one it saves.
struct KillCase {
    std::vector<std::int64_t> before;
    std::int64_t saved;
};

TEST_F(Checkpoint, AKillAtAnyPointLeavesTheOldOrTheNewOne) {
    for (const auto& [before, saved] : {KillCase{{1}, 2}, KillCase{{1, 2}, 3}, KillCase{{1}, 1}}) {
        const auto prepare = [&, &before = before] {
            std::filesystem::remove_all(run_);
            for (const auto step : before) save(run_, small_sample(step, 1));
        };
        const auto act = [&, step = saved] { save(run_, small_sample(step, 2), {.keep_last = 1}); };
        prepare();
        const int count = operations_of(act);
        bool seen_old = false, seen_new = false;
        for (int nth = 1; nth <= count; ++nth) {
            prepare();
            const pid_t child = ::fork();
            if (child == 0) {
                auto seen = std::make_shared<int>(0);
                set_file_fault_hook([=](FileOperation, const std::filesystem::path&) {
                    if (++*seen == nth) std::raise(SIGKILL);
                    return 0;
                });
                act();
                ::_exit(0);
            }
            int status = 0;
            ASSERT_EQ(::waitpid(child, &status, 0), child);
            ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);

            const auto loaded = load_newest(run_);
            EXPECT_TRUE(loaded.skipped.empty());
            const bool is_old = equal(loaded.snapshot, small_sample(before.back(), 1));
            const bool is_new = equal(loaded.snapshot, small_sample(saved, 2));
            EXPECT_TRUE(is_old || is_new) << "killed at operation " << nth;
            seen_old |= is_old, seen_new |= is_new;

            save(run_, small_sample(saved + 1, 3));
            EXPECT_TRUE(leftovers().empty()) << "killed at operation " << nth;
            EXPECT_TRUE(equal(load_newest(run_).snapshot, small_sample(saved + 1, 3)));
        }
        EXPECT_TRUE(seen_old && seen_new);
    }
}

TEST_F(Checkpoint, TheBackgroundSavesOneAfterAnother) {
    BackgroundSaver saver(run_, {.keep_last = 2});
    for (int step = 1; step <= 4; ++step) saver.submit(sample(step, step));
    saver.wait();
    std::vector<std::int64_t> saved;
    for (const auto& one : saver.poll()) saved.push_back(one.step);
    EXPECT_THAT(saved, ElementsAre(1, 2, 3, 4));
    EXPECT_TRUE(saver.poll().empty());
    EXPECT_THAT(steps(), ElementsAre(3, 4));
    EXPECT_TRUE(equal(load_newest(run_).snapshot, sample(4, 4)));
}

TEST_F(Checkpoint, TheBackgroundsErrorComesOutOnceAndTheNextSaveWorks) {
    set_file_fault_hook(parse_file_fault("enospc:WRITE:2"));
    BackgroundSaver saver(run_);
    saver.submit(sample(1, 1));
    EXPECT_EQ(error_of([&] { saver.wait(); }).code(), Code::RESOURCE_EXHAUSTED);
    saver.wait();
    saver.submit(sample(2, 2));
    saver.wait();
    EXPECT_THAT(steps(), ElementsAre(2));
}

TEST_F(Checkpoint, TheBackgroundFinishesItsSaveWhenItIsDestroyed) {
    BackgroundSaver(run_).submit(sample(1, 1));
    EXPECT_THAT(steps(), ElementsAre(1));
}

}  // namespace
}  // namespace podium::checkpoint

#include "podium/arrays/npz.h"

#include <gmock/gmock.h>

#include "podium/base/expect_error.h"
#include "podium/base/file.h"
#include "tests/support/python.h"
#include "tests/support/sample_arrays.h"
#include "tests/support/temporary_folder.h"

namespace podium {
namespace {

class Npz : public testing::Test {
protected:
    Npz() {
        test::run_python(R"(
import sys, numpy as np
arrays = dict(a=np.arange(6, dtype='f4').reshape(2, 3), b=np.asfortranarray(np.arange(6, dtype='i8').reshape(2, 3)),
              large=np.zeros((3000, 1000), 'u1'))
np.savez(sys.argv[1] + '/plain.npz', **arrays)
np.savez_compressed(sys.argv[1] + '/small.npz', **arrays)
)",
                         {folder_.path().string()});
    }
    test::TemporaryFolder folder_;
};

TEST_F(Npz, ReadsWhatNumPyWrites) {
    for (const char* file : {"plain.npz", "small.npz"}) {
        EXPECT_EQ(read_npz(folder_ / file, "a"), test::sample_array({DataType::FLOAT32, {2, 3}}, 0)) << file;
        EXPECT_EQ(read_npz(folder_ / file, "b"), test::sample_array({DataType::INT64, {2, 3}}, 0)) << file;
        EXPECT_EQ(read_npz(folder_ / file, "large"), HostArray(Shape(DataType::UINT8, {3000, 1000}))) << file;
    }
}

TEST_F(Npz, NamesWhatIsThereInstead) {
    expect_error(Code::INVALID_DATA, "holds no array \"images\"; there are a, b, large",
                 [&] { read_npz(folder_ / "plain.npz", "images"); });
    expect_error(Code::INVALID_DATA, "nothing.npz", [&] { read_npz(folder_ / "nothing.npz", "a"); });
}

TEST_F(Npz, DamagedFilesAreRefused) {
    const std::string good(read_file(folder_ / "small.npz"));
    for (const std::size_t size : {std::size_t{0}, std::size_t{3}, std::size_t{40}, good.size() / 8}) {
        write_atomically(folder_ / "cut.npz", std::string_view(good).substr(0, size));
        expect_error(Code::INVALID_DATA, "cut.npz", [&] { read_npz(folder_ / "cut.npz", "large"); });
    }
    for (std::size_t at = 0; at < 120; ++at) {  // the first member's own header and bytes
        std::string damaged = good;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x5a);
        write_atomically(folder_ / "damaged.npz", damaged);
        try {
            read_npz(folder_ / "damaged.npz", "a");
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Code::INVALID_DATA) << at << error.message();
        }
    }
}

}  // namespace
}  // namespace podium

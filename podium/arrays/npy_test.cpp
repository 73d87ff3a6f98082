#include "podium/arrays/npy.h"

#include <gmock/gmock.h>

#include "podium/base/file.h"
#include "tests/support/error_of.h"
#include "tests/support/python.h"
#include "tests/support/sample_arrays.h"
#include "tests/support/temporary_folder.h"

namespace podium {
namespace {

using test::error_of;
using test::run_python;
using test::sample_array;
using testing::HasSubstr;

constexpr std::string_view GOOD = "{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }";

class Npy : public testing::Test {
protected:
    /// Returns a version 1.0 file: that header, those bytes.
    static std::string file_with(std::string_view header, std::string_view data) {
        std::string text = "\x93NUMPY";
        text += {1, 0, static_cast<char>(header.size() & 0xFF), static_cast<char>(header.size() >> 8)};
        return text.append(header).append(data);
    }
    Error error_reading(std::string_view bytes) {
        write_atomically(folder_ / "file.npy", bytes);
        return error_of([&] { read_npy(folder_ / "file.npy"); });
    }

    test::TemporaryFolder folder_;
};

TEST_F(Npy, EveryTypeAndRankComesBack) {
    for (std::size_t i = 0; i < DATA_TYPE_COUNT; ++i)
        for (const Dims& dims : !test::has_file_name(static_cast<DataType>(i))
                                    ? std::vector<Dims>{}
                                    : std::vector{Dims{}, Dims{3}, Dims{2, 3}, Dims{2, 0, 4}, Dims{1, 2, 3, 4}}) {
            const auto array = sample_array({static_cast<DataType>(i), dims}, 1);
            write_npy(folder_ / "file.npy", array);
            EXPECT_EQ(read_npy(folder_ / "file.npy"), array) << to_string(array.shape());
        }
}

TEST_F(Npy, NumPyReadsWhatWeWrite) {
    for (std::size_t i = 0; i < DATA_TYPE_COUNT; ++i) {
        const auto type = static_cast<DataType>(i);
        write_npy(folder_ / (std::string(name(type)) + ".npy"), sample_array({type, {2, 3}}, 7));
    }
    write_npy(folder_ / "vector.npy", sample_array({DataType::FLOAT32, {3}}, 7));
    write_npy(folder_ / "point.npy", sample_array({DataType::FLOAT32, {}}, 7));
    run_python(R"(
import sys, numpy as np, ml_dtypes
names = dict(bool='?', i8='i1', i16='i2', i32='i4', i64='i8', u8='u1', u16='u2', u32='u4', u64='u8',
             f16='f2', bf16=ml_dtypes.bfloat16, f32='f4', f64='f8', c64='c8', c128='c16', i4=ml_dtypes.int4,
             f8E5M2=ml_dtypes.float8_e5m2, f8E4M3FN=ml_dtypes.float8_e4m3fn, f4E2M1FN=ml_dtypes.float4_e2m1fn)
for name, dtype in names.items():
    array = np.load(f'{sys.argv[1]}/{name}.npy')
    expected = np.arange(7, 13).reshape(2, 3)
    expected = expected % 3 == 0 if name == 'bool' else (expected - 1j if name[0] == 'c' else expected).astype(dtype)
    if array.dtype.kind == 'V':
        array = array.view(dtype)
    assert array.dtype == expected.dtype and (array == expected).all(), (name, array)
assert np.load(f'{sys.argv[1]}/vector.npy').tolist() == [7, 8, 9]
assert np.load(f'{sys.argv[1]}/point.npy').shape == ()
)",
               {folder_.path()});
}

TEST_F(Npy, WeReadWhatNumPyWritesInBothOrdersAndAllVersions) {
    run_python(R"(
import sys, numpy as np, ml_dtypes
a = np.arange(24).reshape(2, 3, 4)
np.save(f'{sys.argv[1]}/c.npy', a.astype('f4'))
np.save(f'{sys.argv[1]}/fortran.npy', np.asfortranarray(a.astype('i2')))
np.save(f'{sys.argv[1]}/bf16.npy', a.astype(ml_dtypes.bfloat16))
for version in (1, 2, 3):
    with open(f'{sys.argv[1]}/v{version}.npy', 'wb') as f:
        np.lib.format.write_array(f, a.astype('u1'), version=(version, 0))
np.save(f'{sys.argv[1]}/big.npy', a.astype('>f4'))
np.save(f'{sys.argv[1]}/complex.npy', a.astype('c8'))
np.save(f'{sys.argv[1]}/int4.npy', a.astype(ml_dtypes.int4))
np.save(f'{sys.argv[1]}/record.npy', np.zeros(2, [('x', 'f4')]))
)",
               {folder_.path()});
    EXPECT_EQ(read_npy(folder_ / "c.npy"), sample_array({DataType::FLOAT32, {2, 3, 4}}));
    EXPECT_EQ(read_npy(folder_ / "fortran.npy"), sample_array({DataType::INT16, {2, 3, 4}}));
    EXPECT_EQ(read_npy(folder_ / "bf16.npy"), sample_array({DataType::BFLOAT16, {2, 3, 4}}));
    for (const auto* name : {"v1.npy", "v2.npy", "v3.npy"})
        EXPECT_EQ(read_npy(folder_ / name), sample_array({DataType::UINT8, {2, 3, 4}})) << name;
    EXPECT_THAT(error_of([&] { read_npy(folder_ / "big.npy"); }).message(), HasSubstr("'>f4' is big-endian"));
    EXPECT_EQ(read_npy(folder_ / "complex.npy").as_complex(23), Complex128(23));
    EXPECT_THAT(error_of([&] { read_npy(folder_ / "int4.npy"); }).message(), HasSubstr("one byte of an unnamed type"));
    EXPECT_EQ(error_of([&] { read_npy(folder_ / "record.npy"); }).code(), Code::INVALID_DATA);
}

TEST_F(Npy, HostileFilesAreRefusedByName) {
    const std::string data(8, '\0');
    ASSERT_EQ(error_reading(file_with(GOOD, data)).code(), Code::OK);
    const std::pair<std::string, const char*> rows[] = {
        {"", "no .npy file"},
        {"\x93NUMPY", "no .npy file"},
        {std::string("\x93NUMPY\x04\0\0\0{}", 12), "version 4.0"},
        {std::string("\x93NUMPY\x01\0\xFF\xFF{}", 12), "beyond the file"},
        {std::string("\x93NUMPY\x02\0\xFF\xFF\xFF\xFF", 12), "beyond the file"},
        {file_with(GOOD, data.substr(1)), "i32[2] takes 8 bytes, the file has 7"},
        {file_with(GOOD, data + "x"), "the file has 9"},
        {file_with("{'descr': '<i4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }", data), "no array"},
        {file_with("{'descr': '<i4', 'fortran_order': False, 'shape': (0, 4611686018427387904, 4), }", ""), "no array"},
        {file_with("{'descr': '<i4', 'fortran_order': False, 'shape': (-2, -1), }", data), "no array"},
        {file_with("{'descr': '<i4', 'fortran_order': False, 'shape': (99999999999999999999,), }", data), "no number"},
        {file_with("{'descr': '<i4', 'fortran_order': False, 'shape': (2", data), "')'"},
        {file_with("{'descr': '<i4', 'fortran_order': 0, 'shape': (2,), }", data), "neither True nor False"},
        {file_with("{'descr': '<i4', 'shape': (2,), }", data), "lacks one of"},
        {file_with("{'descr': '<i4', 'descr': '<i4', 'fortran_order': False, 'shape': (2,), }", data), "second key"},
        {file_with("{'descr': '<i4', 'fortran_order': False, 'shape': (2,), } x", data), "goes on"},
        {file_with("{'descr': '<i4", data), "no end"},
        {file_with("", data), "'{'"},
        {file_with("{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }", "\1\2"), "neither 0 nor 1"},
    };
    for (const auto& [bytes, words] : rows) {
        const auto error = error_reading(bytes);
        EXPECT_EQ(error.code(), Code::INVALID_DATA) << words;
        EXPECT_THAT(error.message(), testing::AllOf(HasSubstr("file.npy"), HasSubstr(words)));
    }
    EXPECT_EQ(error_of([&] { read_npy(folder_ / "none.npy"); }).code(), Code::NOT_FOUND);
}

TEST_F(Npy, MoreDimensionsThanNumPyHasAreNotWritten) {
    const auto array = sample_array({DataType::INT8, Dims(65, 1)});
    EXPECT_EQ(error_of([&] { write_npy(folder_ / "file.npy", array); }).code(), Code::INVALID_ARGUMENT);
}

}  // namespace
}  // namespace podium

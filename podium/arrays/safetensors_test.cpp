#include "podium/arrays/safetensors.h"

#include <gmock/gmock.h>

#include <fstream>
#include <random>

#include "tests/support/error_of.h"
#include "tests/support/python.h"
#include "tests/support/sample_arrays.h"
#include "tests/support/temporary_folder.h"

namespace podium {
namespace {

using test::error_of;
using test::run_python;
using test::sample_array;
using test::sample_tree;
using testing::HasSubstr;

class Safetensors : public testing::Test {
protected:
    static std::string file_with(std::string_view header, std::string_view data) {
        const std::uint64_t length = header.size();
        return std::string(reinterpret_cast<const char*>(&length), sizeof(length)).append(header).append(data);
    }
    Error error_reading(std::string_view bytes) {
        std::ofstream(path_, std::ios::binary) << bytes;
        return error_of([&] { read_safetensors(path_); });
    }

    test::TemporaryFolder folder_;
    const std::filesystem::path path_ = folder_ / "file.safetensors";
};

TEST_F(Safetensors, NamesOrderAndBytesComeBack) {
    write_safetensors(path_, sample_tree(), {{"note", "text"}});
    EXPECT_TRUE(test::equal(read_safetensors(path_), sample_tree()));
    write_safetensors(path_, {});
    EXPECT_TRUE(read_safetensors(path_).empty());
}

TEST_F(Safetensors, AlignedTensorsAreMappedAndOthersCopied) {
    TreeBuilder<HostArray> tree;
    tree.add("first", sample_array({DataType::FLOAT32, {4}}));
    tree.add("odd", sample_array({DataType::INT8, {1}}));
    tree.add("unaligned", sample_array({DataType::FLOAT64, {2}}));
    write_safetensors(path_, tree.build());
    const auto read = read_safetensors(path_);
    EXPECT_EQ(read["first"].owner(), read["odd"].owner());
    EXPECT_NE(read["first"].owner(), read["unaligned"].owner());
    EXPECT_EQ(read["unaligned"], sample_array({DataType::FLOAT64, {2}}));
}

TEST_F(Safetensors, AFileMayBeReplacedByItsOwnTensors) {
    write_safetensors(path_, sample_tree());
    write_safetensors(path_, read_safetensors(path_));
    EXPECT_TRUE(test::equal(read_safetensors(path_), sample_tree()));
}

TEST_F(Safetensors, ThePythonPackageReadsWhatWeWrite) {
    write_safetensors(path_, sample_tree(), {{"note", "a \"quoted\" é"}});
    run_python(R"(
import sys, numpy as np, ml_dtypes
from safetensors import safe_open
from safetensors.numpy import load_file
tensors = load_file(sys.argv[1])
names = dict(bool='?', i8='i1', i16='i2', i32='i4', i64='i8', u8='u1', u16='u2', u32='u4', u64='u8',
             f16='f2', bf16=ml_dtypes.bfloat16, f32='f4', f64='f8', c64='c8')
assert len(tensors) == len(names) + 3
for name, dtype in names.items():
    expected = np.arange(30).reshape(2, 3, 5)
    expected = expected % 3 == 0 if name == 'bool' else (expected - 1j if name == 'c64' else expected).astype(dtype)
    array = tensors['all.' + name]
    assert array.dtype == expected.dtype and (array == expected).all(), (name, array)
assert tensors['z.empty'].shape == (0, 4) and tensors['scalar'].shape == ()
with safe_open(sys.argv[1], 'np') as file:
    assert file.metadata() == {'note': 'a "quoted" \u00e9'}, file.metadata()
)",
               {path_});
}

TEST_F(Safetensors, WeReadWhatThePythonPackageWrites) {
    run_python(R"(
import sys, numpy as np, ml_dtypes
from safetensors.numpy import save_file
a = np.arange(30).reshape(2, 3, 5)
save_file({'x.f32': a.astype('f4'), 'b.bf16': a.astype(ml_dtypes.bfloat16), 'odd': a.astype('u1')[0, :1, :1],
           'empty': np.zeros((0, 2), 'i8'), 'u64': a.astype('u8')}, sys.argv[1], metadata={'format': 'np'})
)",
               {path_});
    const auto tree = read_safetensors(path_);
    ASSERT_EQ(tree.size(), 5U);
    EXPECT_EQ(tree["x.f32"], sample_array({DataType::FLOAT32, {2, 3, 5}}));
    EXPECT_EQ(tree["b.bf16"], sample_array({DataType::BFLOAT16, {2, 3, 5}}));
    EXPECT_EQ(tree["odd"], sample_array({DataType::UINT8, {1, 1}}));
    EXPECT_EQ(tree["empty"].shape(), Shape(DataType::INT64, {0, 2}));
    EXPECT_EQ(tree["u64"], sample_array({DataType::UINT64, {2, 3, 5}}));
}

TEST_F(Safetensors, EightBitFloatsComeBackAndNamelessTypesAreRefused) {
    TreeBuilder<HostArray> tree;
    for (const DataType type : {DataType::FLOAT8_E4M3FN, DataType::FLOAT8_E5M2, DataType::FLOAT8_E8M0FNU})
        tree.add(std::string(name(type)), sample_array({type, {3, 2}}));
    const auto written = tree.build();
    write_safetensors(path_, written);
    EXPECT_TRUE(test::equal(read_safetensors(path_), written));
    TreeBuilder<HostArray> nameless;
    nameless.add("w", HostArray(Shape(DataType::INT4, {2})));
    const auto error = error_of([&] { write_safetensors(path_, nameless.build()); });
    EXPECT_EQ(error.code(), Code::INVALID_ARGUMENT);
    EXPECT_THAT(error.message(), HasSubstr("no name for i4, the type of 'w'; convert it"));
}

TEST_F(Safetensors, HostileFilesAreRefusedByName) {
    const auto one = [](std::string_view fields) { return fmt::format(R"({{"x":{{{}}}}})", fields); };
    ASSERT_EQ(error_reading(file_with(one(R"("dtype":"U8","shape":[2],"data_offsets":[0,2])"), "ab")).code(), Code::OK);
    const std::pair<std::string, const char*> rows[] = {
        {"short", "too few"},
        {std::string(8, '\xFF'), "beyond the file"},
        {file_with("{}", "").substr(0, 9), "beyond the file"},
        {file_with("", ""), "no JSON"},
        {file_with("{\"x\":", ""), "no JSON"},
        {file_with("{} x", ""), "no JSON"},
        {file_with("{\"\xFF\":1}", ""), "no JSON"},
        {file_with(std::string_view("{}\0 ", 4), ""), "zero byte"},
        {file_with("[]", ""), "no JSON object"},
        {file_with(" {}", ""), "no JSON object"},
        {file_with("{\"x\":" + std::string(100'000, '['), ""), "too deep"},
        {file_with(R"({"x":1})", ""), "tensor \"x\": the entry lacks"},
        {file_with(R"({"__metadata__":{"a":1}})", ""), "other than strings"},
        {file_with(one(R"("dtype":"F6_E2M3","shape":[2],"data_offsets":[0,2])"), "ab"), "no data type \"F6_E2M3\""},
        {file_with(one(R"("dtype":3,"shape":[2],"data_offsets":[0,2])"), "ab"), "no data type 3"},
        {file_with(one(R"("dtype":"U8","shape":[-2],"data_offsets":[0,2])"), "ab"), "no list of sizes"},
        {file_with(one(R"("dtype":"U8","shape":[2.0],"data_offsets":[0,2])"), "ab"), "no list of sizes"},
        {file_with(one(R"("dtype":"U8","shape":[18446744073709551615],"data_offsets":[0,2])"), "ab"), "no list"},
        {file_with(one(R"("dtype":"U8","shape":2,"data_offsets":[0,2])"), "ab"), "no list of sizes"},
        {file_with(one(R"("dtype":"F64","shape":[4611686018427387904,4],"data_offsets":[0,0])"), ""), "does not take"},
        {file_with(one(R"("dtype":"U8","shape":[3],"data_offsets":[0,2])"), "ab"), "does not take"},
        {file_with(one(R"("dtype":"U8","shape":[2],"data_offsets":[2,0])"), "ab"), "does not take"},
        {file_with(one(R"("dtype":"U8","shape":[2],"data_offsets":[0])"), "ab"), "not two offsets"},
        {file_with(one(R"("dtype":"U8","shape":[2],"data_offsets":[0,2])"), "a"), "take 2 bytes, the file has 1"},
        {file_with(one(R"("dtype":"U8","shape":[2],"data_offsets":[0,2])"), "abc"), "the file has 3"},
        {file_with(one(R"("dtype":"U8","shape":[2],"data_offsets":[1,3])"), "abc"), "a gap or an overlap"},
        {file_with(one(R"("dtype":"BOOL","shape":[2],"data_offsets":[0,2])"), "ab"), "neither 0 nor 1"},
        {file_with(R"({"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                   R"("y":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
                   "abc"),
         "tensor \"y\" starts at byte 1"},
        {file_with(R"({"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                   R"("x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})",
                   "ab"),
         "a name twice"},
    };
    for (const auto& [bytes, words] : rows) {
        const auto error = error_reading(bytes);
        EXPECT_EQ(error.code(), Code::INVALID_DATA) << words;
        EXPECT_THAT(error.message(), testing::AllOf(HasSubstr("file.safetensors"), HasSubstr(words)));
    }
}

TEST_F(Safetensors, DamagedFilesAreReadOrRefusedAndNothingElse) {
    write_safetensors(path_, sample_tree());
    const std::string good = read_file(path_);
    std::mt19937 random(7);
    for (int i = 0; i < 3000; ++i) {
        std::string bytes = good.substr(0, i % 3 == 0 ? random() % good.size() : good.size());
        for (std::size_t flips = random() % 4; flips-- > 0 && !bytes.empty();)
            bytes[random() % std::min<std::size_t>(bytes.size(), 1300)] = static_cast<char>(random());
        const auto code = error_reading(bytes).code();
        EXPECT_TRUE(code == Code::OK || code == Code::INVALID_DATA) << name(code);
    }
}

TEST_F(Safetensors, ReservedAndUnprintableNamesAreNotWritten) {
    for (const auto* name : {"__metadata__", "\xFF"}) {
        BasicTree<HostArray> tree;
        tree.set(name, HostArray::scalar(1.0F));
        EXPECT_EQ(error_of([&] { write_safetensors(path_, tree); }).code(), Code::INVALID_ARGUMENT);
    }
}

}  // namespace
}  // namespace podium

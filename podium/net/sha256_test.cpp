#include "podium/net/sha256.h"

#include <gmock/gmock.h>

#include "tests/support/temporary_folder.h"

namespace podium::net {
namespace {

// FIPS 180-4's example values.
constexpr std::string_view OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr std::string_view OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST(Sha256, PiecesGiveTheHashOfTheWhole) {
    Sha256 hash;
    hash.update(std::as_bytes(std::span(std::string_view("a"))));
    hash.update({});
    hash.update(std::as_bytes(std::span(std::string_view("bc"))));
    EXPECT_EQ(hash.finish(), OF_ABC);
    EXPECT_EQ(Sha256().finish(), OF_NOTHING);
}

TEST(Sha256, ReadsFiles) {
    const test::TemporaryFolder folder;
    folder.write("abc", "abc");
    folder.write("empty", "");
    EXPECT_EQ(sha256_of(folder / "abc"), OF_ABC);
    EXPECT_EQ(sha256_of(folder / "empty"), OF_NOTHING);
}

}  // namespace
}  // namespace podium::net

#include "podium/base/wire.h"

#include <gmock/gmock.h>

#include "podium/base/error.h"

namespace podium {
namespace {

TEST(Wire, WritesTheExamplesOfTheEncodingGuide) {
    EXPECT_EQ(WireWriter().integer(1, 150).text(), "\x08\x96\x01");
    EXPECT_EQ(WireWriter().bytes(2, "testing").text(), "\x12\x07testing");
    EXPECT_EQ(WireWriter().message(3, WireWriter().integer(1, 150)).text(), "\x1a\x03\x08\x96\x01");
    EXPECT_EQ(WireWriter().integer(1, -1).text(), "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
}

TEST(Wire, ReadsWhatItWrote) {
    const auto text =
        WireWriter().integer(1, -7).floating(2, 0.5F).floating(3, 0.25).bytes(40, std::string_view("a\0b", 3)).text();
    std::vector<WireField> fields;
    read_fields(text, [&](const WireField& field) { fields.push_back(field); });
    ASSERT_EQ(fields.size(), 4U);
    EXPECT_EQ(static_cast<std::int64_t>(fields[0].number), -7);
    EXPECT_EQ(std::bit_cast<float>(static_cast<std::uint32_t>(fields[1].number)), 0.5F);
    EXPECT_EQ(std::bit_cast<double>(fields[2].number), 0.25);
    EXPECT_EQ(fields[3].field, 40);
    EXPECT_EQ(fields[3].bytes, std::string_view("a\0b", 3));
}

TEST(Wire, RefusesAMessageCutShort) {
    const auto text = WireWriter().bytes(2, "testing").text();
    for (std::size_t size = 1; size < text.size(); ++size)
        EXPECT_THROW(read_fields(text.substr(0, size), [](const WireField&) {}), Error) << size;
}

TEST(Wire, SaysWhereFieldsBegin) {
    const auto inner = WireWriter().integer(1, 150).text();
    const auto text = WireWriter().integer(7, 1).bytes(3, inner).text();
    std::vector<std::size_t> places;
    read_fields(
        text,
        [&](const WireField& field) {
            places.push_back(field.at);
            if (field.field == 3)
                read_fields(
                    field.bytes, [&](const WireField& each) { places.push_back(each.at); }, field.at);
        },
        100);
    EXPECT_THAT(places, testing::ElementsAre(101U, 104U, 105U));
}

}  // namespace
}  // namespace podium

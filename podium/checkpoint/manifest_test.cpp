#include "podium/checkpoint/manifest.h"

#include <gmock/gmock.h>

#include "tests/support/error_of.h"

namespace podium::checkpoint {
namespace {

using nlohmann::json;
using test::error_of;
using testing::HasSubstr;

Manifest sample_manifest() {
    Manifest manifest;
    manifest.snapshot = {.step = 12,
                         .cursor = UINT64_MAX,
                         .key = {0, UINT32_MAX},
                         .config = "model: gpt # é\n",
                         .extra = {{"best_loss", 0.1}, {"list", {1, -2, 1e300}}}};
    manifest.tensors["a.weight"] = {
        "state.safetensors", {DataType::BFLOAT16, {2, 3}}, "0123456789abcdef0123456789abcdef"};
    return manifest;
}

/// Returns the sample after `change`, with the hash made right again: what an attacker could write.
std::string forged(const std::function<void(json&)>& change) {
    json object = json::parse(to_text(sample_manifest()));
    const std::string zeros(32, '0');
    object["xxh3_128"] = zeros;
    change(object);
    std::string text = object.dump();
    return text.replace(text.rfind(zeros), zeros.size(), hash_of(std::as_bytes(std::span(text))));
}

Error error_parsing(std::string_view text) {
    return error_of([&] { parse_manifest(text); });
}

TEST(Manifest, ComesBackAsItWas) {
    const auto manifest = parse_manifest(to_text(sample_manifest()));
    const auto &snapshot = manifest.snapshot, expected = sample_manifest().snapshot;
    EXPECT_EQ(snapshot.step, expected.step);
    EXPECT_EQ(snapshot.cursor, expected.cursor);
    EXPECT_EQ(snapshot.key, expected.key);
    EXPECT_EQ(snapshot.config, expected.config);
    EXPECT_EQ(snapshot.extra, expected.extra);
    ASSERT_EQ(manifest.tensors.size(), 1U);
    EXPECT_EQ(manifest.tensors.at("a.weight").shape, Shape(DataType::BFLOAT16, {2, 3}));
}

TEST(Manifest, HashesAsXxhsumDoes) {
    EXPECT_EQ(hash_of({}), "99aa06d3014798d86001c324468d497f");  // XXH3 specification: 128 bits, empty input, seed 0
}

TEST(Manifest, EveryFlippedBitIsFound) {
    const std::string good = to_text(sample_manifest());
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        std::string bytes = good;
        bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
        EXPECT_EQ(error_parsing(bytes).code(), Code::INVALID_DATA) << bytes;
    }
}

TEST(Manifest, EveryTruncationIsFound) {
    const std::string good = to_text(sample_manifest());
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_EQ(error_parsing(good.substr(0, size)).code(), Code::INVALID_DATA) << size;
}

TEST(Manifest, WhatAnAttackerWritesIsRefused) {
    ASSERT_EQ(error_parsing(forged([](json&) {})).code(), Code::OK);
    const auto with = [](const char* pointer, const json& value) {
        return forged([&](json& object) { object[json::json_pointer(pointer)] = value; });
    };
    const std::string tensor = "/tensors/a.weight";
    const std::pair<std::string, const char*> rows[] = {
        {"", "no JSON"},
        {"[1]", "no JSON object"},
        {"{}", "\"format\" is missing"},
        {std::string(100'000, '['), "too deep"},
        {with("/format", 2), "format 2; this podium reads format 1"},
        {R"({"format":1,"xxh3_128":"short"})", "is no hash"},
        {R"({"format":1,"xxh3_128":"\u0030000000000000000000000000000000"})", "is no hash"},
        {R"({"format":1,"xxh3_128":"00000000000000000000000000000000"})", "its hash does not match"},
        {with("/step", -1), "-1 is no number"},
        {with("/step", UINT64_MAX), "is no number from 0"},
        {with("/cursor", "1"), "\"cursor\" is missing or of the wrong kind"},
        {with("/key", json::array({1})), "\"key\" is not two numbers"},
        {with("/key/0", 1ULL << 32), "is no number"},
        {with("/config", nullptr), "\"config\""},
        {with("/extra", 3), "\"extra\""},
        {with("/tensors", json::array()), "\"tensors\""},
        {with("/tensors/a.weight", 1), "tensor \"a.weight\" is no object"},
        {with("/tensors/a.weight/dtype", "f7"), "no data type"},
        {with("/tensors/a.weight/shape", {1ULL << 62, 4}), "cannot have the shape"},
        {with("/tensors/a.weight/shape/0", 1.5), "is no number"},
        {with("/tensors/a.weight/file", "../x.safetensors"), "no plain .safetensors file name"},
        {with("/tensors/a.weight/file", "/etc/x.safetensors"), "no plain"},
        {with("/tensors/a.weight/file", ".x.safetensors"), "no plain"},
        {with("/tensors/a.weight/file", "passwd"), "no plain"},
        {with("/tensors/a.weight/file", std::string("a\0.safetensors", 14)), "no plain"},
    };
    for (const auto& [text, words] : rows) {
        const auto error = error_parsing(text);
        EXPECT_EQ(error.code(), Code::INVALID_DATA) << words;
        EXPECT_THAT(error.message(), HasSubstr(words));
    }
}

TEST(Manifest, ATextThatIsNotUtf8IsNotWritten) {
    auto manifest = sample_manifest();
    manifest.snapshot.config = "\xFF";
    EXPECT_EQ(error_of([&] { to_text(manifest); }).code(), Code::INVALID_ARGUMENT);
}

}  // namespace
}  // namespace podium::checkpoint

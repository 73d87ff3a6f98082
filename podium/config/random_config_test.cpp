#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

#include "podium/base/error.h"
#include "tests/support/sample_config.h"

namespace podium::config {
namespace {

using sample::Training;

/// Any text that a config can hold, with what YAML treats specially more likely than chance.
std::string random_text(std::mt19937_64& random) {
    static const std::vector<std::string> WORDS{"null",     "~",
                                                "true",     "no",
                                                "1e5",      ".nan",
                                                "- a",      "a: b",
                                                "#x",       "\"",
                                                "'",        "\\",
                                                "\n",       "\t",
                                                " ",        "\r\n",
                                                "é",        "\xf0\x9f\x98\x80",
                                                "&a",       "*a",
                                                "!!t",      "%",
                                                "{",        "]",
                                                ",",        "---",
                                                "...",      "\x01",
                                                "\x7f",     "\x04",
                                                "\xc2\x85", "\xe2\x80\xa8",
                                                "?",        "|\n ",
                                                "> ",       "<<",
                                                "0x1",      "\xef\xbb\xbf",
                                                "@",        "`",
                                                "",         "plain"};
    std::string text;
    for (auto left = random() % 5; left > 0; --left) text += WORDS[random() % WORDS.size()];
    if (random() % 8 == 0) text += '\0';
    return text;
}

double random_number(std::mt19937_64& random) {
    double value = std::bit_cast<double>(random());
    while (!std::isfinite(value)) value = std::bit_cast<double>(random());
    return random() % 2 == 0 ? value : static_cast<double>(random() % 1000) / 10;
}

Training random_run(std::mt19937_64& random) {
    Training run;
    run.name = random_text(random);
    run.model = {static_cast<std::int64_t>(random()), random_number(random), static_cast<DataType>(22 + random() % 4)};
    run.optimizer.learning_rate = random_number(random);
    run.optimizer.schedule = static_cast<sample::Schedule>(random() % 2);
    if (random() % 2 == 0) run.optimizer.clip = random_number(random);
    run.shuffle = random() % 2 == 0;
    run.batch = static_cast<int>(random());
    run.seed = random();
    run.weights.clear();
    run.mesh.clear();
    for (auto i = random() % 4; i > 0; --i) {
        run.files.push_back(random_text(random));
        run.weights.push_back(random_number(random));
        run.limits[random_text(random)] = static_cast<std::int64_t>(random());
        run.mesh.emplace_back("axis" + std::to_string(i), i);
    }
    if (random() % 2 == 0) run.note = random_text(random);
    return run;
}

TEST(RandomConfig, ReadingWhatWasWrittenGivesTheSameStruct) {
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
        std::mt19937_64 random(seed);
        const Training run = random_run(random);
        const std::string yaml = write(run);
        ASSERT_EQ(read<Training>(yaml, "again.yaml"), run) << "seed " << seed << "\n" << yaml;
    }
}

TEST(RandomConfig, RandomBytesGiveErrorsAndNothingElse) {
    std::mt19937_64 seeds(7);
    const std::string yaml = write(random_run(seeds));
    const std::string alphabet = "ab:-[]{},\n \"'#&*!|>%@?~01.\t";
    int refused = 0;
    for (std::uint64_t seed = 0; seed < 6000; ++seed) {
        std::mt19937_64 random(seed);
        std::string text = seed % 3 == 0 ? yaml : std::string(random() % 200, ' ');
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (seed % 3 == 0 && random() % 40 == 0) text[i] = alphabet[random() % alphabet.size()];
            if (seed % 3 == 1) text[i] = static_cast<char>(random());
            if (seed % 3 == 2) text[i] = alphabet[random() % alphabet.size()];
        }
        try {
            read<Training>(text, "fuzz.yaml");
        } catch (const InvalidConfig&) {
            ++refused;
        } catch (const std::exception& error) {
            FAIL() << "seed " << seed << ": " << error.what() << "\n" << text;
        }
        try {
            read<Training>("", "fuzz.yaml", std::vector{text});
        } catch (const InvalidConfig&) {
        }
    }
    EXPECT_GT(refused, 5000);
}

}  // namespace
}  // namespace podium::config

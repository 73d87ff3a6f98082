#include "podium/config/node.h"

#include <fmt/format.h>
#include <yaml-cpp/emitter.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>
#include <unordered_set>
#include <utility>

namespace podium::config {
namespace {

Place place_of(const YAML::Mark& mark) { return mark.is_null() ? Place{} : Place{mark.line + 1, mark.column + 1}; }

/// Builds a Node from yaml-cpp's events, refusing what a config has no use for as soon as it is seen.
class Builder : public YAML::EventHandler {
public:
    Node take() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (documents_++ > 0) throw Problem{place_of(mark), "a second document begins; a config is one document"};
    }
    void OnDocumentEnd() override {}
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse_anchor(mark); }
    void OnAnchor(const YAML::Mark& mark, const std::string&) override { refuse_anchor(mark); }
    void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { add({.place = place_of(mark)}); }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value) override {
        if (tag != "!") refuse_tag(mark, tag);
        add({.kind = Node::Kind::SCALAR, .quoted = tag == "!", .text = value, .place = place_of(mark)});
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {
        open(Node::Kind::SEQUENCE, mark, tag);
    }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {
        open(Node::Kind::MAPPING, mark, tag);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapEnd() override { close(); }

private:
    struct Open {
        Node node;
        std::unordered_set<std::string> keys;
    };

    [[noreturn]] static void refuse_anchor(const YAML::Mark& mark) {
        throw Problem{place_of(mark), "anchors and aliases (&, *) are not allowed here; write the value out"};
    }
    static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
        if (!tag.empty() && tag != "?")
            throw Problem{place_of(mark), fmt::format("the tag {} is not allowed here; write the bare value", tag)};
    }
    bool wants_key() const {
        if (stack_.empty()) return false;
        const Node& parent = stack_.back().node;
        return parent.kind == Node::Kind::MAPPING && parent.keys.size() == parent.items.size();
    }
    void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag) {
        refuse_tag(mark, tag);
        if (wants_key())  // also what yaml-cpp makes of a bracket that is not closed on its line
            throw Problem{place_of(mark), "expected a word as key, found a list or a mapping; is a bracket left open?"};
        if (stack_.size() == MAX_DEPTH)
            throw Problem{place_of(mark), fmt::format("nested deeper than {} levels", MAX_DEPTH)};
        stack_.push_back({{.kind = kind, .place = place_of(mark)}, {}});
    }
    void close() {
        Node node = std::move(stack_.back().node);
        stack_.pop_back();
        add(std::move(node));
    }
    void add(Node node) {
        if (++nodes_ > MAX_NODES) throw Problem{node.place, fmt::format("more than {} values", MAX_NODES)};
        if (stack_.empty()) {
            root_ = std::move(node);
        } else if (wants_key()) {
            if (node.kind != Node::Kind::SCALAR) throw Problem{node.place, "expected a word as key, found nothing"};
            if (!stack_.back().keys.insert(node.text).second)
                throw Problem{node.place, fmt::format("duplicate key {}; keep one of them", describe(node))};
            stack_.back().node.keys.push_back(std::move(node));
        } else {
            const Node& parent = stack_.back().node;  // yaml-cpp places nothing where the next token stands
            if (node.kind == Node::Kind::EMPTY && !parent.keys.empty()) node.place = parent.keys.back().place;
            stack_.back().node.items.push_back(std::move(node));
        }
    }

    Node root_;
    std::vector<Open> stack_;
    std::size_t nodes_ = 0, documents_ = 0;
};

/// Returns the length of the UTF-8 sequence at the start of `text`; 0 where there is none.
std::size_t utf8_length(std::string_view text) {
    static constexpr std::array<char32_t, 5> LEAST{0, 0, 0x80, 0x800, 0x10000};
    const auto lead = static_cast<unsigned char>(text.front());
    if (lead < 0x80) return 1;
    const std::size_t length = lead >> 5 == 0x6 ? 2 : lead >> 4 == 0xE ? 3 : lead >> 3 == 0x1E ? 4 : 0;
    if (length == 0 || text.size() < length) return 0;
    char32_t point = lead & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte >> 6 != 2) return 0;
        point = point << 6 | (byte & 0x3FU);
    }
    const bool surrogate = point >= 0xD800 && point < 0xE000;
    return point < LEAST[length] || point > 0x10FFFF || surrogate ? 0 : length;
}

/// Refuses what is no text before yaml-cpp guesses at encodings.
void expect_text(std::string_view text) {
    if (text.size() > MAX_DOCUMENT_BYTES)
        throw Problem{
            {}, fmt::format("the document has {} bytes; a config has at most {}", text.size(), MAX_DOCUMENT_BYTES)};
    Place place{1, 1};
    for (std::size_t i = 0; i < text.size(); ++place.column) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const std::size_t length = utf8_length(text.substr(i));
        const bool control = byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t';
        if (length == 0 || control)
            throw Problem{place, fmt::format("expected UTF-8 text, found the byte 0x{:02x}; is this a config?", byte)};
        if (byte == '\n') place = {place.line + 1, 0};
        i += length;
    }
}

/// True for words that no YAML reader takes for anything but a string.
bool is_plain_word(std::string_view text) {
    static constexpr std::array<std::string_view, 11> MEANINGFUL{"null", "true", "false", "yes", "no", "on",
                                                                 "off",  "y",    "n",     "nan", "inf"};
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
    return !lower.empty() && lower.front() >= 'a' && lower.front() <= 'z' &&
           lower.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-./") == std::string::npos &&
           std::find(MEANINGFUL.begin(), MEANINGFUL.end(), lower) == MEANINGFUL.end();
}

void emit(YAML::Emitter& out, const Node& node) {
    switch (node.kind) {
        case Node::Kind::EMPTY: out << YAML::Null; break;
        case Node::Kind::SCALAR:
            if (node.quoted && !is_plain_word(node.text)) out << YAML::DoubleQuoted;
            out << node.text;
            break;
        case Node::Kind::SEQUENCE:
            out << YAML::Flow << YAML::BeginSeq;
            for (const Node& item : node.items) emit(out, item);
            out << YAML::EndSeq;
            break;
        case Node::Kind::MAPPING:
            out << YAML::BeginMap;
            for (std::size_t i = 0; i < node.keys.size(); ++i) {
                out << YAML::Key;
                emit(out, node.keys[i]);
                out << YAML::Value;
                emit(out, node.items[i]);
            }
            out << YAML::EndMap;
            break;
    }
}

}  // namespace

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

Node parse_yaml(std::string_view text) {
    expect_text(text);
    // yaml-cpp takes the end of the input for a missing quote; it does not take the end of the document for one.
    std::istringstream stream(std::string(text) + "\n...\n");
    Builder builder;
    try {
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const YAML::Exception& error) {
        throw Problem{place_of(error.mark), "not YAML: " + error.msg};
    }
    return builder.take();
}

std::string to_yaml(const Node& node) {
    YAML::Emitter out;
    out.SetNullFormat(YAML::LowerNull);
    emit(out, node);
    return std::string(out.c_str(), out.size()) + "\n";
}

std::string to_line(const Node& node) {
    YAML::Emitter out;
    out.SetNullFormat(YAML::LowerNull);
    out.SetMapFormat(YAML::Flow);
    emit(out, node);
    return {out.c_str(), out.size()};
}

std::string describe(const Node& node) {
    static constexpr std::size_t SHOWN_BYTES = 60;
    switch (node.kind) {
        case Node::Kind::EMPTY: return "nothing";
        case Node::Kind::SEQUENCE: return "a list";
        case Node::Kind::MAPPING: return "a mapping";
        case Node::Kind::SCALAR: break;
    }
    if (node.text.size() <= SHOWN_BYTES) return fmt::format("\"{}\"", node.text);
    std::size_t end = SHOWN_BYTES;
    while ((static_cast<unsigned char>(node.text[end]) & 0xC0U) == 0x80U) --end;
    return fmt::format("\"{}…\"", node.text.substr(0, end));
}

}  // namespace podium::config

#include "podium/tokenizers/word_merger.h"

#include <algorithm>

namespace podium {
namespace {

constexpr TokenId MERGED_AWAY = -1;

}  // namespace

void WordMerger::append_tokens(const ByteIds& bytes, std::string_view word, std::vector<TokenId>& tokens) {
    begin();
    for (const char byte : word) push(bytes[static_cast<unsigned char>(byte)]);
    finish(tokens);
}

void WordMerger::append_merged(std::span<const TokenId> symbols, std::vector<TokenId>& tokens) {
    begin();
    for (const TokenId symbol : symbols) push(symbol);
    finish(tokens);
}

void WordMerger::begin() {
    symbols_.clear();
    heap_.clear();
}

void WordMerger::push(TokenId symbol) {
    const auto at = static_cast<std::int64_t>(symbols_.size());
    symbols_.push_back({symbol, at - 1, at + 1});
    if (at > 0) consider(at - 1, at);
}

void WordMerger::finish(std::vector<TokenId>& tokens) {
    while (!heap_.empty()) merge(pop());
    for (const auto& symbol : symbols_)
        if (symbol.id != MERGED_AWAY) tokens.push_back(symbol.id);
}

void WordMerger::consider(std::int64_t at, std::int64_t next) {
    const auto* const found = merges_.find(symbols_[at].id, symbols_[next].id);
    if (found == nullptr) return;
    heap_.push_back({found->rank, found->result, at});
    std::push_heap(heap_.begin(), heap_.end());
}

WordMerger::Candidate WordMerger::pop() {
    std::pop_heap(heap_.begin(), heap_.end());
    const auto top = heap_.back();
    heap_.pop_back();
    return top;
}

void WordMerger::merge(const Candidate& candidate) {
    const auto at = candidate.at, end = static_cast<std::int64_t>(symbols_.size());
    auto& left = symbols_[at];
    const auto next = left.next;
    if (left.id == MERGED_AWAY || next == end) return;
    const auto* const found = merges_.find(left.id, symbols_[next].id);
    if (found == nullptr || found->result != candidate.result) return;  // a symbol of the pair was merged since
    left.id = candidate.result;
    left.next = symbols_[next].next;
    symbols_[next].id = MERGED_AWAY;
    if (left.next != end) {
        symbols_[left.next].previous = at;
        consider(at, left.next);
    }
    if (left.previous >= 0) consider(left.previous, at);
}

}  // namespace podium

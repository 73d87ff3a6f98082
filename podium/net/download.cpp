#include "podium/net/download.h"

#include <curl/curl.h>

#include <exception>
#include <mutex>

#include "podium/base/error.h"
#include "podium/base/file.h"
#include "podium/net/sha256.h"

namespace podium::net {
namespace {

constexpr int MOST_REDIRECTS = 5;
constexpr long CONNECT_SECONDS = 30, STALLED_SECONDS = 60;

bool is_https(std::string_view url) { return url.starts_with("https://"); }

/// Returns whether the address is plain http from this machine, which only tests and mirrors on it speak. With an "@",
/// what looks like a host could be a user's name.
bool is_loopback(std::string_view url) {
    return (url.starts_with("http://127.0.0.1/") || url.starts_with("http://127.0.0.1:")) &&
           url.find('@') == std::string_view::npos;
}

/// What one transfer writes to; an error stays here until curl has returned, for it is C and knows no exceptions.
struct Sink {
    const Download& wanted;
    FileWriter& file;
    CURL* transfer;
    Sha256 hash;
    std::uint64_t received = 0;
    std::exception_ptr error;

    void take(std::span<const std::byte> bytes) {
        received += bytes.size();
        if (received > wanted.size)
            fail(Code::INVALID_DATA, "download: {} is longer than the {} bytes that were expected", wanted.url,
                 wanted.size);
        hash.update(bytes);
        file.write(bytes);
        if (wanted.progress) wanted.progress(received);
    }
};

std::size_t write_callback(const char* data, std::size_t one, std::size_t count, void* user) {
    auto& sink = *static_cast<Sink*>(user);
    long status = 0;
    curl_easy_getinfo(sink.transfer, CURLINFO_RESPONSE_CODE, &status);
    const bool is_redirect = status / 100 == 3;  // its own text is nothing that was asked for
    try {
        if (!is_redirect) sink.take(std::as_bytes(std::span(data, one * count)));
        return one * count;
    } catch (...) {
        sink.error = std::current_exception();
        return 0;
    }
}

using Transfer = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;

Transfer make_transfer() {
    static std::once_flag initialized;
    std::call_once(initialized, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    Transfer transfer(curl_easy_init(), curl_easy_cleanup);
    if (!transfer) fail(Code::INTERNAL, "download: libcurl does not start");
    curl_easy_setopt(transfer.get(), CURLOPT_USERAGENT, "podium");
    curl_easy_setopt(transfer.get(), CURLOPT_PROTOCOLS_STR, "https,http");
    curl_easy_setopt(transfer.get(), CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(transfer.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(transfer.get(), CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
    curl_easy_setopt(transfer.get(), CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(transfer.get(), CURLOPT_LOW_SPEED_TIME, STALLED_SECONDS);
    curl_easy_setopt(transfer.get(), CURLOPT_WRITEFUNCTION, write_callback);
    return transfer;
}

/// Returns where the server redirects to, empty where `url`'s bytes went to the sink.
std::string fetch(const std::string& url, Sink& sink) {
    CURL* const transfer = sink.transfer;
    curl_easy_setopt(transfer, CURLOPT_URL, url.c_str());
    curl_easy_setopt(transfer, CURLOPT_NOPROXY, is_loopback(url) ? "*" : nullptr);  // null: the environment's
    const auto outcome = curl_easy_perform(transfer);
    if (sink.error) std::rethrow_exception(sink.error);
    long status = 0;
    curl_easy_getinfo(transfer, CURLINFO_RESPONSE_CODE, &status);
    if (outcome == CURLE_HTTP_RETURNED_ERROR)
        fail(Code::UNAVAILABLE, "download: the server answers {} with status {}", url, status);
    if (outcome == CURLE_PARTIAL_FILE)
        fail(Code::UNAVAILABLE, "download: {} broke off after {} of {} bytes; try again", url, sink.received,
             sink.wanted.size);
    if (outcome != CURLE_OK)
        fail(Code::UNAVAILABLE, "download: cannot fetch {}: {}; check the network, or try again", url,
             curl_easy_strerror(outcome));
    const char* next = nullptr;
    curl_easy_getinfo(transfer, CURLINFO_REDIRECT_URL, &next);
    return next == nullptr ? std::string() : std::string(next);
}

void receive(Sink& sink) {
    std::string url = sink.wanted.url;
    if (!is_https(url) && !is_loopback(url)) fail(Code::INVALID_ARGUMENT, "download: {} is not an https address", url);
    for (int redirects = 0;; ++redirects) {
        auto next = fetch(url, sink);
        if (next.empty()) return;
        if (redirects == MOST_REDIRECTS)
            fail(Code::UNAVAILABLE, "download: {} redirects more than {} times", sink.wanted.url, MOST_REDIRECTS);
        if (!is_https(next) && !(is_loopback(url) && is_loopback(next)))
            fail(Code::INVALID_ARGUMENT, "download: {} redirects to {}, which is not an https address", url, next);
        url = std::move(next);
    }
}

}  // namespace

void download(const Download& download, const std::filesystem::path& file) {
    write_atomically(file, [&](FileWriter& writer) {
        const auto transfer = make_transfer();
        Sink sink{.wanted = download, .file = writer, .transfer = transfer.get(), .hash = {}, .error = {}};
        curl_easy_setopt(transfer.get(), CURLOPT_WRITEDATA, &sink);
        receive(sink);
        const auto hash = sink.hash.finish();
        if (hash != download.sha256)
            fail(Code::INVALID_DATA,
                 "download: {} has the hash {}, not the pinned {}: it was damaged on the way or replaced, and is not "
                 "kept",
                 download.url, hash, download.sha256);
    });
}

}  // namespace podium::net

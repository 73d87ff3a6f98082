#include "podium/net/sha256.h"

#include <openssl/evp.h>

#include "podium/base/error.h"
#include "podium/base/file.h"

namespace podium::net {
namespace {

EVP_MD_CTX* context_of(const std::shared_ptr<void>& context) { return static_cast<EVP_MD_CTX*>(context.get()); }

void expect(int done) {
    if (done != 1) fail(Code::INTERNAL, "sha256: OpenSSL offers no SHA-256 here");
}

}  // namespace

Sha256::Sha256()
    : context_(EVP_MD_CTX_new(), [](void* context) { EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context)); }) {
    expect(EVP_DigestInit_ex(context_of(context_), EVP_sha256(), nullptr));
}

void Sha256::update(std::span<const std::byte> bytes) {
    expect(EVP_DigestUpdate(context_of(context_), bytes.data(), bytes.size()));
}

std::string Sha256::finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    expect(EVP_DigestFinal_ex(context_of(context_), digest.data(), &length));
    return fmt::format("{:02x}", fmt::join(digest.begin(), digest.begin() + length, ""));
}

std::string sha256_of(const std::filesystem::path& file) {
    const MappedFile mapped(file);
    Sha256 hash;
    hash.update(mapped.bytes());
    return hash.finish();
}

}  // namespace podium::net

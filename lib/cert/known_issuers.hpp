#pragma once
// Which certificates of other texts could stand above a chain that ends too early.

#include "cert/anchors.hpp"
#include "cert/certificate.hpp"
#include "cert/parsed.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace arbortls::cert {

// Of a certificate's subject or issuer, as it is encoded. Two names may share one.
using NameHash = std::uint32_t;  // 0 for none
NameHash subject_hash(const X509* x509) noexcept;
NameHash issuer_hash(const X509* x509) noexcept;

struct KnownIssuer {
  Der der;
  std::string owner;  // whose text it came with
};

// Thread-safe. A certificate is known as long as somebody serves it, and for a while after.
class KnownIssuers {
 public:
  void add(const ParsedCertificate& member, const Der& kept, const std::string& owner);

  // All of that name. From now on take_found() tells it when another comes.
  std::vector<KnownIssuer> of(NameHash issuer);

  // Some of that name; false for 0.
  bool knows(NameHash issuer);

  // A root that this machine trusts issued `subject`.
  bool anchored(const ParsedCertificate& subject);

  // Names that were asked for and of which there is one more since.
  std::vector<NameHash> take_found();

 private:
  struct Known {
    std::weak_ptr<const Bytes> der;
    std::string owner;
  };

  void sweep();

  std::mutex mutex_;
  std::unordered_multimap<NameHash, Known> known_;
  std::size_t next_sweep_ = 1024;
  std::unordered_set<NameHash> asked_;
  std::unordered_set<NameHash> found_;
  std::map<Digest, bool> anchored_;  // by the subject's digest
  Anchors anchors_;
};

}  // namespace arbortls::cert

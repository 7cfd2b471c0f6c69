#include "cert/convert.hpp"

#include "cert/desk.hpp"
#include "cert/input.hpp"
#include "cert/load.hpp"
#include "cert/pairing.hpp"
#include "cert/pem_write.hpp"
#include "cert/pkcs12_write.hpp"

#include <openssl/err.h>

#include <utility>
#include <vector>

namespace arbortls::cert {
namespace {

// A key, a certificate and its chain; each of them may be missing.
struct Group {
  openssl::EvpPkeyPtr key;
  Der leaf;
  std::vector<Der> chain;
};

std::vector<Group> groups_of(const Certificate& certificate) {
  std::vector<Group> groups;
  for (const Pair& pair : certificate.pairs)
    groups.push_back({key_of(pair), pair.leaf, pair.chain});
  return groups;
}

// Keys alone, or certificates alone as they stand.
std::vector<Group> groups_of(const Material& material) {
  std::vector<Group> groups;
  for (const PrivateKey& key : material.keys)
    groups.push_back({openssl::share(key.key.get()), nullptr, {}});
  Group certificates;
  for (const ParsedPtr& each : material.certificates) {
    if (!certificates.leaf) {
      certificates.leaf = each->der;
    } else {
      certificates.chain.push_back(each->der);
    }
  }
  if (certificates.leaf) groups.push_back(std::move(certificates));
  return groups;
}

std::vector<Group> only(Part part, std::vector<Group> groups) {
  for (Group& group : groups) {
    if (part != Part::all && part != Part::key) group.key.reset();
    if (part == Part::key || part == Part::chain) group.leaf.reset();
    if (part == Part::key || part == Part::certificate) group.chain.clear();
  }
  return groups;
}

// Writes pieces, each of which may be a secret, one behind the other.
class Pieces {
 public:
  ~Pieces() {
    for (std::string& piece : pieces_) wipe(piece);
  }
  void add(std::string piece) {
    failed_ = failed_ || piece.empty();
    pieces_.push_back(std::move(piece));
  }
  std::size_t count() const noexcept { return pieces_.size(); }

  Result<std::string> joined() const {
    if (failed_) return error("what was read cannot be written: " + openssl::drain_errors());
    std::size_t size = 0;
    for (const std::string& piece : pieces_) size += piece.size();
    std::string all;
    all.reserve(size);  // growing would leave copies behind
    for (const std::string& piece : pieces_) all += piece;
    return all;
  }

 private:
  std::vector<std::string> pieces_;
  bool failed_ = false;
};

std::string as_text(const Der& der) { return {der->begin(), der->end()}; }

Pieces pieces_of(const std::vector<Group>& groups, Encoding to, const std::string& passphrase) {
  const bool pem = to == Encoding::pem;
  Pieces pieces;
  const auto add = [&](const Der& der) {
    pieces.add(pem ? certificate_to_pem(*der) : as_text(der));
  };
  for (const Group& group : groups) {
    if (group.key) {
      pieces.add(pem ? key_to_pem(group.key.get(), passphrase)
                     : key_to_pkcs8(group.key.get(), passphrase));
    }
    if (group.leaf) add(group.leaf);
    for (const Der& member : group.chain) add(member);
  }
  return pieces;
}

Result<std::string> written(const std::vector<Group>& groups, const Conversion& conversion) {
  const Pieces pieces = pieces_of(groups, conversion.to, conversion.out_passphrase);
  if (pieces.count() == 0) return error("there is nothing of that part in it");
  if (conversion.to == Encoding::der && pieces.count() > 1) {
    return error("DER holds one key or one certificate, and there are " +
                 std::to_string(pieces.count()) +
                 " here; choose with --part key or --part certificate");
  }
  return pieces.joined();
}

}  // namespace

Result<std::string> convert(std::string_view bytes, std::string_view file,
                            const Conversion& conversion) {
  if (bytes.size() > max_text) return error("the input is too large");
  ERR_clear_error();
  Desk desk(nullptr);
  Material material;
  if (auto read = add_input(material, {bytes, file}, conversion.passphrase, desk); !read)
    return read.error();
  const bool pkcs12 = conversion.to == Encoding::pkcs12;
  if (pkcs12 && conversion.part != Part::all)
    return error("PKCS#12 is for all parts together; leave --part out");
  if (!pkcs12 && (material.keys.empty() || material.certificates.empty()))
    return written(only(conversion.part, groups_of(material)), conversion);
  LoadOptions options;
  options.now = conversion.now;
  const auto loaded = assemble(std::move(material), options, desk);
  if (!loaded) return loaded.error();
  if (pkcs12) return to_pkcs12(*loaded->certificate, conversion.out_passphrase);
  return written(only(conversion.part, groups_of(*loaded->certificate)), conversion);
}

}  // namespace arbortls::cert

#pragma once
// The order of selection: which certificate a connection gets and which settings it inherits. Pure; one function
// serves the handshake and `explain`.
//
//   legal name in the tree:      its certificate, its parent's, ... the master's
//   legal name not in the tree:  the first suffix in the tree that has its own, then the master's
//   no name, IP, illegal name:   none of these
//   then the listener's certdir, then the default certificate.
// With `certificate_choice: valid` the first of them that is within its dates and covers the name (where there is
// one); if none does, the first of all.

#include "domain/name.hpp"
#include "tls/site.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace arbortls::tls {

enum class Source { certificate_pem, certdir, fallback };
std::string_view to_string(Source source) noexcept;  // "certificate_pem", "certdir", "default"

// A limit and who has set it; all that have it from there share one count. 0 = none.
struct SetLimit {
  int most = 0;
  bool of_listener = false;
  std::string_view holder;  // the domain's or listener's name; points into the Site
};

// Inherited settings with every default filled in. `backend` points into the Site; "" = none anywhere.
struct Effective {
  std::string_view backend;
  std::chrono::milliseconds idle_timeout{3'600'000};
  std::chrono::milliseconds half_close_timeout{60'000};
  config::CertificateChoice certificate_choice = config::CertificateChoice::nearest;
  config::TlsVersion tls_min_version = config::TlsVersion::tls1_2;
  SetLimit max_connections;
  SetLimit max_handshakes;
};

struct Selection {
  cert::CertificatePtr certificate;  // null only if the Site has no default either
  Source source = Source::fallback;
  const Tree::Node* from = nullptr;   // whose certificate it is, for Source::certificate_pem
  const Tree::Node* place = nullptr;  // the name's own node, or the nearest one on its path
  bool in_tree = false;               // the name itself is a domain of the tree
  // Not null: it depends on this domain's certificate, which is still to be read. Nothing is chosen; select again
  // when it is there.
  const Tree::Node* awaited = nullptr;
  Effective settings;
};

// Told each step, for explain. `certificate` is null where there is none.
class Trace {
 public:
  virtual ~Trace() = default;
  virtual void step(std::string_view stage, std::string_view subject, const Tree::Node* node,
                    const cert::Certificate* certificate) = 0;
};

// The Site must outlive the Selection. `now` in Unix seconds. Allocates nothing.
Selection select(const Site& site, const ListenerView& listener, const domain::ServerName& name,
                 std::int64_t now, Trace* trace = nullptr);

}  // namespace arbortls::tls

#include "tls/select.hpp"

namespace arbortls::tls {
namespace {

struct Unset {
  bool backend = true, idle = true, half_close = true, choice = true, min_version = true,
       max_connections = true, max_handshakes = true;
};

template <class T, class U>
void take(bool& unset, const std::optional<config::Located<T>>& from, U& to) {
  if (!unset || !from) return;
  to = from->value;
  unset = false;
}

void take(bool& unset, const std::optional<config::Located<config::AtMost>>& from, SetLimit holder, SetLimit& to) {
  if (!unset || !from) return;
  holder.most = from->value.count;
  to = holder;
  unset = false;
}

// `holder` names whose settings these are.
void fill(Effective& settings, Unset& unset, const config::Inherited& from, const SetLimit& holder) {
  take(unset.backend, from.backend, settings.backend);
  take(unset.idle, from.idle_timeout, settings.idle_timeout);
  take(unset.half_close, from.half_close_timeout, settings.half_close_timeout);
  take(unset.choice, from.certificate_choice, settings.certificate_choice);
  take(unset.min_version, from.tls_min_version, settings.tls_min_version);
  take(unset.max_connections, from.max_connections, holder, settings.max_connections);
  take(unset.max_handshakes, from.max_handshakes, holder, settings.max_handshakes);
}

void resolve_settings(const Site& site, const ListenerView& listener, std::string_view name,
                      Selection& selection) {
  Unset unset;
  if (!name.empty()) {
    site.tree.walk_nodes(name, [&](const Tree::Node& node) {
      if (selection.place == nullptr) selection.place = &node;
      if (node.value.inherited) {
        fill(selection.settings, unset, *node.value.inherited, {0, false, node.name});
      }
      return false;
    });
  }
  fill(selection.settings, unset, listener.inherited, {0, true, listener.name});
}

// Takes candidates in order and keeps the one that applies.
class Chooser {
 public:
  Chooser(Selection& selection, std::string_view name, std::int64_t now, Trace* trace)
      : selection_(selection), name_(name), now_(now), trace_(trace) {}

  bool done() const { return done_; }

  void offer(std::string_view stage, std::string_view subject, const Tree::Node* node, Source source,
             const cert::CertificatePtr& certificate) {
    if (trace_ != nullptr) trace_->step(stage, subject, node, certificate.get());
    if (node != nullptr && node->value.pending) return wait_for(node);
    if (!certificate) return;
    const bool sound = selection_.settings.certificate_choice == config::CertificateChoice::nearest ||
                       (certificate->valid_at(now_) && (name_.empty() || certificate->covers(name_)));
    if (!selection_.certificate || sound) {
      selection_.certificate = certificate;
      selection_.source = source;
      selection_.from = source == Source::certificate_pem ? node : nullptr;
    }
    done_ = sound;
  }

 private:
  void wait_for(const Tree::Node* node) {
    selection_.awaited = node;
    selection_.certificate = nullptr;
    selection_.from = nullptr;
    done_ = true;
  }

  Selection& selection_;
  std::string_view name_;
  std::int64_t now_;
  Trace* trace_;
  bool done_ = false;
};

}  // namespace

std::string_view to_string(Source source) noexcept {
  switch (source) {
    case Source::certificate_pem: return "certificate_pem";
    case Source::certdir: return "certdir";
    case Source::fallback: break;
  }
  return "default";
}

Selection select(const Site& site, const ListenerView& listener, const domain::ServerName& name,
                 std::int64_t now, Trace* trace) {
  static const cert::CertificatePtr none;
  Selection selection;
  const std::string_view text = name.view();
  resolve_settings(site, listener, text, selection);
  Chooser chooser(selection, text, now, trace);
  if (!text.empty()) {
    site.tree.walk(text, [&](domain::Stage stage, std::string_view subject, const Tree::Node* node) {
      if (stage == domain::Stage::domain) selection.in_tree = node != nullptr || subject == site.tree.master();
      chooser.offer(to_string(stage), subject, node, Source::certificate_pem,
                    node != nullptr ? node->value.certificate : none);
      return chooser.done();
    });
  }
  if (!chooser.done()) {
    chooser.offer("certdir", listener.name, nullptr, Source::certdir, listener.certdir);
  }
  if (!chooser.done()) chooser.offer("default", "", nullptr, Source::fallback, site.fallback);
  return selection;
}

}  // namespace arbortls::tls

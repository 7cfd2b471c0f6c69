#include "config/reference_text.hpp"

#include "config/keys.hpp"
#include "config/load.hpp"

#include <array>

namespace arbortls::config {
namespace {

struct Section {
  std::string_view title;
  Keys (*keys)();
  std::string_view intro;
};

constexpr std::array sections{
    Section{"Top level", &top_keys, ""},
    Section{"`aliases[]`", &alias_keys, ""},
    Section{"`domains[]`, and files in `domains_dir`", &domain_keys,
            "`name` is required in `domains`. These keys, the inherited ones and those of automatic certificates "
            "below."},
    Section{"`listeners[]`", &listener_keys, "These keys, and those of its `kind` below."},
    Section{"`listeners[]` of `kind: tls`", &tls_listener_keys, "These keys and the inherited ones below."},
    Section{"`listeners[]` of `kind: http_redirect`", &http_listener_keys, ""},
    Section{"Inherited: in domains and in listeners", &inherited_keys,
            "The value of the nearest domain on the name's path that sets it counts, else the "
            "listener's, else the default."},
    Section{"Automatic certificates: in domains", &automatic_keys,
            "The value of the nearest domain counts, from the domain itself over its parents to the master, else the "
            "default; what is not inherited is said below. A certificate that an operator has put there is never "
            "replaced."},
    Section{"`acme_eab`", &acme_eab_keys, ""},
    Section{"`authority`", &authority_keys, ""},
    Section{"`expiry`", &expiry_keys,
            "Certificates that are served, members of their chains, the own CA's roots and those "
            "of `acme_ca_file` are told of once a day each: mentioned, then warned about, an error "
            "once they have ended; what is renewed automatically only when that is overdue, and a "
            "file that is not what is served after five minutes. In the log, by `status`, "
            "`expiring`, metrics and the hook `expiring`; within five minutes, after a reload at "
            "once."},
    Section{"`hooks`", &hook_keys,
            "Each is a program, or a list of a program and its arguments; it is started without a "
            "shell and told the facts by its environment: `ARBORTLS_EVENT` (`renewed`, `failed`, "
            "`expiring`), `ARBORTLS_DOMAIN`, and for `expiring` `_WHAT` (`nears_end`, `ends_soon`, "
            "`expired`, `renewal_overdue`, `file_not_served`), `_LEVEL`, `_KIND`, "
            "`_SUBJECT`, `_NOT_AFTER` (Unix seconds), `_DAYS_LEFT`, `_DETAIL`."},
    Section{"`backends[]`", &backend_keys, ""},
    Section{"`backends[].health_check`", &health_check_keys, ""},
    Section{"`log`", &log_keys, ""},
    Section{"`workers`", &worker_keys, ""},
    Section{"`limits`", &limit_keys,
            "Nothing is limited unless it is set. Who is over a limit is refused before anything costly is done for "
            "him, counted, and logged at most every ten seconds; nobody else notices. An address is the client's "
            "own, as a believed PROXY header tells it; IPv6 addresses count by their /64. Many phones may share an "
            "address (a call centre, a provider's NAT): leave room for all of them to come back at once, or "
            "exempt them. Changes apply to newcomers only."},
    Section{"`watch`", &watch_keys, ""},
};

std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string default_cell(const Key& key) {
  if (key.need == Need::required) return "**required**";
  if (key.default_text.empty()) return "none";
  // Whole phrases are prose, single words are what one could write.
  const bool prose =
      key.default_text.find_first_of(" `") != key.default_text.npos || key.default_text == "none";
  const std::string text(key.default_text);
  return cell(prose && key.default_text != "[]" ? text : "`" + text + "`");
}

std::string row(const Key& key) {
  std::string notes;
  if (key.change == Change::restart) notes += " Needs a restart.";
  if (key.secrecy == Secrecy::secret) notes += " Never shown.";
  return "| `" + std::string(key.name) + "` | " + cell(key.type()) + " | " + default_cell(key) +
         " | " + cell(key.help) + "." + notes + " |\n";
}

std::string section_text(const Section& section) {
  std::string text = "\n### " + std::string(section.title) + "\n\n";
  if (!section.intro.empty()) text.append(section.intro).append("\n\n");
  text += "| key | value | default | meaning |\n| --- | --- | --- | --- |\n";
  if (section.keys == &domain_keys) text += row(domain_name_keys().front());
  for (const Key& key : section.keys()) text += row(key);
  return text;
}

}  // namespace

std::string reference_markdown() {
  std::string text(reference_opening);
  for (const Section& section : sections) text += section_text(section);
  return text.append(reference_closing);
}

}  // namespace arbortls::config

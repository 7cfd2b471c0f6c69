#include "cert/convert.hpp"
#include "cert/load.hpp"
#include "daemon/cert_commands.hpp"
#include "daemon/cert_files.hpp"
#include "daemon/command.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <ctime>
#include <iostream>

namespace arbortls::daemon {
namespace {

// The command line takes no other words.
cert::Encoding encoding_of(const std::string& word) {
  if (word == "p12") return cert::Encoding::pkcs12;
  return word == "der" ? cert::Encoding::der : cert::Encoding::pem;
}

cert::Part part_of(const std::string& word) {
  if (word == "key") return cert::Part::key;
  if (word == "certificate") return cert::Part::certificate;
  if (word == "chain") return cert::Part::chain;
  return word == "fullchain" ? cert::Part::fullchain : cert::Part::all;
}

struct Wiped {
  std::string& secret;
  ~Wiped() { cert::wipe(secret); }
};

}  // namespace

int convert_file(const ConvertOptions& options) {
  cert::Conversion conversion;
  const Wiped passphrase_wiped{conversion.passphrase};
  const Wiped out_passphrase_wiped{conversion.out_passphrase};
  conversion.to = encoding_of(options.to);
  conversion.part = part_of(options.part);
  conversion.now = std::time(nullptr);
  auto passphrase = read_passphrase(options.passphrase_file);
  if (!passphrase) return fail(passphrase.error().message);
  conversion.passphrase = std::move(*passphrase);
  auto out_passphrase = read_passphrase(options.out_passphrase_file);
  if (!out_passphrase) return fail(out_passphrase.error().message);
  conversion.out_passphrase = std::move(*out_passphrase);
  auto bytes = read_input(options.file);
  if (!bytes) return fail(bytes.error().message);
  const Wiped bytes_wiped{*bytes};
  auto written = cert::convert(*bytes, options.file, conversion);
  if (!written) return fail(options.file + ": " + written.error().message);
  const Wiped written_wiped{*written};
  if (const auto done = write_secret(options.out, *written, options.force); !done)
    return fail(done.error().message);
  if (options.json)
    std::cout << boost::json::serialize(boost::json::object{{"file", options.out}}) << '\n';
  return 0;
}

}  // namespace arbortls::daemon

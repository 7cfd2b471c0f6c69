#include "daemon/cert_commands.hpp"

#include "base/file.hpp"
#include "cert/inspect.hpp"
#include "cert/load.hpp"
#include "cert/make.hpp"
#include "daemon/cert_files.hpp"
#include "daemon/command.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <unistd.h>

#include <ctime>
#include <iostream>
#include <memory>

namespace arbortls::daemon {
namespace {

namespace json = boost::json;
constexpr std::int64_t day = 86'400;

int self_signed(const SelfSignedOptions& options) {
  const std::string key = options.out + "/server.key";
  const std::string crt = options.out + "/server.crt";
  if (!options.force)
    if (const auto free = must_not_exist({key, crt}); !free) return fail(free.error().message);
  const std::int64_t now = std::time(nullptr);
  auto made = cert::make_self_signed(options.names, now, options.days * day);
  if (!made) return fail(made.error().message);
  Result<void> written = create_directory(options.out);
  if (written) written = write_file_atomically(key, made->key_pem, 0600);
  if (written) written = write_file_atomically(crt, made->certificate_pem, 0644);
  cert::wipe(made->key_pem);
  if (!written) return fail(written.error().message);
  if (options.json) {
    std::cout << json::serialize(json::object{{"key", key}, {"certificate", crt}}) << '\n';
  } else {
    std::cout << key << '\n' << crt << '\n';
  }
  return 0;
}

int deliver(const BundleOptions& options, const std::string& pem) {
  if (options.out.empty()) {
    if (::isatty(STDOUT_FILENO) == 1)
      return fail("a private key is not shown on a terminal; --out FILE writes it");
    std::cout << (options.json ? json::serialize(json::object{{"certificate_pem", pem}}) + '\n'
                               : pem);
    return 0;
  }
  if (const auto written = write_secret(options.out, pem, options.force); !written)
    return fail(written.error().message);
  if (options.json) std::cout << json::serialize(json::object{{"file", options.out}}) << '\n';
  return 0;
}

int bundle(const BundleOptions& options) {
  auto passphrase = read_passphrase(options.passphrase_file);
  if (!passphrase) return fail(passphrase.error().message);
  std::vector<std::string> inputs;
  for (const auto& file : options.files) {
    auto input = read_input(file);
    if (!input) return fail(input.error().message);
    inputs.push_back(std::move(*input));
  }
  auto pem = cert::bundle(inputs, *passphrase, std::time(nullptr));
  for (auto& input : inputs) cert::wipe(input);
  cert::wipe(*passphrase);
  if (!pem) return fail(pem.error().message);
  const int code = deliver(options, *pem);
  cert::wipe(*pem);
  return code;
}

void add_passphrase_option(CLI::App& command, std::string& file) {
  command.add_option("--passphrase-file", file, "file with the passphrase of an encrypted key")
      ->type_name("FILE");
}

void add_inspect(CLI::App& cert, Chosen& chosen) {
  auto* command = add_command(
      cert, "inspect",
      "what is in a PEM, DER, PKCS#7 or PKCS#12 file, and with -c or --live what it covers in the "
      "tree; never shows key material",
      "0, 1 unreadable, or a key with a certificate that cannot be used, 2 usage");
  auto options = std::make_shared<InspectOptions>();
  command->add_option("FILE", options->file, "the file; - for standard input")
      ->required()
      ->type_name("");
  add_passphrase_option(*command, options->passphrase_file);
  command->add_option("-c,--config", options->config_file, "compare with the tree of that file")
      ->type_name("FILE");
  command->add_flag("--live", options->live, "compare with the running daemon's tree");
  command->add_option("--socket", options->socket, "control socket of the running daemon")
      ->type_name("PATH");
  add_json_option(*command, options->json);
  command->callback(
      [options, &chosen] { chosen.run = [options] { return inspect_file(*options); }; });
}

void add_self_signed(CLI::App& cert, Chosen& chosen) {
  auto* command =
      add_command(cert, "self-signed", "make server.key and server.crt", "0, 1 not made, 2 usage");
  auto options = std::make_shared<SelfSignedOptions>();
  command->add_option("NAME", options->names, "host names or IP addresses")
      ->required()
      ->type_name("");
  command->add_option("--out", options->out, "directory, created if missing")
      ->required()
      ->type_name("DIR");
  command->add_option("--days", options->days, "lifetime")
      ->check(CLI::Range(1, 36'500))
      ->capture_default_str();
  command->add_flag("--force", options->force, "overwrite what is there");
  add_json_option(*command, options->json);
  command->callback(
      [options, &chosen] { chosen.run = [options] { return self_signed(*options); }; });
}

void add_bundle(CLI::App& cert, Chosen& chosen) {
  auto* command =
      add_command(cert, "bundle", "make one certificate_pem text: key, certificate, chain in order",
                  "0, 1 unreadable or do not belong together, 2 usage");
  auto options = std::make_shared<BundleOptions>();
  command->add_option("FILES", options->files, "KEY CRT [CA...], PEM or DER; or one PKCS#12")
      ->required()
      ->type_name("");
  command->add_option("--out", options->out, "write it there (0600) instead of printing it")
      ->type_name("FILE");
  command->add_flag("--force", options->force, "overwrite what is there");
  add_passphrase_option(*command, options->passphrase_file);
  add_json_option(*command, options->json);
  command->callback([options, &chosen] { chosen.run = [options] { return bundle(*options); }; });
}

void add_convert(CLI::App& cert, Chosen& chosen) {
  auto* command = add_command(cert, "convert", "write a file anew as PEM, DER or PKCS#12",
                              "0, 1 unreadable or not written, 2 usage");
  auto options = std::make_shared<ConvertOptions>();
  command->add_option("IN", options->file, "any readable file; - for standard input")
      ->required()
      ->type_name("");
  command->add_option("--to", options->to, "what to write")
      ->required()
      ->check(CLI::IsMember({"pem", "der", "p12"}))
      ->type_name("FORMAT");
  command->add_option("--out", options->out, "where to write it (0600)")
      ->required()
      ->type_name("FILE");
  command->add_option("--part", options->part, "only that; fullchain is certificate and chain")
      ->check(CLI::IsMember({"all", "key", "certificate", "chain", "fullchain"}))
      ->type_name("PART");
  command->add_flag("--force", options->force, "overwrite what is there");
  add_passphrase_option(*command, options->passphrase_file);
  command
      ->add_option("--out-passphrase-file", options->out_passphrase_file,
                   "file with the passphrase that is to lock the key that is written")
      ->type_name("FILE");
  add_json_option(*command, options->json);
  command->callback(
      [options, &chosen] { chosen.run = [options] { return convert_file(*options); }; });
}

}  // namespace

void add_cert(CLI::App& app, Chosen& chosen) {
  auto* cert = add_command(app, "cert", "inspect, convert and make certificates", "");
  add_inspect(*cert, chosen);
  add_self_signed(*cert, chosen);
  add_bundle(*cert, chosen);
  add_convert(*cert, chosen);
}

}  // namespace arbortls::daemon

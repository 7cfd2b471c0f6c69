// The command line: which subcommand, with which options. What they do is the library's.

#include "daemon/command.hpp"

#include <exception>
#include <iostream>

namespace {

constexpr int usage_error = 2;

int run(int argc, char** argv) {
  namespace daemon = arbortls::daemon;
  CLI::App app("TLS termination for softphones: the certificate follows the domain tree",
               "arbortls");
  app.set_version_flag("--version", "arbortls " ARBORTLS_VERSION);
  daemon::Chosen chosen;
  daemon::add_serve(app, chosen);
  daemon::add_check(app, chosen);
  daemon::add_explain(app, chosen);
  daemon::add_live(app, chosen);
  daemon::add_expiring(app, chosen);
  daemon::add_change(app, chosen);
  daemon::add_cert(app, chosen);
  daemon::add_ca(app, chosen);
  daemon::add_acme(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& parse_error) {
    // CLI11 has exit codes of its own (105 and up); help and version come as "errors" with 0.
    return app.exit(parse_error) == 0 ? 0 : usage_error;
  }
  // Not CLI11's require_subcommand: that would answer an unknown one with "is required".
  if (!chosen.run) {
    std::cerr << "A subcommand is required\nRun with --help for more information.\n";
    return usage_error;
  }
  const int code = chosen.run();
  std::cout.flush();
  if (!std::cout) return daemon::fail("cannot write to standard output");
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& unexpected) {
    return arbortls::daemon::fail(unexpected.what());
  }
}

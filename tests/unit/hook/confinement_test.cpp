// What a hook program has of the daemon: nothing.

#include "scripts.hpp"

#include "base/unique_fd.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <thread>
#include <tuple>

namespace arbortls::hook {
namespace {

bool root() { return ::geteuid() == 0; }

TEST_CASE("A program sees PATH, LANG and what it is told, and nothing else of the environment") {
  REQUIRE(::setenv("ARBORTLS_TEST_SECRET", "secret", 1) == 0);
  const Scripts scripts;
  auto found = scripts.facts_of("exec /usr/bin/env", '=',
                                {{"domain", "a.example"}, {"not-after", "1800000000"}, {"", "x"}});
  for (const char* of_the_shell : {"PWD", "SHLVL", "_", "OLDPWD"}) found.erase(of_the_shell);
  CHECK(found == std::map<std::string, std::string>{
                     {"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
                     {"LANG", "C.UTF-8"},
                     {"ARBORTLS_DOMAIN", "a.example"},
                     {"ARBORTLS_NOT_AFTER", "1800000000"},
                     {"ARBORTLS_", "x"}});
}

TEST_CASE("No value can add a line, be cut by a NUL or be larger than the system takes") {
  const Scripts scripts;
  const std::string value = std::string("a\nb\0c\td\x7f", 8) + std::string(300'000, 'x');
  const auto found = scripts.facts_of("/usr/bin/env | cut -c 1-40", '=', {{"error", value}});
  CHECK(found.at("ARBORTLS_ERROR") == "a b c d " + std::string(17, 'x'));
}

TEST_CASE("A program is given its arguments as they are, and no shell reads them") {
  const Scripts scripts;
  Program program = scripts.program("script", "printf '%s|' \"$@\"");
  program.argv.insert(program.argv.end(), {"$(id)", "a b", "", ";"});
  CHECK(run_and_wait(program, {}).output == "$(id)|a b||;|");
}

TEST_CASE("A program holds no descriptor but an empty input and its output") {
  const UniqueFd open_across_exec(::open("/etc/passwd", O_RDONLY));
  const UniqueFd high(::fcntl(open_across_exec.get(), F_DUPFD, 900));
  REQUIRE(high);
  const Scripts scripts;
  auto found = scripts.facts_of("exec /usr/bin/find /proc/self/fd -type l -printf '%f=%l\\n'", '=');
  // Those that find itself opened.
  std::erase_if(found, [](const auto& each) {
    return each.second == "/" || each.second.starts_with("/proc/");
  });
  REQUIRE(found.size() == 3);
  CHECK(found["0"] == "/dev/null");
  CHECK_THAT(found["1"], Catch::StartsWith("pipe:"));
  CHECK(found["2"] == found["1"]);
}

TEST_CASE("A program has no capabilities and can gain none") {
  const Scripts scripts;
  const auto status = scripts.facts_of("exec cat /proc/self/status", ':');
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapAmb"}) {
    CAPTURE(set);
    CHECK(status.at(set) == "0000000000000000");
  }
  if (root()) CHECK(status.at("CapBnd") == "0000000000000000");
  CHECK(status.at("NoNewPrivs") == "1");
}

TEST_CASE("A program of a daemon that is root runs as nobody, or as whom the configuration says") {
  if (!root()) return;
  const Scripts scripts;
  using Row = std::tuple<std::string, bool>;
  const auto [name, told] = GENERATE(values<Row>({{"nobody", false}, {"daemon", true}}));
  Program program = scripts.program("script", "exec cat /proc/self/status");
  if (told) program.user = name;
  const gid_t extra_group = 4;
  REQUIRE(::setgroups(1, &extra_group) == 0);
  const std::string status = run_and_wait(program, {}).output;
  REQUIRE(::setgroups(0, nullptr) == 0);
  const passwd* user = ::getpwnam(name.c_str());
  REQUIRE(user != nullptr);
  const auto four = [](unsigned id) {
    const std::string text = "\t" + std::to_string(id);
    return text + text + text + text + "\n";
  };
  CHECK_THAT(status, Catch::Contains("Uid:" + four(user->pw_uid)));
  CHECK_THAT(status, Catch::Contains("Gid:" + four(user->pw_gid)));
  CHECK_THAT(status, Catch::Contains("Groups:\t \n") || Catch::Contains("Groups:\t\n"));
}

TEST_CASE("The daemon stays who it is while its programs run as others") {
  const auto user = ::geteuid();
  const Scripts scripts;
  std::string seen_by_another_thread;
  scripts.run("true");
  std::thread([&] { seen_by_another_thread = std::to_string(::geteuid()); }).join();
  CHECK(::geteuid() == user);
  CHECK(seen_by_another_thread == std::to_string(user));
}

TEST_CASE("Programs do not run as root, nor as a user that is not there") {
  if (!root()) return;
  const Scripts scripts;
  const auto [user, reason] = GENERATE(table<std::string, std::string>({
      {"root", "hook programs do not run as root"},
      {"no-such-user", "there is no user no-such-user"}}));
  Program program = scripts.program("script", "true");
  program.user = user;
  const Outcome outcome = run_and_wait(program, {});
  CHECK(outcome.end == Outcome::End::not_started);
  CHECK(outcome.output == program.argv[0] + ": " + reason);
}

TEST_CASE("A program leads a session of its own in the root directory, and its files are its own") {
  const Scripts scripts;
  const auto found = scripts.facts_of(
      "echo cwd=$(pwd); echo umask=$(umask); echo pid=$$; echo sid=$(ps -o sid= -p $$);"
      "echo pgid=$(ps -o pgid= -p $$)",
      '=');
  CHECK(found.at("cwd") == "/");
  CHECK(found.at("umask") == "0077");
  CHECK(found.at("sid") == found.at("pid"));
  CHECK(found.at("pgid") == found.at("pid"));
}

TEST_CASE("A program's resources are bounded, and it goes first where memory runs out") {
  const Scripts scripts;
  auto program = scripts.program(
      "script", "ulimit -n; ulimit -c; ulimit -t; cat /proc/self/oom_score_adj");
  program.deadline = std::chrono::seconds(77);
  CHECK(run_and_wait(program, {}).output == "1024\n0\n77\n500\n");
}

TEST_CASE("A program has no signal blocked, ignored or handled, whatever the daemon has") {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGUSR1, [](int) {});
  sigset_t mask;
  ::sigemptyset(&mask);
  ::sigaddset(&mask, SIGTERM);
  REQUIRE(::pthread_sigmask(SIG_BLOCK, &mask, nullptr) == 0);
  const Scripts scripts;
  const auto status = scripts.facts_of("exec cat /proc/self/status", ':');
  for (const char* set : {"SigBlk", "SigIgn", "SigCgt"}) {
    CAPTURE(set);
    CHECK(status.at(set) == "0000000000000000");
  }
  sigset_t after;
  REQUIRE(::pthread_sigmask(SIG_UNBLOCK, &mask, &after) == 0);
  CHECK(::sigismember(&after, SIGTERM) == 1);
  CHECK(::sigismember(&after, SIGINT) == 0);
  CHECK(std::signal(SIGUSR1, SIG_DFL) != SIG_DFL);
  std::signal(SIGPIPE, SIG_DFL);
}

TEST_CASE("A program cannot read the daemon's memory") {
  if (!root()) return;
  const Scripts scripts;
  const std::string memory = "/proc/" + std::to_string(::getpid()) + "/mem";
  const Outcome outcome = scripts.run("exec 3<" + memory);
  CHECK_FALSE(outcome.succeeded());
  CHECK_THAT(outcome.output, Catch::Contains("Permission denied"));
}

}  // namespace
}  // namespace arbortls::hook

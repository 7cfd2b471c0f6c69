#include "scripts.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <vector>

namespace arbortls::hook {
namespace {

using namespace std::chrono_literals;
using Outcomes = std::vector<std::string>;
const Runner::Clock::time_point now{1h};

// Notes the ends of what a runner runs, in order.
Runner::Done note(Outcomes& outcomes) {
  return [&outcomes](const Outcome& outcome) { outcomes.push_back(outcome.output); };
}

// It is not ours to wait for, and init may be slow to.
void wait_for_end(pid_t pid) {
  while (::kill(pid, 0) == 0 && Scripts::state_of(pid) != 'Z') ::sched_yield();
}

Event event(const std::string& name, const std::string& domain, const std::string& detail = "") {
  return {name, domain, {{"detail", detail}}};
}

TEST_CASE("A program's end is told") {
  const Scripts scripts;
  const auto [commands, end, code, text] =
      GENERATE(table<std::string, Outcome::End, int, std::string>({
          {"exit 0", Outcome::End::exited, 0, "exit code 0"},
          {"exit 3", Outcome::End::exited, 3, "exit code 3"},
          {"kill -9 $$", Outcome::End::signalled, 9, "ended by signal 9"},
      }));
  const Outcome outcome = scripts.run(commands);
  CHECK(outcome.end == end);
  CHECK(outcome.code == code);
  CHECK(describe(outcome) == text);
  CHECK(outcome.succeeded() == (commands == "exit 0"));
}

TEST_CASE("A program that cannot be started is told with the reason") {
  const Scripts scripts;
  scripts.folder().put("not_executable", "", 0644);
  scripts.folder().put("no_interpreter", "true\n", 0755);
  const auto [name, reason] = GENERATE(table<std::string, std::string>({
      {"missing", "cannot run it: No such file or directory"},
      {"not_executable", "cannot run it: Permission denied"},
      {"no_interpreter", "cannot run it: Exec format error"},
  }));
  Program program;
  program.argv = {scripts.folder().at(name)};
  const Outcome outcome = run_and_wait(program, {});
  CHECK(outcome.end == Outcome::End::not_started);
  CHECK(outcome.output == program.argv[0] + ": " + reason);
  CHECK_FALSE(outcome.succeeded());
  CHECK(describe(outcome) == "not started: " + outcome.output);
}

TEST_CASE("A program is named by its absolute path") {
  Program program;
  CHECK(run_and_wait(program, {}).output == "no program is named");
  program.argv = {"true"};
  CHECK(run_and_wait(program, {}).output == "true: an absolute path is expected");
}

TEST_CASE("The last 4 kB of a program's output and errors are kept, however much it writes") {
  const Scripts scripts;
  CHECK(scripts.run("echo out; echo err >&2; printf end").output == "out\nerr\nend");
  const Outcome much = scripts.run("head -c 3000000 /dev/zero | tr '\\0' x; printf end");
  CHECK(much.output == std::string(4093, 'x') + "end");
}

TEST_CASE("A program that closes its output is still waited for") {
  const Scripts scripts;
  CHECK(scripts.run("exec >&- 2>&-; /bin/sleep 0.1; exit 5").code == 5);
}

TEST_CASE("At its deadline a program is killed with all that it started") {
  const Scripts scripts;
  const std::string pids = scripts.folder().put("pids", "", 0666);
  Program program = scripts.program(
      "script", "/bin/sleep 1000 & echo $! >" + pids + "; echo begun; trap '' TERM; wait");
  program.deadline = 1s;
  const Outcome outcome = run_and_wait(program, {});
  CHECK(outcome.end == Outcome::End::overdue);
  CHECK(outcome.output == "begun\n");
  CHECK(describe(outcome) == "killed at its deadline");
  wait_for_end(static_cast<pid_t>(std::stoi(scripts.folder().content("pids"))));
}

TEST_CASE("What a program leaves behind is killed and holds nobody") {
  const Scripts scripts;
  const Outcome outcome = scripts.run("/bin/sleep 1000 & echo $!; exit 4");
  CHECK(outcome.code == 4);
  wait_for_end(static_cast<pid_t>(std::stoi(outcome.output)));
}

TEST_CASE("No more programs run at once than may") {
  const Scripts scripts;
  Limits limits;
  limits.at_once = 2;
  Runner runner(limits);
  // Each waits for a word of the test's.
  const std::string gate = scripts.folder().at("gate");
  REQUIRE(::mkfifo(gate.c_str(), 0666) == 0);
  REQUIRE(::chmod(gate.c_str(), 0666) == 0);
  Outcomes outcomes;
  const Program program = scripts.program("script", "read word <" + gate + "; echo $ARBORTLS_N");
  for (const char* number : {"1", "2", "3"}) runner.run(program, {{"n", number}}, note(outcomes));
  runner.on_ready();
  CHECK(runner.running() == 2);
  CHECK(runner.waiting() == 1);
  const UniqueFd open_gate(::open(gate.c_str(), O_RDWR));
  REQUIRE(::write(open_gate.get(), "a\nb\nc\n", 6) == 6);
  drive(runner);
  CHECK(outcomes.size() == 3);
}

TEST_CASE("Results come from on_ready only, and a result may ask for the next program") {
  const Scripts scripts;
  Runner runner;
  Outcomes outcomes;
  const Program program = scripts.program("script", "echo $ARBORTLS_N");
  runner.run(program, {{"n", "1"}}, [&](const Outcome& first) {
    outcomes.push_back(first.output);
    runner.run(program, {{"n", "2"}}, note(outcomes));
    CHECK(outcomes.size() == 1);
  });
  CHECK(outcomes.empty());
  drive(runner);
  CHECK(outcomes == Outcomes{"1\n", "2\n"});
}

TEST_CASE("An event's name, domain and facts reach the program") {
  const Scripts scripts;
  Runner runner;
  Outcomes outcomes;
  const Program program =
      scripts.program("script", "echo $ARBORTLS_EVENT $ARBORTLS_DOMAIN $ARBORTLS_DETAIL");
  CHECK(runner.notify(program, event("renewed", "a.example", "x"), now, note(outcomes)) ==
        Runner::Verdict::queued);
  drive(runner);
  CHECK(outcomes == Outcomes{"renewed a.example x\n"});
}

TEST_CASE("Programs whose result is waited for go before events") {
  const Scripts scripts;
  Limits limits;
  limits.at_once = 1;
  Runner runner(limits);
  Outcomes outcomes;
  const Program program = scripts.program("script", "printf %s \"$ARBORTLS_EVENT$ARBORTLS_N\"");
  runner.notify(program, event("failed", "a"), now, note(outcomes));
  runner.run(program, {{"n", "waited"}}, note(outcomes));
  drive(runner);
  CHECK(outcomes == Outcomes{"waited", "failed"});
}

TEST_CASE("An event that still waits takes the newer facts of the same event and domain") {
  const Scripts scripts;
  Runner runner;
  Outcomes outcomes;
  const Program program = scripts.program("script", "printf %s \"$ARBORTLS_DETAIL\"");
  runner.notify(program, event("failed", "a", "old"), now, note(outcomes));
  runner.notify(program, event("failed", "b", "other"), now, note(outcomes));
  CHECK(runner.notify(program, event("failed", "a", "new"), now, note(outcomes)) ==
        Runner::Verdict::merged);
  CHECK(runner.dropped() == 0);
  Outcomes wanted{"new", "other"};
  drive(runner);
  CHECK_THAT(outcomes, Catch::UnorderedEquals(wanted));
}

TEST_CASE("An event of a domain that comes too often is dropped and counted, others are not") {
  const Scripts scripts;
  Limits limits;
  limits.per_event_and_domain = 2;
  Runner runner(limits);
  const Program program = scripts.program("script", "");
  const auto notify = [&](const char* name, const char* domain, Runner::Clock::duration later) {
    const auto verdict = runner.notify(program, event(name, domain), now + later, nullptr);
    drive(runner);
    return verdict;
  };
  CHECK(notify("failed", "a", 0min) == Runner::Verdict::queued);
  CHECK(notify("failed", "a", 1min) == Runner::Verdict::queued);
  CHECK(notify("failed", "a", 2min) == Runner::Verdict::too_often);
  CHECK(notify("renewed", "a", 2min) == Runner::Verdict::queued);
  CHECK(notify("failed", "b", 2min) == Runner::Verdict::queued);
  CHECK(runner.dropped() == 1);
  CHECK(notify("failed", "a", 60min) == Runner::Verdict::queued);
  CHECK(notify("failed", "a", 60min) == Runner::Verdict::too_often);
}

TEST_CASE("Where too many events wait, further ones are dropped and counted") {
  const Scripts scripts;
  Limits limits;
  limits.queued = 2;
  Runner runner(limits);
  const Program program = scripts.program("script", "");
  CHECK(runner.notify(program, event("failed", "a"), now, nullptr) == Runner::Verdict::queued);
  CHECK(runner.notify(program, event("failed", "b"), now, nullptr) == Runner::Verdict::queued);
  CHECK(runner.notify(program, event("failed", "c"), now, nullptr) == Runner::Verdict::queue_full);
  CHECK(runner.notify(program, event("failed", "a"), now, nullptr) == Runner::Verdict::merged);
  CHECK(runner.dropped() == 1);
  drive(runner);
}

TEST_CASE("A runner that ends leaves no program and no child behind") {
  const Scripts scripts;
  bool told = false;
  {
    Runner runner;
    const Program program = scripts.program("script", "exec /bin/sleep 1000");
    runner.run(program, {}, [&](const Outcome&) { told = true; });
    runner.on_ready();
    REQUIRE(runner.running() == 1);
  }
  CHECK_FALSE(told);
  CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
  CHECK(errno == ECHILD);
}

TEST_CASE("A program ends with a daemon that is killed") {
  const Scripts scripts;
  const std::string told = scripts.folder().at("told");
  REQUIRE(::mkfifo(told.c_str(), 0666) == 0);
  REQUIRE(::chmod(told.c_str(), 0666) == 0);
  const UniqueFd reading(::open(told.c_str(), O_RDWR));
  const Program program =
      scripts.program("script", "echo $$ >" + told + "; exec /bin/sleep 1000");
  const pid_t daemon = ::fork();
  REQUIRE(daemon >= 0);
  if (daemon == 0) {
    Runner runner;
    runner.run(program, {}, nullptr);
    runner.on_ready();
    for (;;) ::pause();
  }
  char text[16] = {};
  REQUIRE(::read(reading.get(), text, sizeof text - 1) > 0);
  REQUIRE(::kill(daemon, SIGKILL) == 0);
  REQUIRE(::waitpid(daemon, nullptr, 0) == daemon);
  wait_for_end(static_cast<pid_t>(std::stoi(text)));
}

TEST_CASE("A runner that has nothing to do keeps its loop asleep") {
  const Scripts scripts;
  Runner runner;
  runner.run(scripts.program("script", ""), {}, nullptr);
  drive(runner);
  pollfd ready{runner.descriptor(), POLLIN, 0};
  CHECK(::poll(&ready, 1, 0) == 0);
}

}  // namespace
}  // namespace arbortls::hook

#include "log/logger.hpp"

#include "unit/log/pipe.hpp"

#include <sys/socket.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>

namespace arbortls::log {
namespace {

using test::lines_of;
using test::Pipe;
using namespace std::chrono_literals;

std::size_t threads_now() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) ++count;
  return count;
}

TEST_CASE("Lines come out in order, each once, at or above the level") {
  const Pipe pipe;
  Logger logger(pipe.write_end.get(), Level::info);
  logger.debug("hidden");
  logger.info("one", {{"bytes", 17}, {"sni", "a.example"}});
  logger.warning("two");
  logger.error("three");
  logger.flush(10s);
  const auto lines = lines_of(pipe.take());
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].substr(23) == "Z info  one bytes=17 sni=a.example");
  CHECK(lines[1].substr(23) == "Z warning two");
  CHECK(lines[2].substr(23) == "Z error three");
  CHECK(logger.dropped() == 0);
}

TEST_CASE("Level and format change while it runs") {
  const Pipe pipe;
  Logger logger(pipe.write_end.get(), Level::error);
  CHECK_FALSE(logger.enabled(Level::warning));
  logger.set_level(Level::debug);
  CHECK(logger.enabled(Level::debug));
  logger.debug("as text");
  logger.set_format(Format::json);
  logger.debug("as json");
  logger.flush(10s);
  const auto lines = lines_of(pipe.take());
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].find("debug as text") != std::string::npos);
  CHECK(lines[1].front() == '{');
}

TEST_CASE("The destructor writes what is queued") {
  const Pipe pipe;
  { Logger(pipe.write_end.get()).info("last words"); }
  CHECK(pipe.take().find("last words") != std::string::npos);
}

TEST_CASE("A full pipe costs lines, never the caller's time, and leaves no thread") {
  const std::size_t before = threads_now();
  const Pipe pipe;
  pipe.fill();
  {
    Logger logger(pipe.write_end.get());
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 100'000; ++i) logger.info("nobody reads", {{"number", i}});
    CHECK(logger.dropped() > 90'000);
    logger.flush(1ms);
    CHECK(std::chrono::steady_clock::now() - start < 30s);
  }
  CHECK(threads_now() == before);
  CHECK(pipe.take().find("nobody") == std::string::npos);
}

TEST_CASE("A pipe that nobody reads is given up within a bound at the end") {
  const Pipe pipe;
  pipe.fill();
  const auto start = std::chrono::steady_clock::now();
  { Logger(pipe.write_end.get()).info("stuck"); }
  CHECK(std::chrono::steady_clock::now() - start < 10s);
}

TEST_CASE("Lost lines are told once the reader is back, and the newest are kept") {
  const Pipe pipe;
  pipe.fill();
  Logger logger(pipe.write_end.get());
  for (int i = 0; i < 20'000; ++i) logger.info("line", {{"number", i}});
  const std::uint64_t dropped = logger.dropped();
  REQUIRE(dropped > 0);
  const std::string seen = pipe.take_until("log lines were lost");
  CHECK(seen.find("number=19999\n") != std::string::npos);
  CHECK(seen.find("warning log lines were lost lines=" + std::to_string(dropped) + "\n") != std::string::npos);
  logger.info("after");
  logger.flush(10s);
  CHECK(pipe.take().find("lost") == std::string::npos);
}

TEST_CASE("A reader that is gone costs lines, not the process") {
  Pipe pipe;
  // The default action of SIGPIPE is what a daemon that forgot to ignore it would have.
  const auto old_action = std::signal(SIGPIPE, SIG_DFL);
  pipe.read_end.reset();
  {
    Logger logger(pipe.write_end.get());
    logger.info("to nobody");
    logger.flush(10s);
    CHECK(logger.dropped() == 1);
  }
  std::signal(SIGPIPE, old_action);
}

TEST_CASE("A full or closed socket is survived like a pipe") {
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  UniqueFd reader(ends[0]);
  const UniqueFd writer(ends[1]);
  {
    Logger logger(writer.get());
    for (int i = 0; i < 20'000; ++i) logger.info("nobody reads", {{"number", i}});
    CHECK(logger.dropped() > 0);
    reader.reset();
    logger.flush(10s);
    const auto dropped = logger.dropped();
    logger.info("gone");
    logger.flush(10s);
    CHECK(logger.dropped() == dropped + 1);
  }
}

TEST_CASE("A closed descriptor and a full device are counted") {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  for (const int descriptor : {-1, full.get()}) {
    Logger logger(descriptor);
    logger.info("anything");
    logger.flush(10s);
    CHECK(logger.dropped() == 1);
  }
}

TEST_CASE("The descriptor's own flags are left alone") {
  const Pipe pipe;
  const int before = ::fcntl(pipe.write_end.get(), F_GETFL);
  Logger logger(pipe.write_end.get());
  logger.info("x");
  logger.flush(10s);
  CHECK(::fcntl(pipe.write_end.get(), F_GETFL) == before);
}

TEST_CASE("Threads that log at once never mix their lines") {
  Pipe pipe;
  Logger logger(pipe.write_end.get());
  std::vector<std::thread> writers;
  for (int id = 0; id < 4; ++id) {
    writers.emplace_back([&logger, id] {
      for (int i = 0; i < 200; ++i) logger.info("hello", {{"writer", id}, {"number", i}});
      logger.flush(10s);
    });
  }
  std::string all = pipe.take_until("writer=3 number=199\n");
  for (auto& writer : writers) writer.join();
  all += pipe.take();
  int next[4] = {0, 0, 0, 0};
  for (const auto& line : lines_of(all)) {
    int id = -1;
    int number = -1;
    REQUIRE(std::sscanf(line.c_str() + 24, " info  hello writer=%d number=%d", &id, &number) == 2);
    REQUIRE(id >= 0);
    REQUIRE(id < 4);
    CHECK(number == next[id]++);
  }
  for (const int count : next) CHECK(count == 200);
}

TEST_CASE("A line longer than the pipe's promise of one piece arrives whole") {
  const Pipe pipe;
  Logger logger(pipe.write_end.get());
  const std::string nuls(2000, '\0');
  logger.info("long", {{"a", nuls}, {"b", nuls}, {"c", nuls}, {"end", true}});
  const std::string line = pipe.take_until("end=true\n");
  CHECK(line.size() > 18'000);
  CHECK(lines_of(line).size() == 1);
}

}  // namespace
}  // namespace arbortls::log

#include "hook/process.hpp"

#include "hook/environment.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

namespace arbortls::hook {
namespace {

constexpr std::size_t kept_output = 4096;
constexpr int reads_in_a_row = 16;  // a program that writes without end must not hold the caller

std::string reason() { return std::strerror(errno); }

// 0 to 2 may be free in a daemon that was started without them, and are where the child's go.
UniqueFd above_standard(int fd) {
  const UniqueFd given(fd);
  return UniqueFd(::fcntl(given.get(), F_DUPFD_CLOEXEC, 3));
}

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return error("cannot make a pipe: " + reason());
  Pipe pipe{UniqueFd(ends[0]), above_standard(ends[1])};
  const bool made = pipe.write && ::fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK) == 0;
  if (!made) return error("cannot make a pipe: " + reason());
  return pipe;
}

// Nothing to become where the daemon is not root, and so cannot.
Result<std::optional<Identity>> identity_of(const std::string& user) {
  if (::geteuid() != 0) return std::optional<Identity>();
  std::vector<char> buffer(16 * 1024);
  passwd entry{};
  passwd* found = nullptr;
  const int failed = ::getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (failed != 0) return error("cannot look up the user " + user + ": " + std::strerror(failed));
  if (found == nullptr) return error("there is no user " + user);
  if (entry.pw_uid == 0) return error("hook programs do not run as root");
  return std::optional<Identity>({entry.pw_uid, entry.pw_gid});
}

std::vector<const char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<const char*> pointers;
  for (const auto& text : texts) pointers.push_back(text.c_str());
  pointers.push_back(nullptr);
  return pointers;
}

Result<Child> launch_with(const Program& program, const Facts& facts, int output) {
  const auto identity = identity_of(program.user);
  if (!identity) return identity.error();
  const UniqueFd input = above_standard(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!input) return error("cannot open /dev/null: " + reason());
  const std::vector<std::string> environment = environment_of(facts);
  const auto arguments = pointers_to(program.argv);
  const auto variables = pointers_to(environment);
  const auto seconds = static_cast<rlim_t>(std::max<std::int64_t>(program.deadline.count(), 1));
  return launch({arguments.data(), variables.data(), input.get(), output, *identity, seconds});
}

Outcome outcome_of(const siginfo_t& info) {
  Outcome outcome;
  outcome.end = info.si_code == CLD_EXITED ? Outcome::End::exited : Outcome::End::signalled;
  outcome.code = info.si_status;
  return outcome;
}

}  // namespace

Result<Process> Process::start(const Program& program, const Facts& facts) {
  if (program.argv.empty()) return error("no program is named");
  const std::string& path = program.argv.front();
  if (!path.starts_with('/')) return error(path + ": an absolute path is expected");
  auto pipe = make_pipe();
  if (!pipe) return error(path + ": " + pipe.error().message);
  auto child = launch_with(program, facts, pipe->write.get());
  if (!child) return error(path + ": " + child.error().message);
  return Process(std::move(*child), std::move(pipe->read));
}

Process::~Process() {
  if (!child_.exited) return;
  kill();
  finish();
}

void Process::read_output() {
  std::array<char, kept_output> buffer;
  for (int i = 0; output_ && i < reads_in_a_row; ++i) {
    const ssize_t n = ::read(output_.get(), buffer.data(), buffer.size());
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) return output_.reset();
    last_output_.append(buffer.data(), static_cast<std::size_t>(n));
    if (last_output_.size() > kept_output) last_output_.erase(0, last_output_.size() - kept_output);
  }
}

bool Process::has_ended() const {
  pollfd exited{child_.exited.get(), POLLIN, 0};
  return ::poll(&exited, 1, 0) > 0;
}

void Process::kill() noexcept { ::kill(-child_.pid, SIGKILL); }

Outcome Process::finish() {
  siginfo_t info{};
  const auto wait = [&](int flags) {
    return ::waitid(P_PIDFD, static_cast<id_t>(child_.exited.get()), &info, WEXITED | flags) == 0;
  };
  // Until it is waited for nobody else can have its number: the group is still its own.
  while (!wait(WNOWAIT) && errno == EINTR) continue;
  kill();
  while (!wait(0) && errno == EINTR) continue;
  read_output();
  child_.exited.reset();
  Outcome outcome = outcome_of(info);
  outcome.output = std::move(last_output_);
  return outcome;
}

}  // namespace arbortls::hook

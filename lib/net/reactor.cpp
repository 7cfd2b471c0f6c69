#include "net/reactor.hpp"

#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

namespace arbortls::net {
namespace {

constexpr int batch = 256;
constexpr int task_attempts = 100;

// Handlers are aligned to 8 bytes at least, so the lowest bit is free for the tag.
std::uint64_t pack(Handler& handler, unsigned tag) {
  return reinterpret_cast<std::uintptr_t>(&handler) | (tag & 1u);
}

epoll_event make_event(Handler& handler, unsigned tag, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = pack(handler, tag);
  return event;
}

}  // namespace

Reactor::Reactor() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_ || wake_.descriptor() < 0)
    throw std::system_error(errno, std::system_category(), "epoll or eventfd");
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = 0;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.descriptor(), &event) != 0) {
    throw std::system_error(errno, std::system_category(), "epoll_ctl");
  }
}

Reactor::~Reactor() {
  // Destroying one may retire another, so each goes the way of the retired.
  while (!owned_.empty()) retire(owned_.front());
  bury();
}

// Only the first letter wakes the thread: it empties the whole box.
template <class Letters, class Letter>
void Reactor::put(Letters& letters, Letter letter) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = tasks_.empty() && adopted_.empty();
    letters.push_back(std::move(letter));
  }
  if (first) wake_.ring();
}

void Reactor::post(std::function<void()> task) { put(tasks_, std::move(task)); }

void Reactor::adopt(std::unique_ptr<Handler> handler) { put(adopted_, std::move(handler)); }

void Reactor::stop() {
  post([this] { stopped_ = true; });
}

bool Reactor::add(int fd, Handler& handler, unsigned tag, std::uint32_t events) {
  epoll_event event = make_event(handler, tag, events);
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Reactor::modify(int fd, Handler& handler, unsigned tag, std::uint32_t events) {
  epoll_event event = make_event(handler, tag, events);
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void Reactor::remove(int fd) {
  epoll_event event{};
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, &event);
}

std::uint32_t Reactor::tick_at(Clock::time_point t) const {
  return static_cast<std::uint32_t>((t - start_) / tick);
}

void Reactor::set_timer(Handler& handler, Clock::duration after) {
  if (handler.retired_) return;
  if (handler.TimerHook::is_linked()) handler.TimerHook::unlink();
  handler.due_tick_ = std::max(tick_at(now_ + after) + 1, current_tick_ + 1);
  wheel_[handler.due_tick_ % slots].push_back(handler);
}

void Reactor::again(Handler& handler, unsigned tag) noexcept {
  if (handler.retired_) return;
  handler.again_tags_ |= static_cast<std::uint8_t>(1u << tag);
  if (!handler.AgainHook::is_linked()) again_.push_back(handler);
}

void Reactor::retire(Handler& handler) {
  if (handler.retired_) return;
  handler.retired_ = true;
  if (handler.TimerHook::is_linked()) handler.TimerHook::unlink();
  if (handler.OwnerHook::is_linked()) handler.OwnerHook::unlink();
  if (handler.AgainHook::is_linked()) handler.AgainHook::unlink();
  retired_.push_back(handler);
}

void Reactor::bury() {
  // Destroying one may retire another.
  while (!retired_.empty()) {
    Handler& handler = retired_.front();
    retired_.pop_front();
    delete &handler;
  }
}

template <class Call>
void Reactor::guarded(Handler& handler, Call call) noexcept {
  try {
    call();
  } catch (...) {
    retire(handler);
  }
}

// What is posted publishes state: it may be repeated, but not lost for a passing lack of memory.
void Reactor::run_task(const std::function<void()>& task) {
  for (int attempt = 1;; ++attempt) {
    try {
      return task();
    } catch (const std::bad_alloc&) {
      if (attempt == task_attempts) throw;
      ::poll(nullptr, 0, 10);
    }
  }
}

void Reactor::drain_mailbox() {
  wake_.hush();
  std::vector<std::function<void()>> tasks;
  std::vector<std::unique_ptr<Handler>> adopted;
  {
    const std::lock_guard lock(mutex_);
    tasks.swap(tasks_);
    adopted.swap(adopted_);
  }
  for (auto& arrival : adopted) {
    Handler& handler = own(std::move(arrival));
    guarded(handler, [&] { handler.on_adopted(); });
  }
  for (auto& task : tasks) run_task(task);
}

void Reactor::run_again() {
  AgainList round;
  round.swap(again_);
  while (!round.empty()) {
    Handler& handler = round.front();
    round.pop_front();
    const auto tags = std::exchange(handler.again_tags_, std::uint8_t{0});
    for (unsigned tag = 0; tag < 2; ++tag) {
      if ((tags & (1u << tag)) == 0 || handler.retired_) continue;
      guarded(handler, [&] { handler.on_io(tag, 0); });
    }
  }
}

void Reactor::fire_timers() {
  const std::uint32_t until = tick_at(now_);
  // After a long stop (SIGSTOP, suspend) one turn of the wheel sees every timer.
  if (until - current_tick_ > slots) current_tick_ = until - slots;
  while (current_tick_ < until) {
    ++current_tick_;
    TimerList due;
    due.swap(wheel_[current_tick_ % slots]);
    while (!due.empty()) {
      Handler& handler = due.front();
      due.pop_front();
      if (handler.due_tick_ > current_tick_) {
        wheel_[handler.due_tick_ % slots].push_back(handler);
      } else {
        guarded(handler, [&] { handler.on_timeout(); });
      }
    }
  }
}

int Reactor::wait_milliseconds() const {
  if (!again_.empty()) return 0;
  for (std::uint32_t ahead = 1; ahead <= slots; ++ahead) {
    if (!wheel_[(current_tick_ + ahead) % slots].empty()) {
      const auto due = start_ + tick * (current_tick_ + ahead);
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - now_).count();
      return static_cast<int>(std::max<std::int64_t>(left, 0));
    }
  }
  return -1;
}

bool Reactor::is_kept_waiting() const noexcept {
  if (!asleep_.load(std::memory_order_relaxed)) return false;
  pollfd events{epoll_.get(), POLLIN, 0};
  return ::poll(&events, 1, 0) == 1;
}

void Reactor::run() {
  std::array<epoll_event, batch> events;
  while (!stopped_) {
    const int timeout = wait_milliseconds();
    asleep_.store(true, std::memory_order_relaxed);
    const int count = ::epoll_wait(epoll_.get(), events.data(), batch, timeout);
    asleep_.store(false, std::memory_order_relaxed);
    now_ = Clock::now();
    // Mail first: what was published before a peer connected is in force when its connection is accepted.
    for (int i = 0; i < count; ++i) {
      if (events[static_cast<std::size_t>(i)].data.u64 == 0) drain_mailbox();
    }
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      auto* handler = reinterpret_cast<Handler*>(static_cast<std::uintptr_t>(event.data.u64 & ~1ull));
      if (handler == nullptr || handler->retired_) continue;
      guarded(*handler, [&] { handler->on_io(static_cast<unsigned>(event.data.u64 & 1u), event.events); });
    }
    run_again();
    fire_timers();
    bury();
  }
}

}  // namespace arbortls::net

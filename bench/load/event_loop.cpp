#include "load/event_loop.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

namespace arbortls::bench {
namespace {

timespec until_now(TimePoint until) {
  const auto left = std::max(until - Clock::now(), Clock::duration::zero());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(left - seconds);
  return timespec{seconds.count(), rest.count()};
}

}  // namespace

Result<EventLoop> EventLoop::make() {
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return error(std::string("epoll_create1: ") + std::strerror(errno));
  return EventLoop(std::move(epoll));
}

Result<void> EventLoop::watch(int fd, Handler& handler) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &handler;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0) return {};
  return error(std::string("epoll_ctl: ") + std::strerror(errno));
}

void EventLoop::turn(TimePoint until) {
  std::array<epoll_event, 128> events;
  const timespec wait = until_now(idle_.empty() ? until : TimePoint());
  const int ready =
      ::epoll_pwait2(epoll_.get(), events.data(), static_cast<int>(events.size()), &wait, nullptr);
  for (int i = 0; i < ready; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    static_cast<Handler*>(event.data.ptr)->on_ready(event.events);
  }
  if (ready > 0 || idle_.empty()) return;
  Handler& next = *idle_.front();
  idle_.pop_front();
  next.on_idle();
}

}  // namespace arbortls::bench

#pragma once
// Reactor: one thread's readiness loop over epoll, with coarse timers and a mailbox. It exists because the relay
// pays for every system call: a descriptor is registered once, level-triggered, and its interest changes only
// under back-pressure; an Asio wait costs one epoll_ctl each time. It knows descriptors, no TLS, no protocol.
//
// Threads: run() owns the loop; post(), adopt() and stop() may be called from any thread, all else only from
// within the loop's thread (or before run()).

#include "base/unique_fd.hpp"
#include "base/wake_up.hpp"

#include <boost/intrusive/list.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace arbortls::net {

using Clock = std::chrono::steady_clock;

class Reactor;

using TimerHook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
using OwnerHook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<Reactor>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
struct AgainTag;
using AgainHook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<AgainTag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

// Whatever lives on a reactor. Owned by the reactor from adopt() or own() until retire(). One that throws (memory ran
// out) is retired: it costs itself and nobody else.
class Handler : public TimerHook, public OwnerHook, public AgainHook {
 public:
  virtual ~Handler() = default;
  // `tag` is the one given to add(); 0 or 1. `events` are epoll's.
  virtual void on_io(unsigned tag, std::uint32_t events) = 0;
  virtual void on_timeout() {}
  virtual void on_adopted() {}

 private:
  friend class Reactor;
  std::uint32_t due_tick_ = 0;
  std::uint8_t again_tags_ = 0;  // bit n: on_io(n, 0) is due
  bool retired_ = false;
};

class Reactor {
 public:
  Reactor();
  ~Reactor();  // destroys the handlers it owns, in no particular order
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  void run();
  void stop();
  // A task that throws std::bad_alloc is run again: it must bear that.
  void post(std::function<void()> task);
  // Hands a handler over to this reactor's thread, which owns it from then on and calls on_adopted().
  void adopt(std::unique_ptr<Handler> handler);
  // The same for a handler that is made on this reactor's own thread; it is not called.
  template <class H>
  H& own(std::unique_ptr<H> handler) {
    owned_.push_back(*handler);
    return *handler.release();
  }

  // False with errno set when the kernel refuses.
  bool add(int fd, Handler& handler, unsigned tag, std::uint32_t events);
  void modify(int fd, Handler& handler, unsigned tag, std::uint32_t events);
  void remove(int fd);

  // One timer a handler: fires at the first tick not before `after`; a later call moves it.
  void set_timer(Handler& handler, Clock::duration after);
  // on_io(tag, 0) once more after the others had their turn, however often it is asked for.
  void again(Handler& handler, unsigned tag) noexcept;

  // Destroys the handler after the current round of events; it gets no more calls. Its descriptors are removed, or
  // closed by its destructor.
  void retire(Handler& handler);

  Clock::time_point now() const noexcept { return now_; }

  // Whether its thread has something to do and no processor to do it on. Any thread.
  bool is_kept_waiting() const noexcept;

 private:
  using TimerList =
      boost::intrusive::list<Handler, boost::intrusive::base_hook<TimerHook>,
                             boost::intrusive::constant_time_size<false>>;
  using OwnedList =
      boost::intrusive::list<Handler, boost::intrusive::base_hook<OwnerHook>,
                             boost::intrusive::constant_time_size<false>>;
  using AgainList =
      boost::intrusive::list<Handler, boost::intrusive::base_hook<AgainHook>,
                             boost::intrusive::constant_time_size<false>>;
  static constexpr std::uint32_t slots = 512;
  static constexpr auto tick = std::chrono::milliseconds(50);

  template <class Letters, class Letter>
  void put(Letters& letters, Letter letter);
  void drain_mailbox();
  static void run_task(const std::function<void()>& task);
  void run_again();
  void fire_timers();
  int wait_milliseconds() const;
  void bury();
  template <class Call>
  void guarded(Handler& handler, Call call) noexcept;
  std::uint32_t tick_at(Clock::time_point t) const;

  UniqueFd epoll_;
  WakeUp wake_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point now_ = start_;
  std::uint32_t current_tick_ = 0;
  std::array<TimerList, slots> wheel_;
  OwnedList owned_;
  AgainList again_;  // linked, so that a turn can be asked for without memory
  OwnedList retired_;  // linked, so that retiring needs no memory
  bool stopped_ = false;
  std::atomic<bool> asleep_{false};  // from before epoll_wait() until after it

  std::mutex mutex_;  // guards the mailbox only
  std::vector<std::function<void()>> tasks_;
  std::vector<std::unique_ptr<Handler>> adopted_;
};

}  // namespace arbortls::net

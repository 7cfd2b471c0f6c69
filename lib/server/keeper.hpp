#pragma once
// The Keeper keeps what is served in step with the disk: it loads, watches, reloads, rotates ticket
// keys, stores last good certificates, and publishes snapshots to the workers and views to the
// control side. It runs on a thread of its own, so a file system that hangs delays neither traffic
// nor the control socket.

#include "base/wake_up.hpp"
#include "log/logger.hpp"
#include "server/book.hpp"
#include "server/http_doors.hpp"
#include "server/sockets.hpp"
#include "server/view.hpp"
#include "server/workers.hpp"
#include "tls/ticket_keys.hpp"
#include "watch/watcher.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace arbortls::server {

struct ReloadResult {
  bool ok = true;
  Problems problems;
};

class Keeper {
 public:
  struct Parts {
    std::string config_file;
    std::unique_ptr<Book> book;
    std::shared_ptr<Store> store;
    Sockets& sockets;
    Workers& workers;
    log::Logger& logger;
    WallClock clock;
    std::function<void(ViewPtr)> publish_view;  // called on the keeper's thread
    HttpDoors* doors = nullptr;                 // null: listeners that speak HTTP are not served
  };

  // Opens the listeners and publishes the first snapshot; problems with errors mean it cannot
  // start.
  static std::pair<std::unique_ptr<Keeper>, Problems> start(Parts parts);
  ~Keeper();  // stop()

  // Re-reads everything; `done` is called on the keeper's thread. Requests that come meanwhile are
  // served by one more reload. Each is answered once; when the keeper is stopping, at once or when
  // it ends, with a refusal.
  void reload(std::function<void(ReloadResult)> done);
  // Does not wait for files. From then on nothing is published to the workers and no socket is
  // opened.
  void ask_to_stop();
  void stop();

 private:
  struct Watched {
    std::vector<std::string> directories, files;
    bool operator==(const Watched&) const = default;
  };

  explicit Keeper(Parts parts);
  Problems open_and_publish();
  void run();
  void wait();
  std::vector<std::function<void(ReloadResult)>> take_reloads();
  void read_pending();
  void serve_reloads();
  ReloadResult reload_now();
  void watch();
  void keep_state();
  void rotate_tickets();
  void publish_view();
  void set_watch();
  void follow(bool publish_anyway);
  void apply(bool changed);
  void log_all(const Problems& problems, const char* event);

  Parts parts_;
  watch::Watcher watcher_;
  tls::TicketKeyFile ticket_file_;
  tls::TicketKeysPtr ticket_keys_;
  std::vector<std::string> addresses_;
  std::vector<DoorView> doors_;
  session::SnapshotPtr snapshot_;  // in force
  Watched watched_;
  std::uint64_t watched_version_ = 0;
  LastReload last_reload_;
  bool saving_ = true;
  int nice_;
  watch::Clock::time_point next_upkeep_{};
  WakeUp wake_;

  std::mutex mutex_;  // guards what follows
  std::vector<std::function<void(ReloadResult)>> reloads_;
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace arbortls::server

#include "server/commands.hpp"

#include "admin/render.hpp"
#include "base/wall_clock.hpp"
#include "config/load.hpp"
#include "log/logger.hpp"
#include "server/book.hpp"
#include "server/daemon.hpp"
#include "server/explain.hpp"
#include "server/lists.hpp"
#include "server/process.hpp"
#include "server/sockets.hpp"
#include "server/view.hpp"

#include <boost/json/serialize.hpp>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace arbortls::server {
namespace {

struct Start {
  std::shared_ptr<Store> store;
  Book::Made made;
};

Start load_book(config::Parsed parsed, Store::Access access, Patience patience) {
  auto store = std::make_shared<Store>(parsed.settings.state_dir, access);
  if (!has_errors(parsed.problems)) store->prepare();
  auto made = Book::load(std::move(parsed.settings), std::move(parsed.problems), nullptr, store, wall_clock,
                         patience);
  return {std::move(store), std::move(made)};
}

void print(const Problems& problems) {
  for (const Problem& problem : problems) std::fprintf(stderr, "%s\n", to_string(problem).c_str());
}

void log_problems(log::Logger& logger, const Problems& problems) {
  for (const Problem& problem : problems) {
    const auto level = problem.severity == Severity::error ? log::Level::error : log::Level::warning;
    logger.log(level, "problem", {{"problem", std::string_view(to_string(problem))}});
  }
}

}  // namespace

int serve(const std::string& config_file) {
  const std::int64_t max_connections = prepare_process();  // before any key is read
  config::Parsed parsed = config::load(config_file);
  const auto level = static_cast<log::Level>(parsed.settings.log.level);
  const auto format = static_cast<log::Format>(parsed.settings.log.format);
  Start start = load_book(std::move(parsed), Store::Access::read_write, a_moment);
  if (!start.made.book) {
    print(start.made.problems);
    return 1;
  }
  const bool journal = std::getenv("JOURNAL_STREAM") != nullptr;
  log::Logger logger(STDERR_FILENO, level, format, journal ? log::Prefix::syslog : log::Prefix::time);
  log_problems(logger, start.made.book->problems());
  return run_daemon(config_file, std::move(start.made.book), std::move(start.store), logger,
                    max_connections);
}

int check(const std::string& config_file, bool json) {
  Start start = load_book(config::load(config_file), Store::Access::read_only, until_all_are_read);
  const Problems problems = start.made.book ? start.made.book->problems() : start.made.problems;
  const bool sound = !has_errors(problems);
  if (json) {
    const boost::json::object answer{{"ok", sound}, {"problems", problems_json(problems)}};
    std::printf("%s\n", boost::json::serialize(answer).c_str());
  } else {
    for (const Problem& problem : problems) std::printf("%s\n", to_string(problem).c_str());
    if (sound) std::printf("%s: sound, %zu domains\n", config_file.c_str(), start.made.book->records().size());
  }
  return sound ? 0 : 1;
}

int explain(const std::string& config_file, const ExplainRequest& request, bool json) {
  const Start start = load_book(config::load(config_file), Store::Access::read_only, until_all_are_read);
  if (!start.made.book) {
    print(start.made.problems);
    return 1;
  }
  const auto answer = explain_json(*start.made.book->snapshot(), request.listener, request.name,
                                   start.made.book->troubles(), wall_clock());
  if (!answer) {
    std::fprintf(stderr, "%s\n", answer.error().message.c_str());
    return 1;
  }
  std::printf("%s\n", json ? boost::json::serialize(*answer).c_str() : admin::explain_text(*answer).c_str());
  return 0;
}

Result<TreeLists> tree(const std::string& config_file) {
  const Start start = load_book(config::load(config_file), Store::Access::read_only, until_all_are_read);
  if (!start.made.book) {
    print(start.made.problems);
    return error(config_file + ": cannot be used");
  }
  View view;
  view.snapshot = start.made.book->snapshot();
  return TreeLists{tree_json(view), certificates_json(view, wall_clock())};
}

Result<std::string> control_socket_of(const std::string& config_file) {
  config::Parsed parsed = config::load(config_file);
  // Whatever else is wrong there, the daemon may well be running.
  if (!parsed.settings.control_socket.empty()) return parsed.settings.control_socket;
  return error(config_file + ": no control_socket");
}

}  // namespace arbortls::server

#include "log/writer_sink.hpp"

#include <string>
#include <utility>

namespace arbortls::log {

WriterSink::WriterSink(int descriptor, LostLine lost_line)
    : descriptor_(descriptor), lost_line_(std::move(lost_line)) {}

void WriterSink::attach(Queue queue) { queue_ = std::move(queue); }

void WriterSink::log(const spdlog::details::log_msg& record) {
  write({record.payload.data(), record.payload.size()});
  ++handled_;
  // While losses go on, reports would only add to them.
  if (queue_.waiting() == 0) report_losses();
}

void WriterSink::write(std::string_view line) {
  if (!descriptor_.write_all(line, give_up_)) ++refused_;
}

void WriterSink::report_losses() {
  const std::uint64_t lost = queue_.pushed_out() + refused_;
  if (lost == reported_) return;
  if (descriptor_.write_all(lost_line_(lost - reported_), give_up_)) reported_ = lost;
}

}  // namespace arbortls::log

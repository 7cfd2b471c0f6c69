#include "trust_page/qr_code.hpp"

#include "openssl/handles.hpp"

#include <qrencode.h>

namespace arbortls::trust_page {
namespace {

using CodePtr = openssl::Handle<QRcode, QRcode_free>;
constexpr int quiet_zone = 4;

bool is_dark(const QRcode& code, int row, int column) noexcept {
  return column < code.width && (code.data[row * code.width + column] & 1) != 0;
}

// Each run of dark modules of a row is one rectangle.
std::string path_of(const QRcode& code) {
  std::string path;
  for (int row = 0; row < code.width; ++row) {
    for (int column = 0; column < code.width; ++column) {
      if (!is_dark(code, row, column)) continue;
      int end = column;
      while (is_dark(code, row, end)) ++end;
      const std::string run = std::to_string(end - column);
      path += 'M' + std::to_string(column + quiet_zone) + ' ' + std::to_string(row + quiet_zone) +
              'h' + run + "v1h-" + run + 'z';
      column = end;
    }
  }
  return path;
}

}  // namespace

std::string qr_code_svg(const std::string& text) {
  const CodePtr code(QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_M));
  if (!code) return {};
  const std::string side = std::to_string(code->width + 2 * quiet_zone);
  return R"(<svg class="qr" role="img" aria-label="QR code of this page's address" viewBox="0 0 )" +
         side + ' ' + side + R"(" shape-rendering="crispEdges"><rect width=")" + side +
         R"(" height=")" + side + R"(" fill="#fff"/><path fill="#000" d=")" + path_of(*code) +
         R"("/></svg>)";
}

}  // namespace arbortls::trust_page

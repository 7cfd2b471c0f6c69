// What the trust page answers, for tests that serve it themselves.
//
//   trust_page_answers SITE URL ROOT...
//
// Each line of standard input is METHOD, target, Host and User-Agent with tabs between; each answer
// is the status, the headers and an empty line, as HTTP has them, with the body behind.

#include "base/file.hpp"
#include "trust_page/trust_page.hpp"

#include <array>
#include <iostream>
#include <string>

namespace {

using arbortls::trust_page::Request;
using arbortls::trust_page::Response;
using arbortls::trust_page::TrustPage;

std::array<std::string_view, 4> fields_of(std::string_view line) {
  std::array<std::string_view, 4> fields;
  for (auto& field : fields) {
    const auto tab = line.find('\t');
    field = line.substr(0, tab);
    line = tab == line.npos ? std::string_view() : line.substr(tab + 1);
  }
  return fields;
}

void write(const Response& response) {
  std::cout << response.status << "\r\nContent-Type: " << response.content_type << "\r\n";
  for (const auto& [name, value] : response.headers) std::cout << name << ": " << value << "\r\n";
  std::cout << "Content-Length: " << response.body.size() << "\r\n\r\n" << response.body;
  std::cout.flush();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  std::vector<arbortls::authority::RootCertificate> roots;
  for (int i = 3; i < argc; ++i) {
    const auto text = arbortls::read_file(argv[i], 1U << 20U);
    if (!text) return 1;
    auto root = arbortls::authority::read_root(*text);
    if (!root) return 1;
    roots.push_back(std::move(*root));
  }
  const TrustPage page({argv[1], argv[2]}, std::move(roots));
  for (std::string line; std::getline(std::cin, line);) {
    const auto [method, target, host, agent] = fields_of(line);
    write(page.answer({method, target, host, agent}));
  }
  return 0;
}

#pragma once
// A QR code (ISO/IEC 18004) as SVG.

#include <string>

namespace arbortls::trust_page {

// An <svg> element that scales; dark on light whatever the page's colours, as readers want it, with
// its quiet zone. "" where the text does not fit a code.
std::string qr_code_svg(const std::string& text);

}  // namespace arbortls::trust_page

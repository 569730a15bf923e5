// Any datagram from a registered VTEP: first byte options, then the packet.
// Bit 0 of the options puts a valid VXLAN header in front, bits 1 and 2 address the
// frame to the local container, so that deeper code is reached soon.
#include <algorithm>

#include "harness.h"
#include "wire/headers.h"

using namespace overtap;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static fuzz::Host host(true);
  if (size < 4 || size > 65000) return 0;
  const uint8_t options = data[0];
  const auto segment_size = static_cast<uint16_t>(data[1] << 8 | data[2]);
  std::vector<uint8_t> packet;
  if (options & 1) {
    packet.resize(vxlan::kHeader);
    vxlan::write(packet.data(), fuzz::kVni);
  }
  packet.insert(packet.end(), data + 3, data + size);
  if ((options & 6) == 6 && packet.size() >= 22) {
    store_be16(packet.data() + 8, fuzz::kOwnMac >> 32);
    store_be32(packet.data() + 10, static_cast<uint32_t>(fuzz::kOwnMac));
  }
  const bool merged = (options & 8) && segment_size != 0 && segment_size < packet.size();
  host.underlay->arriving.push_back({host.peer_address, packet, merged ? segment_size : uint16_t{0},
                                     static_cast<uint8_t>(options >> 6), false});
  host.engine.worker(0).serve_underlay();
  host.forget();
  return 0;
}

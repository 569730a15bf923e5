// Any frame a container can write, offload header included. Bit 0 of the first
// byte gives it the container's source MAC and a known destination.
#include <cstring>

#include "harness.h"
#include "wire/headers.h"

using namespace overtap;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static fuzz::Host secured(true);
  static fuzz::Host open(false);
  if (size < 2 || size > 65000) return 0;
  std::vector<uint8_t> frame(data + 1, data + size);
  constexpr size_t kMacs = 12;
  if ((data[0] & 1) && frame.size() >= sizeof(VirtioNetHeader) + kMacs) {
    uint8_t* macs = frame.data() + sizeof(VirtioNetHeader);
    store_be16(macs, fuzz::kPeerMac >> 32);
    store_be32(macs + 2, static_cast<uint32_t>(fuzz::kPeerMac));
    store_be16(macs + 6, fuzz::kOwnMac >> 32);
    store_be32(macs + 8, static_cast<uint32_t>(fuzz::kOwnMac));
  }
  for (fuzz::Host* host : {&secured, &open}) {
    host->port->to_read.push_back(frame);
    host->engine.worker(0).serve_port(*host->engine.port(host->id));
    host->forget();
  }
  return 0;
}

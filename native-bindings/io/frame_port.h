// Where frames of a container come from and go to. TapPort is the real one,
// MemoryPort the one for tests and micro-benchmarks. It has one queue or several,
// each used by one thread at a time.
#pragma once

#include <sys/uio.h>

#include <cstdint>

namespace overtap {

enum class WriteResult { kOk, kDown, kRefused, kLost };

class FramePort {
 public:
  virtual ~FramePort() = default;

  virtual uint32_t queues() const = 0;

  // Reads one frame with its virtio-net header in front into `buffer`. Returns
  // its length including that header, 0 when none is waiting in the queue, or -1 when the
  // device is gone for good.
  virtual int64_t read(uint32_t queue, uint8_t* buffer, uint32_t capacity) = 0;

  // Writes one frame; the parts start with its virtio-net header.
  virtual WriteResult write(uint32_t queue, const iovec* parts, int count) = 0;

  // To wait on, or -1.
  virtual int fd(uint32_t queue) const = 0;

  // Makes the device disappear with this object instead of staying for the next daemon.
  virtual void destroy() = 0;
};

}  // namespace overtap

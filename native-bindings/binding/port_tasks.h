// Opening and closing a TAP can wait for the kernel's network lock, so both run
// on a thread of Node's pool and answer with a promise.
#pragma once

#include <napi.h>

#include <memory>
#include <string>

#include "engine/engine.h"

namespace overtap {

struct PortRequest {
  std::string netns;
  std::string name;
  PortIdentity identity;
  uint32_t queues;
  bool uso;  // UDP segmentation offload
};

Napi::Promise open_port(const Napi::Env& env, std::shared_ptr<Engine> engine, PortRequest request);

// With `destroy`, the device disappears; else it stays for the next daemon.
Napi::Promise close_port(const Napi::Env& env, std::shared_ptr<Engine> engine, uint32_t port,
                         bool destroy);

}  // namespace overtap

// What the data path uses where the kernel has it, by the names users know. Each
// can be switched off; src/base/features.ts lists them.
#pragma once

#include <napi.h>

#include <string>
#include <vector>

#include "engine/engine.h"
#include "io/udp_underlay.h"

namespace overtap {

class Features {
 public:
  // Throws when `disabled` is not a list of strings.
  explicit Features(const Napi::Value& disabled);

  // Opens and probes what is not switched off, and remembers what came of it.
  EngineOptions probe(const SocketAddress& local, const UdpUnderlay& underlay);

  UdpOptions udp() const { return {!disabled("udp-gso"), !disabled("udp-gro")}; }
  // UDP segmentation offload on TAPs.
  bool uso() const { return uso_; }

  // [{name, state: 'on' | 'off' | 'unavailable', reason}]; no reason is ''.
  Napi::Value describe(const Napi::Env& env) const;

 private:
  struct Feature {
    const char* name;
    const char* state;
    std::string reason;
  };

  bool disabled(const char* name) const;
  // Returns whether it is on. `reason`: why it cannot be; empty when it can.
  bool add(const char* name, const std::string& reason);

  std::vector<std::string> disabled_;
  std::vector<Feature> features_;
  bool uso_ = false;
};

}  // namespace overtap

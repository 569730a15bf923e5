#include "binding/features.h"

#include <sys/utsname.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <variant>

#include "binding/arguments.h"
#include "io/tap_port.h"
#include "io/tunnel_gso.h"

namespace overtap {
namespace {

bool kernel_at_least(int major, int minor) {
  utsname name;
  int has_major = 0;
  int has_minor = 0;
  if (uname(&name) != 0) return false;
  (void)!sscanf(name.release, "%d.%d", &has_major, &has_minor);
  return has_major > major || (has_major == major && has_minor >= minor);
}

std::string text(const IoError& error) {
  return error.what + ": " + std::strerror(error.code);
}

}  // namespace

Features::Features(const Napi::Value& disabled) {
  const Napi::Array array = require_array(disabled, "disabled");
  for (uint32_t i = 0; i < array.Length(); i++) {
    disabled_.push_back(require_string(array.Get(i), "disabled"));
  }
}

bool Features::disabled(const char* name) const {
  return std::find(disabled_.begin(), disabled_.end(), name) != disabled_.end();
}

bool Features::add(const char* name, const std::string& reason) {
  if (disabled(name)) {
    features_.push_back({name, "off", ""});
    return false;
  }
  features_.push_back({name, reason.empty() ? "on" : "unavailable", reason});
  return reason.empty();
}

EngineOptions Features::probe(const SocketAddress& local, const UdpUnderlay& underlay) {
  EngineOptions options;
  std::string reason;
  if (!disabled("tunnel-gso")) {
    auto opened = TunnelGso::open(local);
    if (const auto* error = std::get_if<IoError>(&opened)) {
      reason = text(*error);
    } else {
      options.superpackets = std::move(std::get<std::unique_ptr<TunnelGso>>(opened));
    }
  }
  add("tunnel-gso", reason);
  add("udp-gso", underlay.segments() ? "" : "the kernel has no UDP_SEGMENT (Linux 4.18)");
  add("udp-gro", underlay.merges() ? "" : "the kernel has no UDP_GRO (Linux 5.0)");
  const bool has_uso = TapPort::supports_uso();
  uso_ = add("tap-uso", has_uso ? "" : "TAPs have no UDP segmentation offload (Linux 6.2)");
  options.joins.tcp = add("tcp-join", "");
  // Before, a joined packet that met a tunnel in the container was damaged: "udp: do not
  // accept non-tunnel GSO skbs landing in a tunnel".
  const bool can_join = has_uso && kernel_at_least(6, 9);
  options.joins.udp = add("udp-join", can_join ? "" : "joined UDP needs Linux 6.9");
  return options;
}

Napi::Value Features::describe(const Napi::Env& env) const {
  Napi::Array list = Napi::Array::New(env);
  for (uint32_t i = 0; i < features_.size(); i++) {
    Napi::Object feature = Napi::Object::New(env);
    feature.Set("name", features_[i].name);
    feature.Set("state", features_[i].state);
    feature.Set("reason", features_[i].reason);
    list.Set(i, feature);
  }
  return list;
}

}  // namespace overtap

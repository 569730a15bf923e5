#pragma once

#include <napi.h>

#include <cstring>

#include "io/io_error.h"

namespace overtap {

// An Error as Node's own system calls throw: `code` is the errno's name.
inline Napi::Error to_js_error(const Napi::Env& env, const IoError& error) {
  const char* name = strerrorname_np(error.code);
  auto js = Napi::Error::New(env, error.what + ": " + std::strerror(error.code));
  js.Set("code", Napi::String::New(env, name != nullptr ? name : "UNKNOWN"));
  return js;
}

}  // namespace overtap

// Checks of what JavaScript passes in. src/engine/native-engine.ts is the only
// caller and passes canonical values, so a failure here is a bug of ours, and
// the message names the argument.
#pragma once

#include <napi.h>

#include <string>
#include <vector>

namespace overtap {

inline Napi::TypeError bad_argument(const Napi::Env& env, const char* name) {
  return Napi::TypeError::New(env, std::string("bad argument: ") + name);
}

inline uint32_t require_u32(const Napi::Value& value, const char* name) {
  if (!value.IsNumber()) throw bad_argument(value.Env(), name);
  return value.As<Napi::Number>().Uint32Value();
}

inline bool require_bool(const Napi::Value& value, const char* name) {
  if (!value.IsBoolean()) throw bad_argument(value.Env(), name);
  return value.As<Napi::Boolean>().Value();
}

inline std::string require_string(const Napi::Value& value, const char* name) {
  if (!value.IsString()) throw bad_argument(value.Env(), name);
  return value.As<Napi::String>().Utf8Value();
}

// 48 bits, which a double holds exactly.
inline uint64_t require_mac(const Napi::Value& value, const char* name) {
  if (!value.IsNumber()) throw bad_argument(value.Env(), name);
  const double number = value.As<Napi::Number>().DoubleValue();
  if (!(number >= 0 && number < static_cast<double>(1ull << 48))) {
    throw bad_argument(value.Env(), name);
  }
  return static_cast<uint64_t>(number);
}

// Points into the array: valid as long as JavaScript does not run.
struct Bytes {
  const uint8_t* data;
  size_t length;
};

inline Bytes require_bytes(const Napi::Value& value, const char* name) {
  if (!value.IsTypedArray()) throw bad_argument(value.Env(), name);
  const auto array = value.As<Napi::Uint8Array>();
  if (array.TypedArrayType() != napi_uint8_array) throw bad_argument(value.Env(), name);
  return {array.Data(), array.ByteLength()};
}

inline Napi::Array require_array(const Napi::Value& value, const char* name) {
  if (!value.IsArray()) throw bad_argument(value.Env(), name);
  return value.As<Napi::Array>();
}

}  // namespace overtap

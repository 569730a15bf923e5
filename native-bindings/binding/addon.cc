// The only way from Node into the engine. All state belongs to an Engine
// object, so the addon can be loaded in several threads and more than once.
#include <napi.h>

#include "binding/engine_wrap.h"

namespace {

Napi::Object init(Napi::Env env, Napi::Object exports) {
  exports.Set("Engine", overtap::EngineWrap::define(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(overtap, init)

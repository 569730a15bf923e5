// Serves one client at a time; the next one waits. What a client may ask for is
// bounded by the limits in request.h.
#pragma once

#include <string>
#include <vector>

#include "load/socket.h"

namespace overtap::load {

// For ever. Of `allowed`, everybody when empty, each may measure.
[[noreturn]] void serve(const Address& local, const std::vector<Address>& allowed);

}  // namespace overtap::load

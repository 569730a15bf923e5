// Measures against a server, and prints what came of it as one line of JSON.
#pragma once

#include "load/request.h"
#include "load/socket.h"

namespace overtap::load {

// Also prints `begin` and `end` when the window that counts does so, for
// somebody who watches the machine meanwhile.
void measure(const Address& server, Request request);

}  // namespace overtap::load

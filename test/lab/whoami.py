"""Answers each TCP connection with the address it comes from.

whoami.py PORT
"""

import socket
import sys

listener = socket.create_server(
    ("::", int(sys.argv[1])), family=socket.AF_INET6, dualstack_ipv6=True
)
print("listening", flush=True)
while True:
    connection, peer = listener.accept()
    address = peer[0].removeprefix("::ffff:")
    connection.sendall(address.encode() + b"\n")
    connection.close()

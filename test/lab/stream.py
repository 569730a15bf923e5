"""One TCP connection that is never silent, to measure how long it stood still.

  stream.py receive ADDRESS     accepts it; at its end prints a line of JSON
  stream.py send ADDRESS        a number every 10 ms until SIGTERM
"""

import json
import signal
import socket
import struct
import sys
import time

PORT = 7008
INTERVAL = 0.01
NUMBER = struct.Struct("!Q")


def receive(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, PORT), family=family) as server:
        print("listening", flush=True)
        connection, _ = server.accept()
    print("connected", flush=True)
    received, pause, complete = 0, 0.0, True
    last, rest = time.monotonic(), b""
    while data := connection.recv(65536):
        now = time.monotonic()
        pause, last = max(pause, now - last), now
        rest += data
        whole = len(rest) - len(rest) % NUMBER.size
        for (number,) in NUMBER.iter_unpack(rest[:whole]):
            complete = complete and number == received
            received += 1
        rest = rest[whole:]
    result = {"received": received, "complete": complete and rest == b""}
    print(json.dumps({**result, "pauseMs": round(pause * 1000)}), flush=True)


def send(address):
    running = True

    def stop(*_):
        nonlocal running
        running = False

    signal.signal(signal.SIGTERM, stop)
    with socket.create_connection((address, PORT), timeout=5) as connection:
        connection.settimeout(None)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number = 0
        while running:
            connection.sendall(NUMBER.pack(number))
            number += 1
            time.sleep(INTERVAL)
    print(f"sent {number}", flush=True)


{"receive": receive, "send": send}[sys.argv[1]](*sys.argv[2:])

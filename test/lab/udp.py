"""UDP for the laboratory: what Node's sockets cannot do is done here.

  udp.py echo ADDRESS                        answers every datagram with itself
  udp.py ask ADDRESS checked|unchecked SIZE...  prints the sizes that came back
  udp.py send ADDRESS PORT                   sends the lines of stdin, in hex
"""

import socket
import sys

PORT = 7007
SO_NO_CHECK = 11  # asm-generic/socket.h; sends with a UDP checksum of zero


def udp_socket(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.socket(family, socket.SOCK_DGRAM)


def echo(address):
    server = udp_socket(address)
    server.bind((address, PORT))
    print("listening", flush=True)
    while True:
        payload, peer = server.recvfrom(65535)
        server.sendto(payload, peer)


def ask(address, checksum, *sizes):
    client = udp_socket(address)
    client.settimeout(2)
    if checksum == "unchecked":
        client.setsockopt(socket.SOL_SOCKET, SO_NO_CHECK, 1)
    for size in map(int, sizes):
        payload = bytes(i % 251 for i in range(size))
        client.sendto(payload, (address, PORT))
        try:
            if client.recv(65535) == payload:
                print(size)
        except TimeoutError:
            pass


def send(address, port):
    sender = udp_socket(address)
    for line in sys.stdin:
        sender.sendto(bytes.fromhex(line.strip()), (address, int(port)))


{"echo": echo, "ask": ask, "send": send}[sys.argv[1]](*sys.argv[2:])

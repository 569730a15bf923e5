"""UDP for the laboratory: what Node's sockets cannot do is done here.

  udp.py echo ADDRESS                        answers every datagram with itself
  udp.py ask ADDRESS checked|unchecked SIZE...  prints the sizes that came back
  udp.py burst ADDRESS COUNT SIZE               sends COUNT datagrams in one call, the last a byte
                                             shorter; prints how many came back, in order
  udp.py send ADDRESS PORT                   sends the lines of stdin, in hex
"""

import socket
import sys

PORT = 7007
UDP_SEGMENT = 103  # linux/udp.h
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


def burst(address, count, size):
    count, size = int(count), int(size)
    client = udp_socket(address)
    client.settimeout(2)
    client.setsockopt(socket.SOL_UDP, UDP_SEGMENT, size)
    sent = bytes(i % 251 for i in range(count * size - 1))
    client.sendto(sent, (address, PORT))
    expected = [sent[i : i + size] for i in range(0, len(sent), size)]
    back = 0
    try:
        while back < count and client.recv(65535) == expected[back]:
            back += 1
    except TimeoutError:
        pass
    print(back)


def send(address, port):
    sender = udp_socket(address)
    for line in sys.stdin:
        sender.sendto(bytes.fromhex(line.strip()), (address, int(port)))


{"echo": echo, "ask": ask, "burst": burst, "send": send}[sys.argv[1]](*sys.argv[2:])

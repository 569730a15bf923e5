"""Answers who asks, by TCP and UDP and over IPv4 and IPv6, and asks.

serve NAME PORT...        says `listening`, then answers each message on each port with
                          `NAME PORT PEER`; a TCP connection stays open for more.
ask tcp|udp HOST PORT     prints the answer; exit code 1 when there is none within a second.
hold tcp|udp HOST PORT    asks again and again from one and the same socket, and prints
                          `COUNT ANSWER` each time, `COUNT -` when there is none.
"""

import itertools
import selectors
import socket
import sys
import time

SECOND = 1.0
KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}


def plain(address):
    """`::ffff:192.0.2.1` -> `192.0.2.1`"""
    return address.removeprefix("::ffff:")


def listener(kind, port):
    sock = socket.socket(socket.AF_INET6, KINDS[kind])
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("::", port))
    if kind == "tcp":
        sock.listen(16)
    return sock


def serve(name, ports):
    selector = selectors.DefaultSelector()

    def greeting(port, peer):
        return f"{name} {port} {plain(peer[0])}\n".encode()

    def on_datagram(sock, port):
        _, peer = sock.recvfrom(2048)
        sock.sendto(greeting(port, peer), peer)

    def on_message(sock, port):
        try:
            if sock.recv(2048):
                sock.send(greeting(port, sock.getpeername()))
                return
        except OSError:
            pass
        selector.unregister(sock)
        sock.close()

    def on_connection(sock, port):
        connection, _ = sock.accept()
        selector.register(connection, selectors.EVENT_READ, (on_message, port))

    for port in ports:
        for kind, action in (("tcp", on_connection), ("udp", on_datagram)):
            sock = listener(kind, port)
            selector.register(sock, selectors.EVENT_READ, (action, port))
    print("listening", flush=True)
    while True:
        for key, _ in selector.select():
            action, port = key.data
            action(key.fileobj, port)


def dial(kind, host, port):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, KINDS[kind])
    sock.settimeout(SECOND)
    sock.connect((host, int(port)))
    return sock


def exchange(sock, text):
    sock.send(text.encode())
    answer = sock.recv(2048)
    if not answer:
        raise OSError("closed")
    return answer.decode().strip()


def ask(kind, host, port):
    try:
        print(exchange(dial(kind, host, port), "hello\n"))
    except OSError as error:
        print(error, file=sys.stderr)
        sys.exit(1)


def hold(kind, host, port):
    sock = dial(kind, host, port)
    for count in itertools.count(1):
        try:
            answer = exchange(sock, "hello\n")
        except OSError:
            answer = "-"
        print(count, answer, flush=True)
        time.sleep(0.1)


command, *args = sys.argv[1:]
if command == "serve":
    serve(args[0], [int(port) for port in args[1:]])
elif command == "ask":
    ask(*args)
else:
    hold(*args)

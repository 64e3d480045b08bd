#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What a link can do: MIB of memory from one host to another over one TCP connection, nothing else.

    link.py receive PORT MIB           prints "ready", then the seconds from the first byte to the last
    link.py send HOST PORT MIB
"""
import socket
import sys
import time

CHUNK = 1 << 20


def receive(port, mib):
    with socket.create_server(("", port)) as server:
        print("ready", flush=True)
        server.settimeout(60)
        peer, _ = server.accept()
        peer.settimeout(60)
        memory = bytearray(mib * CHUNK)
        left = memoryview(memory)
        began = None
        while left:
            got = peer.recv_into(left)
            if not got:
                sys.exit("link.py: the sender has ended too early")
            began = began or time.monotonic()
            left = left[got:]
        print(time.monotonic() - began)


def send(host, port, mib):
    memory = bytearray(b"x") * (mib * CHUNK)
    with socket.create_connection((host, port), 60) as peer:
        peer.sendall(memory)


if sys.argv[1] == "receive":
    receive(int(sys.argv[2]), int(sys.argv[3]))
else:
    send(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))

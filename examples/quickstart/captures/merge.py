"""Merges captures that were recorded at several ENIs into one that holds every packet once.

    merge.py OUT FILE=ADDRESS,ADDRESS... ...

A packet between two of the ENIs stands in both of their captures: the sender's copy is kept. A broadcast that reached
several ENIs at the same moment is kept once.
"""
import ipaddress
import struct
import sys


def packets(path):
    data = open(path, "rb").read()
    assert data[:4] == b"\xd4\xc3\xb2\xa1", path
    at = 24
    while at < len(data):
        seconds, micros, captured, _ = struct.unpack_from("<4I", data, at)
        yield (seconds, micros), data[at : at + 16 + captured]
        at += 16 + captured


def source(record):
    frame = record[16:]
    kind = struct.unpack_from(">H", frame, 12)[0]
    if kind == 0x0800:
        return ipaddress.ip_address(frame[26:30])
    return ipaddress.ip_address(frame[22:38]) if kind == 0x86DD else None


out, *inputs = sys.argv[1:]
own = {path: {ipaddress.ip_address(a) for a in addresses.split(",")} for path, addresses in (i.split("=") for i in inputs)}
merged = []
for path, addresses in own.items():
    others = set().union(*(a for p, a in own.items() if p != path))
    merged += [(time, record) for time, record in packets(path) if source(record) not in others]
merged.sort(key=lambda each: each[0])
latest = {}
once = []
for (seconds, micros), record in merged:
    now = seconds * 1_000_000 + micros
    frame = record[16:]
    if now - latest.get(frame, 0) > 1_000:
        once.append(record)
    latest[frame] = now
with open(out, "wb") as file:
    file.write(open(next(iter(own)), "rb").read(24))
    for record in once:
        file.write(record)

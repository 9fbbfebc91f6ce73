"""Makes expected.json: what the quickstart's stack must make of captures/merged.pcap, as tshark reads that capture.

Which packets are accepted, rejected or never sent is written down here by hand, as display filters read off the rules in
index.ts; tshark picks and measures the packets. Nothing of this project's own code takes part.
Needs Debian's tshark:  python3 examples/quickstart/make_expected.py
"""
import collections
import json
import os
import subprocess

here = os.path.dirname(os.path.abspath(__file__))
capture = os.path.join(here, "captures", "merged.pcap")
fields = (
    "ip.src ip.dst ipv6.src ipv6.dst ip.proto ipv6.nxt tcp.srcport tcp.dstport udp.srcport udp.dstport "
    "ip.len ipv6.plen frame.time_relative"
).split()


def tshark(display_filter):
    command = ["tshark", "-r", capture, "-Y", display_filter, "-T", "fields", "-E", "separator=,", "-E", "occurrence=f"]
    command += [part for field in fields for part in ("-e", field)]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return [dict(zip(fields, line.split(","))) for line in lines]


home, scanner = "203.0.113.12", "198.51.100.77"
enis = {
    "web": "(ip.addr == 172.31.16.139 || ipv6.addr == 2001:db8:31:16::139)",
    "app": "(ip.addr == 172.31.16.21 || ipv6.addr == 2001:db8:31:16::21)",
    "db": "(ip.addr == 172.31.32.5 || ipv6.addr == 2001:db8:31:32::5)",
}
opening = "(tcp.flags.syn == 1 && tcp.flags.ack == 0)"
dhcp = "(udp.port == 67 || udp.port == 68)"
# The scanner reaches nothing: of its connections only the opening packets were ever sent.
from_scanner = f"(ip.addr == {scanner})"
# Nor does the database get out.
calling_out = f"(ip.addr == 172.31.32.5 && ip.addr == {home})"
# Answers to IPv4 pings do not leave the database's subnet.
ping_answers = "(ip.src == 172.31.32.5 && icmp.type == 0)"

rejected = [
    # (the ENI, what it rejects, by whom)
    ("web", f"{from_scanner} && {opening}", {"layer": "security-group", "name": "web", "direction": "ingress", "rule": -1}),
    ("db", f"{calling_out} && {opening}", {"layer": "security-group", "name": "db", "direction": "egress", "rule": -1}),
    ("db", ping_answers, {"layer": "network-acl", "name": "back", "direction": "egress", "rule": -1}),
]
never_sent = {"web": f"{from_scanner} && !{opening}", "db": f"{calling_out} && !{opening}"}
accepted = {
    "web": f"{enis['web']} && !{from_scanner} && !{ping_answers}",
    "app": f"{enis['app']} && !{dhcp}",
    "db": f"{enis['db']} && !{calling_out} && !{ping_answers}",
}


def flows(eni, action, display_filter, by=None):
    sums = collections.OrderedDict()
    for packet in tshark(display_filter):
        protocol = int(packet["ip.proto"] or packet["ipv6.nxt"])
        key = (
            packet["ip.src"] or packet["ipv6.src"],
            packet["ip.dst"] or packet["ipv6.dst"],
            int(packet["tcp.srcport"] or packet["udp.srcport"] or 0),
            int(packet["tcp.dstport"] or packet["udp.dstport"] or 0),
            protocol,
        )
        length = int(packet["ip.len"]) if packet["ip.len"] else int(packet["ipv6.plen"]) + 40
        second = int(float(packet["frame.time_relative"]))
        flow = sums.setdefault(key, {"packets": 0, "bytes": 0, "start": second, "end": second})
        flow["packets"] += 1
        flow["bytes"] += length
        flow["start"] = min(flow["start"], second)
        flow["end"] = max(flow["end"], second)
    names = ("srcaddr", "dstaddr", "srcport", "dstport", "protocol")
    extra = {"by": by} if by else {}
    return [{"eni": eni, "action": action, **dict(zip(names, key)), **flow, **extra} for key, flow in sums.items()]


records = [row for eni in enis for row in flows(eni, "ACCEPT", accepted[eni])]
records += [row for eni, what, by in rejected for row in flows(eni, "REJECT", what, by)]
count = lambda display_filter: len(tshark(display_filter))
any_eni = " || ".join(enis.values())
frames = count("frame")
not_ip = count("!ip && !ipv6")
of_an_eni = count(any_eni)
left_out = sum(count(f"{addresses} && {dhcp}") for addresses in enis.values())
withheld = sum(count(what) for what in never_sent.values())
total = lambda action: sum(row["packets"] for row in records if row["action"] == action)
expected = {
    "replay": {
        "Read": frames,
        "Matched": of_an_eni,
        "Unmatched": frames - not_ip - of_an_eni,
        "Undecodable": not_ip,
        "Offered": total("ACCEPT") + total("REJECT") + withheld + left_out,
        "Accepted": total("ACCEPT"),
        "Rejected": total("REJECT"),
        "Withheld": withheld,
        "LeftOut": left_out,
        "Unwatched": 0,
        "Skipped": 0,
    },
    "records": records,
}
with open(os.path.join(here, "expected.json"), "w") as file:
    json.dump(expected, file, indent=1)
    file.write("\n")
print(f"{frames} frames, {len(records)} records expected")

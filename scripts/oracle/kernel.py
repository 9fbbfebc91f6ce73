"""Lets the Linux kernel judge packets: a network namespace per ENI, nftables with conntrack in each, real frames through them.

Reads one JSON object from standard input:
  enis: [{addresses: [...], nft: "ruleset"}]   the ENI's own addresses and its rules
  sysctls: {name: value}                       below /proc/sys/net/netfilter
  packets: [{at, hops: [{eni, way, frame}]}]   seconds after the start; Ethernet frames in hex, one for each ENI it may meet
and answers one: {packets: [{at, passed: [true, ...]}], counters: [{comment: packets}]}; `passed` ends with the first false.

Run it in namespaces of its own: unshare -rn python3 kernel.py
A frame goes in on one side of an ENI's namespace, and a marker that every ruleset lets pass goes in behind it. Both take the
same queue, so a frame that has not come out on the other side before its marker was dropped.
"""
import ctypes, json, os, socket, struct, subprocess, sys, time

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
home = os.open("/proc/self/ns/net", os.O_RDONLY)
MARKER_ID = 0xFFFF


def check(result):
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def enter(fd):
    check(libc.setns(fd, CLONE_NEWNET))


def run(command, given=None):
    done = subprocess.run(command, input=given, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {done.stderr.strip()}\n{given or ''}")
    return done.stdout


def ip(commands):
    run(["ip", "-batch", "-"], "\n".join(commands) + "\n")


def write(path, value):
    with open(path, "w") as file:
        file.write(str(value))


def mac(eni, side):
    return bytes([2, 0, 0, 0, eni, side])


def spelled(address):
    return ":".join(f"{byte:02x}" for byte in address)


def prefix(address):
    return f"route add {address}/128" if ":" in address else f"route add {address}/32"


def build(index, eni, sysctls):
    """A namespace with two ends: in0 towards the instance, out0 towards the subnet. Gives its descriptor."""
    check(libc.unshare(CLONE_NEWNET))
    fd = os.open("/proc/self/ns/net", os.O_RDONLY)
    enter(home)
    space = f"/proc/{os.getpid()}/fd/{fd}"
    commands = []
    for side, name in ((1, "in"), (2, "out")):
        commands.append(
            f"link add {name}{index} address {spelled(mac(index, side + 16))} type veth "
            f"peer name {name}0 address {spelled(mac(index, side))} netns {space}"
        )
    ip(commands)
    for name in ("in", "out"):
        # Nobody but us speaks here: no router solicitations.
        write(f"/proc/sys/net/ipv6/conf/{name}{index}/disable_ipv6", 1)
    ip([f"link set {name}{index} arp off up" for name in ("in", "out")])
    enter(fd)
    for name in ("ipv4/ip_forward", "ipv6/conf/all/forwarding"):
        write(f"/proc/sys/net/{name}", 1)
    for side in ("all", "in0", "out0"):
        write(f"/proc/sys/net/ipv4/conf/{side}/rp_filter", 0)
        write(f"/proc/sys/net/ipv6/conf/{side}/accept_dad", 0)
    ip(["link set in0 up", "link set out0 up"])
    commands = []
    for side, name in ((1, "in"), (2, "out")):
        there = spelled(mac(index, side + 16))
        commands += [
            f"addr add 169.254.{side}.1/24 dev {name}0",
            f"neigh add 169.254.{side}.2 lladdr {there} dev {name}0 nud permanent",
            f"neigh add fe80::{side}:2 lladdr {there} dev {name}0 nud permanent",
        ]
    commands += [f"{prefix(each)} via {'fe80::1:2' if ':' in each else '169.254.1.2'} dev in0 onlink" for each in eni["addresses"]]
    commands += ["route add 198.18.9.9/32 via 169.254.1.2 dev in0 onlink"]
    commands += ["route add default via 169.254.2.2 dev out0 onlink", "route add ::/0 via fe80::2:2 dev out0 onlink"]
    ip(commands)
    run(["nft", "-f", "-"], eni["nft"])
    for name, value in sysctls.items():
        write(f"/proc/sys/net/netfilter/{name}", value)
    enter(home)
    return fd


def listen(name):
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    end.bind((name, 0))
    end.settimeout(5)
    return end


def marker(index, way):
    """A UDP packet to port 65535: from the instance to a far address, or the other way."""
    ends = (socket.inet_aton("198.18.9.9"), socket.inet_aton("203.0.113.254"))
    src, dst = ends if way == "egress" else ends[::-1]
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28, MARKER_ID, 0, 64, 17, 0, src, dst)
    total = sum(struct.unpack("!10H", header))
    total = (total & 0xFFFF) + (total >> 16)
    total = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
    header = header[:10] + struct.pack("!H", total) + header[12:]
    return mac(index, 1 if way == "egress" else 2) + b"\2\0\0\0\0\0\x08\x00" + header + struct.pack("!HHHH", 65535, 65535, 8, 0)


def frame_id(frame):
    if frame[12:14] == b"\x08\x00":
        return struct.unpack_from("!H", frame, 18)[0]
    if frame[12:14] == b"\x86\xdd":
        return struct.unpack_from("!I", frame, 14)[0] & 0xFFFFF
    return None


def passes(entry, exit_end, frame, mark):
    entry.send(frame)
    entry.send(mark)
    wanted = frame_id(frame)
    found = False
    while True:
        came, sender = exit_end.recvfrom(65535)
        if sender[2] == socket.PACKET_OUTGOING:
            continue
        seen = frame_id(came)
        if seen == MARKER_ID and came[12:14] == b"\x08\x00":
            return found
        if seen == wanted and came[12:14] == frame[12:14]:
            found = True


def counters(fd):
    enter(fd)
    listing = json.loads(run(["nft", "-j", "list", "ruleset"]))
    enter(home)
    sums = {}
    for each in listing["nftables"]:
        rule = each.get("rule", {})
        if "comment" not in rule:
            continue
        count = sum(part["counter"]["packets"] for part in rule["expr"] if "counter" in part)
        sums[rule["comment"]] = sums.get(rule["comment"], 0) + count
    return sums


def main():
    # One processor, one queue: what is sent first is judged first.
    cpus = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cpus[os.getpid() % len(cpus)]})
    task = json.load(sys.stdin)
    spaces = [build(index, eni, task["sysctls"]) for index, eni in enumerate(task["enis"])]
    ends = [(listen(f"in{index}"), listen(f"out{index}")) for index in range(len(spaces))]
    marks = [{way: marker(index, way) for way in ("egress", "ingress")} for index in range(len(spaces))]
    packets = [(each["at"], [(hop["eni"], hop["way"], bytes.fromhex(hop["frame"])) for hop in each["hops"]]) for each in task["packets"]]
    answers = []
    start = time.monotonic()
    for at, hops in packets:
        wait = start + at - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        sent = time.monotonic() - start
        passed = []
        for eni, way, frame in hops:
            inside, outside = ends[eni]
            entry, exit_end = (inside, outside) if way == "egress" else (outside, inside)
            passed.append(passes(entry, exit_end, frame, marks[eni][way]))
            if not passed[-1]:
                break
        answers.append({"at": sent, "passed": passed})
    json.dump({"packets": answers, "counters": [counters(fd) for fd in spaces]}, sys.stdout)


main()

#!/usr/bin/env bash
# Records this folder's captures: real programs talking between network namespaces, no rule anywhere in between.
# One capture for each ENI, and one with every packet once. Needs root, and Debian's tcpdump, iproute2, iputils-ping,
# curl, nmap, dnsmasq-base, isc-dhcp-client and python3. Runs for about 30 seconds.
set -euo pipefail
cd "$(dirname "$0")"

if [ "${1:-}" != inside ]; then
  # A mount namespace of our own, so that the named network namespaces made below are nobody else's.
  exec unshare --mount --net --pid --fork --mount-proc bash "$0" inside
fi
mount -t tmpfs tmpfs /run
mkdir -p /run/netns
work=$(mktemp -d)
trap 'jobs -p | xargs -r kill 2>/dev/null || true' EXIT

# --- the network -----------------------------------------------------------------------------------------------------
# subnet "front" 172.31.16.0/24: web .139, app .21        subnet "back" 172.31.32.0/24: db .5
# outside: home 203.0.113.12, scanner 198.51.100.77       a router joins them all and hands out addresses by DHCP
for name in router web app db home scanner; do
  ip netns add $name
  ip -n $name link set lo up
done
link() { # link HOST ROUTER-SIDE-DEVICE
  ip -n "$1" link add eth0 type veth peer name "$2" netns router
  ip -n "$1" link set eth0 up
  ip -n router link set "$2" up
  # Checksums and segments as on a wire, not as an offloading card would show them.
  ip netns exec "$1" ethtool -K eth0 tx off tso off gso off gro off >/dev/null 2>&1 || true
}
link web to-web; link app to-app; link db to-db; link home to-home; link scanner to-scanner
ip -n router link add front type bridge
ip -n router link set front up
ip -n router link set to-web master front
ip -n router link set to-app master front
ip -n router addr add 172.31.16.1/24 dev front
ip -n router addr add 172.31.32.1/24 dev to-db
ip -n router addr add 203.0.113.1/24 dev to-home
ip -n router addr add 198.51.100.1/24 dev to-scanner
ip -n router addr add 2001:db8:31:16::1/64 dev front nodad
ip -n router addr add 2001:db8:31:32::1/64 dev to-db nodad
ip netns exec router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
address() { # address HOST ADDRESS GATEWAY [IPV6 GATEWAY6]
  ip -n "$1" addr add "$2" dev eth0
  ip -n "$1" route add default via "$3"
  if [ $# -gt 3 ]; then
    ip -n "$1" addr add "$4" dev eth0 nodad
    ip -n "$1" -6 route add default via "$5"
  fi
}
address web 172.31.16.139/24 172.31.16.1 2001:db8:31:16::139/64 2001:db8:31:16::1
address db 172.31.32.5/24 172.31.32.1 2001:db8:31:32::5/64 2001:db8:31:32::1
address home 203.0.113.12/24 203.0.113.1
address scanner 198.51.100.77/24 198.51.100.1
app_mac=$(ip -n app -br link show eth0 | awk '{print $3}')
sleep 2 # IPv6 link-local addresses settle

# --- the servers -----------------------------------------------------------------------------------------------------
on() { ip netns exec "$@"; }
mkdir "$work/www"
echo "hello from web" > "$work/www/index.html"
on web python3 -m http.server 80 --directory "$work/www" >/dev/null 2>&1 &
cat > "$work/echo.py" <<'PY'
import socket, sys, threading
family = socket.AF_INET6 if sys.argv[1] == "6" else socket.AF_INET
server = socket.socket(family, socket.SOCK_STREAM)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("", int(sys.argv[2])))
server.listen()
def serve(connection):
    while data := connection.recv(4096):
        connection.sendall(data)
    connection.close()
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
PY
cat > "$work/talk.py" <<'PY'
import socket, sys
connection = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=5)
for line in range(int(sys.argv[3])):
    connection.sendall(b"line %d of a short conversation\n" % line)
    connection.recv(4096)
connection.close()
PY
on web python3 "$work/echo.py" 4 22 &
on web python3 "$work/echo.py" 4 3389 &
on db python3 "$work/echo.py" 4 5432 &
on db python3 "$work/echo.py" 6 5433 &
on home python3 "$work/echo.py" 4 443 &
on db dnsmasq --keep-in-foreground --no-resolv --no-hosts --address=/example.test/192.0.2.10 --pid-file= --user=root &
on router dnsmasq --keep-in-foreground --port=0 --interface=front --dhcp-range=172.31.16.20,172.31.16.30,1h \
  --dhcp-host="$app_mac,172.31.16.21" --dhcp-leasefile="$work/leases" --pid-file= --user=root >/dev/null 2>&1 &
for eni in web app db; do
  # 256 bytes of each packet are enough: lengths are read from the IP header.
  on $eni tcpdump -i eth0 -s 256 -U -w "$work/$eni.pcap" 2>/dev/null &
done
sleep 2

# --- the traffic -----------------------------------------------------------------------------------------------------
on app dhclient -4 -v -sf /bin/true -lf "$work/client-leases" -pf "$work/dhclient.pid" eth0 >/dev/null 2>&1
ip -n app addr add 172.31.16.21/24 dev eth0
ip -n app route add default via 172.31.16.1
ip -n app addr add 2001:db8:31:16::21/64 dev eth0 nodad
sleep 1
on home ping -c 4 -i 0.5 172.31.16.139 >/dev/null                        # the product document's ping
on home curl -s http://172.31.16.139/ >/dev/null                         # a web page
on home python3 "$work/talk.py" 172.31.16.139 22 6                       # a TCP service that accepts
on home python3 "$work/talk.py" 172.31.16.139 8080 1 2>/dev/null || true # one that refuses: nobody listens there
on scanner python3 "$work/talk.py" 172.31.16.139 3389 5                  # remote desktop, from where it should not be
on scanner nmap -n -Pn -sS --max-retries 0 -p 100-139 172.31.16.139 >/dev/null # a port scan
on app curl -s http://172.31.16.139/ >/dev/null                          # inside the subnet
on web python3 "$work/talk.py" 172.31.32.5 5432 4                        # web to database, across subnets
on web ping -c 3 -i 0.5 172.31.32.5 >/dev/null                           # the ping whose answers a network ACL drops
on web ping -6 -c 3 -i 0.5 2001:db8:31:32::5 >/dev/null                  # IPv6
on web python3 "$work/talk.py" 2001:db8:31:32::5 5433 3
cat > "$work/dns.py" <<'PY'
import socket, struct
for number in range(3):
    query = struct.pack(">6H", 0x1000 + number, 0x0100, 1, 0, 0, 0) + b"\x03www\x07example\x04test\x00\x00\x01\x00\x01"
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(3)
    client.sendto(query, ("172.31.32.5", 53))
    client.recv(512)
PY
on app python3 "$work/dns.py"                                            # DNS over UDP
on db python3 "$work/talk.py" 203.0.113.12 443 2                         # the database calls out
on app dhclient -4 -r -sf /bin/true -lf "$work/client-leases" -pf "$work/dhclient.pid" eth0 >/dev/null 2>&1 || true
sleep 1

pkill -INT tcpdump
sleep 1
for eni in web app db; do cp "$work/$eni.pcap" $eni.pcap; done
python3 merge.py merged.pcap web.pcap=172.31.16.139,2001:db8:31:16::139 app.pcap=172.31.16.21,2001:db8:31:16::21 \
  db.pcap=172.31.32.5,2001:db8:31:32::5
ls -l ./*.pcap

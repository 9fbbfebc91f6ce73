/*
 * The limit that the benchmark measures against: one thread of C that does what `flowlogs aggregate` does to an
 * Ethernet capture, and no more. Built with -O3 -march=native, with prefetches.
 *
 * Usage: loop CAPTURE INTERVAL OUTPUT
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 256 * 1024, RUN = 256, OUT = 1 << 20 };

typedef struct {
  uint64_t addresses;
  uint32_t ports, key;
  uint32_t length, seconds, hash;
  uint8_t wide[32];
} Packet;

typedef struct {
  uint64_t addresses;
  uint32_t ports, key;
  uint64_t bytes;
  uint32_t packets, start, end;
  uint32_t wide; /* place of the addresses of IPv6 */
} Flow;

static Flow *flows;
static uint8_t (*wides)[32];
static uint32_t *slots;
static uint32_t flow_count, flow_room, wide_count, wide_room, slot_bits;
static uint32_t window_start, interval;
static char out[OUT + 1024];
static size_t out_used;
static int out_file;
static uint64_t total_packets, total_bytes, records;
static char octets[256][4], quads[10000][4];

static uint64_t mix(uint64_t h) { return (h ^ (h >> 32)) * 0xff51afd7ed558ccdull; }

static uint32_t hash_of(uint64_t addresses, uint32_t ports, uint32_t key) {
  uint64_t h = mix(addresses * 0x9e3779b97f4a7c15ull);
  h = (h ^ (((uint64_t)key << 32) | ports)) * 0xc4ceb9fe1a85ec53ull;
  return (uint32_t)(h >> 32);
}

static inline uint16_t be16(const uint8_t *p) { uint16_t v; memcpy(&v, p, 2); return __builtin_bswap16(v); }
static inline uint32_t le32(const uint8_t *p) { uint32_t v; memcpy(&v, p, 4); return v; }
static inline uint64_t le64(const uint8_t *p) { uint64_t v; memcpy(&v, p, 8); return v; }

static int parse(const uint8_t *p, const uint8_t *end, Packet *packet) {
  if (p + 14 > end) return 0;
  p += 12;
  uint16_t type = be16(p);
  while (type == 0x8100 || type == 0x88a8 || type == 0x9100) {
    p += 4;
    if (p + 2 > end) return 0;
    type = be16(p);
  }
  p += 2;
  uint32_t protocol;
  const uint8_t *transport;
  if (type == 0x0800) {
    if (p + 20 > end || p[0] >> 4 != 4) return 0;
    packet->length = be16(p + 2);
    packet->addresses = le64(p + 12);
    protocol = p[9];
    transport = p + (p[0] & 15) * 4;
    if (be16(p + 6) & 0x3fff) transport = end;
    packet->key = protocol;
  } else if (type == 0x86dd) {
    if (p + 40 > end) return 0;
    packet->length = be16(p + 4) + 40;
    protocol = p[6];
    transport = p + 40;
    memcpy(packet->wide, p + 8, 32);
    packet->addresses = mix(mix(mix(mix(le64(p + 8)) + le64(p + 16)) + le64(p + 24)) + le64(p + 32));
    packet->key = protocol | 256;
  } else return 0;
  packet->ports = (protocol == 6 || protocol == 17) && transport + 4 <= end ? le32(transport) : 0;
  packet->hash = hash_of(packet->addresses, packet->ports, packet->key);
  return 1;
}

static void reset_table(uint32_t bits) {
  if (bits != slot_bits) {
    free(slots);
    slot_bits = bits;
    slots = malloc(4ull << bits);
  }
  memset(slots, 0, 4ull << bits);
}

static void rebuild(uint32_t bits) {
  reset_table(bits);
  uint32_t mask = (1u << bits) - 1;
  for (uint32_t i = 1; i < flow_count; i++) {
    uint32_t hash = hash_of(flows[i].addresses, flows[i].ports, flows[i].key);
    uint32_t place = hash >> (32 - bits);
    while (slots[place]) place = (place + 1) & mask;
    slots[place] = (hash << 24) | i;
  }
}

static void reserve(void) {
  if (flow_count + RUN >= flow_room) flows = realloc(flows, (flow_room *= 2) * sizeof *flows);
  if (wide_count + RUN >= wide_room) wides = realloc(wides, (wide_room *= 2) * sizeof *wides);
  if (flow_count + RUN > (1u << slot_bits) / 3 * 2) rebuild(slot_bits + 1);
}

static void add(const Packet *packet) {
  uint32_t tag = packet->hash << 24, mask = (1u << slot_bits) - 1;
  uint32_t place = packet->hash >> (32 - slot_bits);
  for (;; place = (place + 1) & mask) {
    uint32_t entry = slots[place];
    if (!entry) break;
    if ((entry ^ tag) >> 24) continue;
    Flow *flow = &flows[entry & 0xffffff];
    if (flow->addresses != packet->addresses || flow->ports != packet->ports || flow->key != packet->key) continue;
    if (packet->key >= 256 && memcmp(wides[flow->wide], packet->wide, 32)) continue;
    flow->packets++;
    flow->bytes += packet->length;
    if (packet->seconds < flow->start) flow->start = packet->seconds;
    if (packet->seconds > flow->end) flow->end = packet->seconds;
    return;
  }
  slots[place] = tag | flow_count;
  Flow *flow = &flows[flow_count++];
  *flow = (Flow){packet->addresses, packet->ports, packet->key, packet->length, 1, packet->seconds, packet->seconds, 0};
  if (packet->key >= 256) memcpy(wides[flow->wide = wide_count++], packet->wide, 32);
}

static char *number(uint64_t value, char *at) {
  if (value >= 10000) {
    at = number(value / 10000, at);
    memcpy(at, quads[value % 10000], 4);
    return at + 4;
  }
  int skip = value > 999 ? 0 : value > 99 ? 1 : value > 9 ? 2 : 3;
  memcpy(at, quads[value] + skip, 4);
  return at + 4 - skip;
}

static char *ipv4(const uint8_t *p, char *at) {
  for (int i = 0; i < 4; i++) {
    memcpy(at, octets[p[i]], 4);
    at += octets[p[i]][3];
    *at++ = '.';
  }
  return at - 1;
}

static char *ipv6(const uint8_t *p, char *at) {
  int best = 8, length = 1;
  for (int i = 0, from = 0; i <= 8; i++) {
    if (i < 8 && !p[2 * i] && !p[2 * i + 1]) continue;
    if (i - from > length) best = from, length = i - from;
    from = i + 1;
  }
  for (int i = 0; i < 8; i++) {
    if (i == best) {
      *at++ = ':', *at++ = ':';
      i += length - 1;
      continue;
    }
    if (i && i != best + length) *at++ = ':';
    unsigned value = p[2 * i] << 8 | p[2 * i + 1];
    for (int shift = value > 0xfff ? 12 : value > 0xff ? 8 : value > 0xf ? 4 : 0; shift >= 0; shift -= 4) {
      *at++ = "0123456789abcdef"[value >> shift & 15];
    }
  }
  return at;
}

static void flush(void) {
  for (size_t done = 0; done < out_used;) {
    ssize_t now = write(out_file, out + done, out_used - done);
    if (now < 0) exit(1);
    done += now;
  }
  out_used = 0;
}

static void write_window(void) {
  for (uint32_t i = 1; i < flow_count; i++) {
    const Flow *flow = &flows[i];
    char *at = out + out_used;
    memcpy(at, "2 - - ", 6);
    at += 6;
    if (flow->key >= 256) {
      at = ipv6(wides[flow->wide], at);
      *at++ = ' ';
      at = ipv6(wides[flow->wide] + 16, at);
    } else {
      at = ipv4((const uint8_t *)&flow->addresses, at);
      *at++ = ' ';
      at = ipv4((const uint8_t *)&flow->addresses + 4, at);
    }
    uint64_t fields[] = {be16((const uint8_t *)&flow->ports), be16((const uint8_t *)&flow->ports + 2), flow->key & 255,
                         flow->packets, flow->bytes, flow->start, flow->end};
    for (int k = 0; k < 7; k++) {
      *at++ = ' ';
      at = number(fields[k], at);
    }
    memcpy(at, " ACCEPT OK\n", 11);
    out_used = at + 11 - out;
    total_packets += flow->packets;
    total_bytes += flow->bytes;
    records++;
    if (out_used > OUT / 2) flush();
  }
  flow_count = 1;
  wide_count = 0;
  reset_table(slot_bits);
}

static void sum(Packet *run, int count) {
  reserve();
  for (int i = 0; i < count; i++) __builtin_prefetch(&slots[run[i].hash >> (32 - slot_bits)]);
  for (int i = 0; i < count; i++) {
    uint32_t start = interval ? run[i].seconds / interval * interval : 0;
    if (start != window_start) {
      if (flow_count > 1) write_window();
      window_start = start;
    }
    add(&run[i]);
  }
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int in = open(argv[1], O_RDONLY);
  interval = atoi(argv[2]);
  out_file = open(argv[3], O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (in < 0 || out_file < 0) return 1;
  for (int i = 0; i < 256; i++) octets[i][3] = sprintf(octets[i], "%d", i);
  for (int i = 0; i < 10000; i++) {
    char text[8];
    sprintf(text, "%04d", i);
    memcpy(quads[i], text, 4);
  }
  flow_room = wide_room = 1 << 16;
  flows = malloc(flow_room * sizeof *flows);
  wides = malloc(wide_room * sizeof *wides);
  flow_count = 1;
  reset_table(16);
  static uint8_t input[2 * PIECE];
  static Packet run[RUN];
  size_t held = 0, skip = 24;
  int count = 0;
  for (;;) {
    ssize_t got = read(in, input + held, PIECE);
    if (got <= 0) break;
    held += got;
    size_t at = skip;
    skip = 0;
    while (at + 16 <= held) {
      uint32_t captured = le32(input + at + 8);
      if (at + 16 + captured > held) break;
      Packet *packet = &run[count];
      if (parse(input + at + 16, input + at + 16 + captured, packet)) {
        packet->seconds = le32(input + at);
        if (++count == RUN) sum(run, count), count = 0;
      }
      at += 16 + captured;
    }
    memmove(input, input + at, held -= at);
  }
  sum(run, count);
  write_window();
  flush();
  fprintf(stderr, "%lu packets, %lu bytes, %lu records\n", total_packets, total_bytes, records);
  return 0;
}

/** Loads of numbers in network byte order, and hashes. */

// @ts-ignore: decorator
@inline
export function load16(at: usize): u32 {
  return bswap<u16>(load<u16>(at));
}

// @ts-ignore: decorator
@inline
export function load32(at: usize): u32 {
  return bswap<u32>(load<u32>(at));
}

/** Decides all hashes; the host sets it, so that nobody can choose addresses that collide. */
let seed: u64 = 0x9e3779b97f4a7c15;

/** Sets what decides the hashes; only before anything is hashed. */
export function setSeed(low: u32, high: u32): void {
  seed = (((<u64>high) << 32) | low) | 1;
}

/** Thirty-two bits from a 5-tuple in four words: multiplications spread every bit over the upper half. */
// @ts-ignore: decorator
@inline
export function hashTuple(addresses: u64, ports: u32, key: u32): u32 {
  let h: u64 = (addresses ^ seed) * 0xff51afd7ed558ccd;
  h ^= h >> 32;
  h = (h ^ (((<u64>key) << 32) | ports)) * 0xc4ceb9fe1a85ec53;
  return <u32>(h >> 32);
}

/** Both addresses of an IPv6 packet as one word. */
export function foldAddresses(at: usize): u64 {
  let h: u64 = (load<u64>(at) ^ seed) * 0xff51afd7ed558ccd;
  h = ((h ^ (h >> 32)) + load<u64>(at, 8)) * 0xc4ceb9fe1a85ec53;
  h = ((h ^ (h >> 32)) + load<u64>(at, 16)) * 0xff51afd7ed558ccd;
  h = ((h ^ (h >> 32)) + load<u64>(at, 24)) * 0xc4ceb9fe1a85ec53;
  return h ^ (h >> 32);
}

import { createHmac } from "node:crypto";

/** An authenticator that holds a secret: each call answers the next code. RFC 6238. */
export function authenticator(secret) {
  let used = 0;
  return () => {
    // Each code is good once, and one step early is taken.
    used = Math.max(used + 1, Math.floor(Date.now() / 30_000));
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(used));
    const hash = createHmac("sha1", base32(secret)).update(counter).digest();
    const number = hash.readUInt32BE(hash.at(-1) & 15) & 0x7fffffff;
    return String(number % 1_000_000).padStart(6, "0");
  };
}

function base32(text) {
  const bits = [...text].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
}

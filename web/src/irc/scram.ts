/** The client's side of SCRAM-SHA-256, without WebCrypto, which browsers offer on encrypted pages only. Spec: RFC 5802, RFC 7677. */

import { hmac } from "@noble/hashes/hmac.js";
import { pbkdf2Async } from "@noble/hashes/pbkdf2.js";
import { sha256 } from "@noble/hashes/sha2.js";

/** What proves that one knows a password, without being the password. It can be kept: it opens this account only. */
export interface Keys {
  /** In base64, as the server named it. */
  readonly salt: string;
  readonly iterations: number;
  /** In base64. */
  readonly clientKey: string;
  readonly serverKey: string;
}

/** What the server has answered to the first message. */
export interface Challenge {
  readonly nonce: string;
  readonly salt: string;
  readonly iterations: number;
  /** The messages so far, which both sides sign. */
  readonly signed: string;
}

/** The most iterations that are worked through: the server chooses the number, and must not keep the browser busy for ever. */
export const ITERATIONS_MAX = 1_000_000;

const encoder = new TextEncoder();

/** The client's first message; `nonce` is random and printable, without commas. */
export function first(account: string, nonce: string): string {
  return `n,,${firstBare(account, nonce)}`;
}

function firstBare(account: string, nonce: string): string {
  return `n=${account.replace(/=/g, "=3D").replace(/,/g, "=2C")},r=${nonce}`;
}

/** Reads the server's first message; `undefined` when it is none, or asks for too much. */
export function challenge(account: string, nonce: string, message: string): Challenge | undefined {
  const fields = /^r=([^,]+),s=([^,]+),i=(\d{1,9})(?:,|$)/.exec(message);
  if (!fields) return undefined;
  const [, both = "", salt = "", count = ""] = fields;
  const iterations = Number(count);
  if (!both.startsWith(nonce) || both.length === nonce.length || iterations < 1 || iterations > ITERATIONS_MAX) {
    return undefined;
  }
  const signed = `${firstBare(account, nonce)},${message},c=biws,r=${both}`;
  return { nonce: both, salt, iterations, signed };
}

/** Derives the keys from a password. It takes long, on purpose; meanwhile the page stays responsive. */
export async function derive(password: string, salt: string, iterations: number): Promise<Keys> {
  const salted = await pbkdf2Async(sha256, encoder.encode(password.normalize("NFKC")), fromBase64(salt), {
    c: iterations,
    dkLen: 32,
  });
  return {
    salt,
    iterations,
    clientKey: toBase64(hmac(sha256, salted, encoder.encode("Client Key"))),
    serverKey: toBase64(hmac(sha256, salted, encoder.encode("Server Key"))),
  };
}

/** The client's last message. */
export function proof(keys: Keys, question: Challenge): string {
  const clientKey = fromBase64(keys.clientKey);
  const signature = hmac(sha256, sha256(clientKey), encoder.encode(question.signed));
  const mixed = clientKey.map((byte, index) => byte ^ (signature[index] ?? 0));
  return `c=biws,r=${question.nonce},p=${toBase64(mixed)}`;
}

/** Whether the server has shown that it knows the account too. */
export function believes(keys: Keys, question: Challenge, message: string): boolean {
  const signature = hmac(sha256, fromBase64(keys.serverKey), encoder.encode(question.signed));
  return message.split(",")[0] === `v=${toBase64(signature)}`;
}

export function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Reads base64; nothing at all where it is none. */
export function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}

export function textToBase64(text: string): string {
  return toBase64(encoder.encode(text));
}

export function base64ToText(text: string): string {
  return new TextDecoder().decode(fromBase64(text));
}

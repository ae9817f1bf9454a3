import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { GoError } from "@invar/go-compat";
import { type DerElement, integer, readElements, readInteger, sequence } from "./der.ts";

/** A new key of one of sprig's kinds in PEM, or its message for another kind. */
export function generatePrivateKey(kind: string): string {
  switch (kind) {
    case "":
    case "rsa":
      return generateKeyPairSync("rsa", {
        modulusLength: 4096,
        privateKeyEncoding: { type: "pkcs1", format: "pem" },
        publicKeyEncoding: { type: "spki", format: "pem" },
      }).privateKey;
    case "dsa":
      return dsaPem(generateKeyPairSync("dsa", { modulusLength: 2048, divisorLength: 256 }).privateKey);
    case "ecdsa":
      return privateKeyPem(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
    case "ed25519":
      return privateKeyPem(generateKeyPairSync("ed25519").privateKey);
    default:
      return `Unknown type ${kind}`;
  }
}

export function newRsaKey(): KeyObject {
  return generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
}

/** The key in the PEM form that goes with its kind. */
export function privateKeyPem(key: KeyObject): string {
  if (key.asymmetricKeyType === "rsa") return String(key.export({ type: "pkcs1", format: "pem" }));
  if (key.asymmetricKeyType === "ec") return String(key.export({ type: "sec1", format: "pem" }));
  if (key.asymmetricKeyType === "dsa") return dsaPem(key);
  return String(key.export({ type: "pkcs8", format: "pem" }));
}

/** Reads a private key from PEM. Throws `GoError` with sprig's text. */
export function parsePrivateKey(pem: string): KeyObject {
  const block = readPem(pem);
  if (block === undefined) throw new GoError("no PEM data in input");
  if (block.type !== "PRIVATE KEY" && !block.type.endsWith(" PRIVATE KEY")) {
    throw new GoError(`no private key data in PEM block of type ${block.type}`);
  }
  const kind = block.type.slice(0, -" PRIVATE KEY".length);
  if (block.type !== "PRIVATE KEY" && kind !== "RSA" && kind !== "EC" && kind !== "DSA")
    throw new GoError(`invalid private key type ${kind}`);
  try {
    return createPrivateKey({ key: block.text, format: "pem" });
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new GoError(
      block.type === "PRIVATE KEY" ? `decoding PEM as PKCS#8: ${problem}` : `parsing ${kind} private key from PEM: ${problem}`,
      { cause: error },
    );
  }
}

export interface PemBlock {
  readonly type: string;
  readonly bytes: Uint8Array;
  /** The block itself, without what stands around it. */
  readonly text: string;
}

/** The first block of a PEM text. */
export function readPem(text: string): PemBlock | undefined {
  const found = /-----BEGIN ([^\n-]*)-----\r?\n([\s\S]*?)-----END \1-----/.exec(text);
  if (found === null) return undefined;
  const body = (found[2] as string).replace(/^[^\n:]+:[^\n]*\n/gm, "").replace(/\s+/g, "");
  return { type: found[1] as string, bytes: Buffer.from(body, "base64"), text: `${found[0]}\n` };
}

export function writePem(type: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${type}-----\n${lines.join("\n")}\n-----END ${type}-----\n`;
}

/** DSA keys have a form of their own: version, p, q, g, y, x. Node writes only PKCS#8. */
function dsaPem(key: KeyObject): string {
  const [outer] = readElements(key.export({ type: "pkcs8", format: "der" })) as [DerElement];
  const [, algorithm, secret] = readElements(outer.content) as [DerElement, DerElement, DerElement];
  const [, params] = readElements(algorithm.content) as [DerElement, DerElement];
  const [p, q, g] = readElements(params.content).map(readInteger) as [bigint, bigint, bigint];
  const [x] = readElements(secret.content).map(readInteger) as [bigint];
  return writePem("DSA PRIVATE KEY", sequence(...[0n, p, q, g, powerModulo(g, x, p), x].map(integer)));
}

function powerModulo(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

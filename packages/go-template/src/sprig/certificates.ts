import { createHash, createPublicKey, type KeyObject, randomBytes, sign, X509Certificate } from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";
import { GoError, type GoFunction, type GoType, type GoValue, sprintf, Typed } from "@invar/go-compat";
import { anySlice, fn, int, type Param, text } from "../function.ts";
import { bytesFromBase64 } from "./base-encoding.ts";
import {
  bits,
  type DerElement,
  element,
  integer,
  NULL,
  objectId,
  octets,
  printableOrUtf8,
  readElements,
  SEQUENCE,
  sequence,
  set,
  TRUE,
  time,
} from "./der.ts";
import { generatePrivateKey, newRsaKey, parsePrivateKey, privateKeyPem, readPem, writePem } from "./private-key.ts";

const DAY_MS = 86_400_000;

/** What the functions give: `.Cert` and `.Key` in PEM. */
const CERTIFICATE: GoType = { name: "sprig.certificate", kind: "struct", fields: ["Cert", "Key"] };

interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

const authority: Param<KeyPair> = {
  type: CERTIFICATE,
  read: (value) => {
    const fields = (value as Typed).raw as ReadonlyMap<string, GoValue>;
    return { cert: (fields.get("Cert") ?? "") as string, key: (fields.get("Key") ?? "") as string };
  },
};

/** Keys and certificates, by a clock in milliseconds since 1970. */
export function certificateFunctions(nowMs: () => number): Readonly<Record<string, GoFunction>> {
  const make = (request: Request, issuer?: Issuer): GoValue => certificateValue(createCertificate(request, issuer, nowMs()));
  return {
    genPrivateKey: fn([text], generatePrivateKey),
    buildCustomCert: fn([text, text], (cert, key) => certificateValue(customCertificate(cert, key))),
    genCA: fn([text, int], (name, days) => make({ name, days, key: newRsaKey(), ips: [], names: [], isAuthority: true })),
    genCAWithKey: fn([text, int, text], (name, days, key) =>
      make({ name, days, key: givenKey(key), ips: [], names: [], isAuthority: true }),
    ),
    genSelfSignedCert: fn([text, anySlice, anySlice, int], (name, ips, names, days) =>
      make({ name, days, key: newRsaKey(), ips: addresses(ips), names: hosts(names), isAuthority: false }),
    ),
    genSelfSignedCertWithKey: fn([text, anySlice, anySlice, int, text], (name, ips, names, days, key) =>
      make({ name, days, key: givenKey(key), ips: addresses(ips), names: hosts(names), isAuthority: false }),
    ),
    genSignedCert: fn([text, anySlice, anySlice, int, authority], (name, ips, names, days, signer) => {
      const key = newRsaKey();
      const issuer = issuerOf(signer);
      return make({ name, days, key, ips: addresses(ips), names: hosts(names), isAuthority: false }, issuer);
    }),
    genSignedCertWithKey: fn([text, anySlice, anySlice, int, authority, text], (name, ips, names, days, signer, pem) => {
      const key = givenKey(pem);
      const issuer = issuerOf(signer);
      return make({ name, days, key, ips: addresses(ips), names: hosts(names), isAuthority: false }, issuer);
    }),
  };
}

function certificateValue({ cert, key }: KeyPair): GoValue {
  return new Typed(
    CERTIFICATE,
    new Map([
      ["Cert", cert],
      ["Key", key],
    ]),
  );
}

interface Request {
  readonly name: string;
  readonly days: bigint;
  readonly key: KeyObject;
  readonly ips: readonly Uint8Array[];
  readonly names: readonly string[];
  readonly isAuthority: boolean;
}

interface Issuer {
  readonly key: KeyObject;
  /** The subject as it stands in the certificate. */
  readonly subject: Uint8Array;
  readonly keyId: Uint8Array | undefined;
}

function givenKey(pem: string): KeyObject {
  try {
    return parsePrivateKey(pem);
  } catch (error) {
    if (error instanceof GoError) throw new GoError(`parsing private key: ${error.message}`);
    throw error;
  }
}

function issuerOf({ cert, key }: KeyPair): Issuer {
  const block = readPem(cert);
  if (block === undefined) throw new GoError("unable to decode certificate");
  const parts = certificateParts(block.bytes);
  try {
    return { ...parts, key: parsePrivateKey(key) };
  } catch (error) {
    if (error instanceof GoError) throw new GoError(`error parsing private key: ${error.message}`);
    throw error;
  }
}

function certificateParts(bytes: Uint8Array): Pick<Issuer, "subject" | "keyId"> {
  try {
    new X509Certificate(bytes);
    const [certificate] = readElements(bytes) as [DerElement];
    const [body] = readElements(certificate.content) as [DerElement];
    const fields = readElements(body.content);
    // version, serial, algorithm, issuer, validity, subject, key, …, extensions
    const subject = (fields[5] as DerElement).whole;
    return { subject, keyId: subjectKeyId(fields.find((field) => field.tag === 0xa3)) };
  } catch (error) {
    throw new GoError(`error parsing certificate: decodedCert.Bytes: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function subjectKeyId(extensions: DerElement | undefined): Uint8Array | undefined {
  if (extensions === undefined) return undefined;
  const wanted = Buffer.from(objectId("2.5.29.14"));
  const [list] = readElements(extensions.content) as [DerElement];
  for (const extension of readElements(list.content)) {
    const fields = readElements(extension.content);
    if (!wanted.equals((fields[0] as DerElement).whole)) continue;
    return (readElements((fields.at(-1) as DerElement).content)[0] as DerElement).content;
  }
  return undefined;
}

function customCertificate(encodedCert: string, encodedKey: string): KeyPair {
  const cert = decoded(encodedCert, "certificate");
  const key = decoded(encodedKey, "private key");
  const block = readPem(cert);
  if (block === undefined) throw new GoError("unable to decode certificate");
  certificateParts(block.bytes);
  try {
    parsePrivateKey(key);
  } catch (error) {
    if (error instanceof GoError) throw new GoError(`error parsing private key: ${error.message}`);
    throw error;
  }
  return { cert, key };
}

function decoded(encoded: string, what: string): string {
  const bytes = bytesFromBase64(encoded);
  if (typeof bytes === "number") throw new GoError(`unable to decode base64 ${what}`);
  return Buffer.from(bytes).toString("utf8");
}

function addresses(values: readonly GoValue[] | null): Uint8Array[] {
  return (values ?? []).map((value) => {
    if (typeof value !== "string") throw new GoError(`error parsing ip: ${sprintf("%v", [value])} is not a string`);
    const bytes = addressBytes(value);
    if (bytes === undefined) throw new GoError(`error parsing ip: ${value}`);
    return bytes;
  });
}

function addressBytes(address: string): Uint8Array | undefined {
  if (isIPv4(address)) return Uint8Array.from(address.split(".").map(Number));
  if (!isIPv6(address) || address.includes("%")) return undefined;
  const embedded = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const [, start = address, a, b, c, d] = embedded ?? [];
  const groups =
    embedded === null ? address : `${start}${((Number(a) << 8) | Number(b)).toString(16)}:${((Number(c) << 8) | Number(d)).toString(16)}`;
  const [head = "", tail] = groups.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const all = [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right].map((group) => Number.parseInt(group, 16));
  const bytes = Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]));
  // ::ffff:1.2.3.4 is the short form.
  const isMapped = all.slice(0, 5).every((group) => group === 0) && all[5] === 0xffff;
  return isMapped ? bytes.subarray(12) : bytes;
}

function hosts(values: readonly GoValue[] | null): string[] {
  return (values ?? []).map((value) => {
    if (typeof value === "string") return value;
    throw new GoError(`error processing alternate dns name: ${sprintf("%v", [value])} is not a string`);
  });
}

function createCertificate(request: Request, issuer: Issuer | undefined, nowMs: number): KeyPair {
  const subject = request.name === "" ? sequence() : sequence(set(sequence(objectId("2.5.4.3"), printableOrUtf8(request.name))));
  const publicKey = createPublicKey(request.key).export({ type: "spki", format: "der" });
  const signer = issuer?.key ?? request.key;
  const { algorithm, digest } = signatureOf(signer);
  const seconds = Math.floor(nowMs / 1000) * 1000;
  const body = sequence(
    element(0xa0, integer(2n)),
    integer(BigInt(`0x${randomBytes(16).toString("hex")}`) || 1n),
    algorithm,
    issuer?.subject ?? subject,
    sequence(time(new Date(seconds)), time(new Date(seconds + Number(request.days) * DAY_MS))),
    subject,
    publicKey,
    element(0xa3, sequence(...extensionsOf(request, issuer, subject, publicKey))),
  );
  const signature = sign(digest, body, signer);
  return { cert: writePem("CERTIFICATE", sequence(body, algorithm, bits(signature))), key: privateKeyPem(request.key) };
}

function extensionsOf(request: Request, issuer: Issuer | undefined, subject: Uint8Array, publicKey: Uint8Array): Uint8Array[] {
  const extension = (id: string, content: Uint8Array, isCritical = false): Uint8Array =>
    sequence(objectId(id), ...(isCritical ? [TRUE] : []), octets(content));
  // Digital signature, key encipherment, and for authorities certificate signing.
  const usage = request.isAuthority ? bits(Uint8Array.of(0xa4), 2) : bits(Uint8Array.of(0xa0), 5);
  const extensions = [
    extension("2.5.29.15", usage, true),
    extension("2.5.29.37", sequence(objectId("1.3.6.1.5.5.7.3.1"), objectId("1.3.6.1.5.5.7.3.2"))),
    extension("2.5.29.19", request.isAuthority ? sequence(TRUE) : sequence(), true),
  ];
  const keyId = request.isAuthority ? keyIdOf(publicKey) : undefined;
  if (keyId !== undefined) extensions.push(extension("2.5.29.14", octets(keyId)));
  const isSelfIssued = issuer === undefined || Buffer.from(issuer.subject).equals(subject);
  const authorityId = isSelfIssued ? undefined : issuer.keyId;
  if (authorityId !== undefined) extensions.push(extension("2.5.29.35", sequence(element(0x80, authorityId))));
  if (request.names.length + request.ips.length > 0) {
    const names = request.names.map((name) => element(0x82, Buffer.from(name, "latin1")));
    const ips = request.ips.map((ip) => element(0x87, ip));
    // An empty subject makes the names critical.
    extensions.push(extension("2.5.29.17", element(SEQUENCE, ...names, ...ips), request.name === ""));
  }
  return extensions;
}

/** The first 160 bits of a hash of the key, without its header. */
function keyIdOf(publicKey: Uint8Array): Uint8Array {
  const [outer] = readElements(publicKey) as [DerElement];
  const key = (readElements(outer.content)[1] as DerElement).content.subarray(1);
  return createHash("sha256").update(key).digest().subarray(0, 20);
}

function signatureOf(key: KeyObject): { algorithm: Uint8Array; digest: string | null } {
  switch (key.asymmetricKeyType) {
    case "rsa":
      return { algorithm: sequence(objectId("1.2.840.113549.1.1.11"), NULL), digest: "sha256" };
    case "ec": {
      const curve = key.asymmetricKeyDetails?.namedCurve;
      if (curve === "secp384r1") return { algorithm: sequence(objectId("1.2.840.10045.4.3.3")), digest: "sha384" };
      if (curve === "secp521r1") return { algorithm: sequence(objectId("1.2.840.10045.4.3.4")), digest: "sha512" };
      return { algorithm: sequence(objectId("1.2.840.10045.4.3.2")), digest: "sha256" };
    }
    case "ed25519":
      return { algorithm: sequence(objectId("1.3.101.112")), digest: null };
    default:
      throw new GoError("error creating certificate: x509: only RSA, ECDSA and Ed25519 keys supported");
  }
}

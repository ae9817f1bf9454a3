import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIPv4 } from "node:net";

/** Certificates for tests, made here because a test may need no tool and no network. */
export interface TestAuthority {
  /** PEM of the authority's own certificate. */
  readonly ca: string;
  /** A certificate for these names and addresses. */
  issue(...names: string[]): TestCertificate;
}

export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

export function testAuthority(name = "Invar test authority"): TestAuthority {
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issuer = distinguishedName(name);
  const ca = certificate({ subject: issuer, issuer, keys, signer: keys.privateKey, extensions: [authorityExtension] });
  return {
    ca,
    issue(...names) {
      const leaf = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const subject = distinguishedName(names[0] ?? "nobody");
      const extensions = names.length > 0 ? [alternativeNames(names)] : [];
      return {
        cert: certificate({ subject, issuer, keys: leaf, signer: keys.privateKey, extensions }),
        key: leaf.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      };
    },
  };
}

interface CertificateParts {
  readonly subject: Buffer;
  readonly issuer: Buffer;
  readonly keys: { readonly publicKey: KeyObject };
  readonly signer: KeyObject;
  readonly extensions: readonly Buffer[];
}

function certificate(parts: CertificateParts): string {
  const algorithm = sequence(oid(1, 2, 840, 10045, 4, 3, 2));
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    parts.issuer,
    sequence(tagged(0x17, Buffer.from("250101000000Z")), tagged(0x17, Buffer.from("491231235959Z"))),
    parts.subject,
    parts.keys.publicKey.export({ type: "spki", format: "der" }),
    ...(parts.extensions.length > 0 ? [tagged(0xa3, sequence(...parts.extensions))] : []),
  );
  const signature = sign("sha256", body, parts.signer);
  const der = sequence(body, algorithm, tagged(0x03, Buffer.from([0]), signature));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

/** basicConstraints, critical: this is an authority. */
const authorityExtension = sequence(
  oid(2, 5, 29, 19),
  tagged(0x01, Buffer.from([0xff])),
  tagged(0x04, sequence(tagged(0x01, Buffer.from([0xff])))),
);

function alternativeNames(names: readonly string[]): Buffer {
  const entries = names.map((name) =>
    isIPv4(name) ? tagged(0x87, Buffer.from(name.split(".").map(Number))) : tagged(0x82, Buffer.from(name)),
  );
  return sequence(oid(2, 5, 29, 17), tagged(0x04, sequence(...entries)));
}

function distinguishedName(commonName: string): Buffer {
  return sequence(tagged(0x31, sequence(oid(2, 5, 4, 3), tagged(0x0c, Buffer.from(commonName)))));
}

function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, ...parts);
}

function integer(bytes: Buffer): Buffer {
  return tagged(0x02, bytes);
}

function oid(first: number, second: number, ...others: number[]): Buffer {
  const bytes = [first * 40 + second];
  for (const arc of others) {
    const digits = [arc & 0x7f];
    for (let rest = arc >> 7; rest > 0; rest >>= 7) digits.unshift((rest & 0x7f) | 0x80);
    bytes.push(...digits);
  }
  return tagged(0x06, Buffer.from(bytes));
}

function tagged(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length =
    content.length < 0x80
      ? [content.length]
      : content.length < 0x100
        ? [0x81, content.length]
        : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

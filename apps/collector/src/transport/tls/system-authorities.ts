import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";

let known: readonly string[] | undefined;

/**
 * The certificates of the authorities that this machine trusts, in PEM, read once: `SSL_CERT_FILE` and `SSL_CERT_DIR` if set, else where
 * Linux distributions keep them. Where there are none at all, those that the platform ships.
 */
export function systemAuthorities(): readonly string[] {
  known ??= readSystemAuthorities(process.env);
  return known;
}

/** For tests; others call `systemAuthorities`. */
export function readSystemAuthorities(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const file = environment.SSL_CERT_FILE;
  const directories = environment.SSL_CERT_DIR;
  const bundle = firstReadable(file !== undefined && file !== "" ? [file] : bundleFiles);
  const found = bundle === undefined ? [] : [bundle];
  if (directories !== undefined && directories !== "")
    for (const directory of directories.split(":")) found.push(...certificatesIn(directory));
  else if (bundle === undefined) for (const directory of certificateDirectories) found.push(...certificatesIn(directory));
  return found.length > 0 ? found : rootCertificates;
}

const bundleFiles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/tls/cacert.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

const certificateDirectories = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

function firstReadable(files: readonly string[]): string | undefined {
  for (const file of files) {
    const text = readCertificates(file);
    if (text !== undefined) return text;
  }
  return undefined;
}

function certificatesIn(directory: string): string[] {
  try {
    return readdirSync(directory).flatMap((name) => readCertificates(join(directory, name)) ?? []);
  } catch {
    return []; // A directory that is absent holds no certificates.
  }
}

function readCertificates(file: string): string | undefined {
  try {
    const text = readFileSync(file, "latin1");
    return text.includes("-----BEGIN CERTIFICATE-----") ? text : undefined;
  } catch {
    return undefined; // Absent, a directory, or not ours to read: not part of what this machine trusts.
  }
}

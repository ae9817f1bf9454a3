/** Suites that Go considers safe, by Go's name and OpenSSL's. Those of TLS 1.3 can't be chosen in Go and are always on. */
const secureSuites: Readonly<Record<string, string>> = {
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: "ECDHE-ECDSA-AES128-SHA",
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: "ECDHE-ECDSA-AES256-SHA",
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: "ECDHE-RSA-AES128-SHA",
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: "ECDHE-RSA-AES256-SHA",
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: "ECDHE-ECDSA-AES128-GCM-SHA256",
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: "ECDHE-ECDSA-AES256-GCM-SHA384",
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: "ECDHE-RSA-AES128-GCM-SHA256",
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: "ECDHE-RSA-AES256-GCM-SHA384",
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-RSA-CHACHA20-POLY1305",
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-ECDSA-CHACHA20-POLY1305",
};

const insecureSuites: Readonly<Record<string, string>> = {
  TLS_RSA_WITH_AES_128_CBC_SHA: "AES128-SHA",
  TLS_RSA_WITH_AES_256_CBC_SHA: "AES256-SHA",
  TLS_RSA_WITH_AES_128_CBC_SHA256: "AES128-SHA256",
  TLS_RSA_WITH_AES_128_GCM_SHA256: "AES128-GCM-SHA256",
  TLS_RSA_WITH_AES_256_GCM_SHA384: "AES256-GCM-SHA384",
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256: "ECDHE-ECDSA-AES128-SHA256",
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256: "ECDHE-RSA-AES128-SHA256",
};

/** Known to Go, left out of this platform's OpenSSL. */
const absentSuites: ReadonlySet<string> = new Set([
  "TLS_RSA_WITH_RC4_128_SHA",
  "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
  "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA",
  "TLS_ECDHE_RSA_WITH_RC4_128_SHA",
  "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
]);

const tls13Suites: ReadonlySet<string> = new Set(["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]);

/** OpenSSL's name of a suite that Go names; a text that says what is wrong where there is none. */
export function cipherSuite(goName: string, allowInsecure: boolean): { readonly openssl: string | undefined } | { readonly wrong: string } {
  const secure = secureSuites[goName];
  if (secure !== undefined) return { openssl: secure };
  if (tls13Suites.has(goName)) return { openssl: undefined };
  if (absentSuites.has(goName)) return { wrong: `TLS cipher suite "${goName}" is broken and not supported` };
  const insecure = insecureSuites[goName];
  if (insecure === undefined) return { wrong: `invalid TLS cipher suite: "${goName}"` };
  if (allowInsecure) return { openssl: insecure };
  return { wrong: `invalid TLS cipher suite: "${goName}" (insecure: allow it with include_insecure_cipher_suites = true)` };
}

/** The list for `ciphers`: the chosen ones and those of TLS 1.3, which stay on as in Go. */
export function cipherList(chosen: readonly string[]): string {
  return [...tls13Suites, ...chosen].join(":");
}

/** OpenSSL's name of an elliptic curve. */
export const curves: Readonly<Record<string, string>> = { P256: "P-256", P384: "P-384", P521: "P-521", X25519: "X25519" };

/** The versions as the OpenTelemetry blocks (`1.2`, and `TLS 1.2` as their reference writes it), Prometheus (`TLS12`) and servers (`VersionTLS12`) spell them. */
export const otelcolVersions: Readonly<Record<string, TlsVersion>> = versionsBy((dotted) => [dotted, `TLS ${dotted}`]);
export const prometheusVersions: Readonly<Record<string, TlsVersion>> = versionsBy((dotted) => [`TLS${dotted.replace(".", "")}`]);
export const serverVersions: Readonly<Record<string, TlsVersion>> = versionsBy((dotted) => [`VersionTLS${dotted.replace(".", "")}`]);

export type TlsVersion = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";

function versionsBy(spellings: (dotted: string) => string[]): Readonly<Record<string, TlsVersion>> {
  const versions: Record<string, TlsVersion> = Object.create(null);
  const all: readonly (readonly [string, TlsVersion])[] = [
    ["1.0", "TLSv1"],
    ["1.1", "TLSv1.1"],
    ["1.2", "TLSv1.2"],
    ["1.3", "TLSv1.3"],
  ];
  for (const [dotted, version] of all) for (const spelling of spellings(dotted)) versions[spelling] = version;
  return versions;
}

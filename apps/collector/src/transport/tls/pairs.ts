import type { Report } from "../../component/arguments.ts";
import { cipherSuite } from "./go-names.ts";
import type { Pem } from "./settings.ts";

/** Prometheus reads its files for each request; looking once a second is as good and costs less. */
export const promptReloadMs = 1000;

interface Pairs {
  readonly ca_pem?: string | undefined;
  readonly ca_file?: string | undefined;
  readonly cert_pem?: string | undefined;
  readonly cert_file?: string | undefined;
  readonly key_pem?: { reveal(): string } | undefined;
  readonly key_file?: string | undefined;
}

/** What must hold between a certificate and its key, in the incumbent's words. */
export function checkPairs(args: Pairs, report: Report): void {
  const keyPem = args.key_pem?.reveal();
  if (isSet(args.ca_pem) && isSet(args.ca_file)) report("at most one of ca_pem and ca_file must be configured", "ca_file");
  if (isSet(args.cert_pem) && isSet(args.cert_file)) report("at most one of cert_pem and cert_file must be configured", "cert_file");
  if (isSet(keyPem) && isSet(args.key_file)) report("at most one of key_pem and key_file must be configured", "key_file");
  const hasCert = isSet(args.cert_pem, args.cert_file);
  const hasKey = isSet(keyPem, args.key_file);
  if (hasCert && !hasKey) report("exactly one of key_pem or key_file must be configured when a client certificate is configured");
  if (hasKey && !hasCert) report("exactly one of cert_pem or cert_file must be configured when a client key is configured");
}

/** Where certificates and keys come from. */
export function sources(caFile?: string, caPem?: string, certFile?: string, certPem?: string, keyFile?: string, keyPem?: string) {
  const ca = pem(caFile, caPem);
  const cert = pem(certFile, certPem);
  const key = pem(keyFile, keyPem);
  return { ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) };
}

export function pem(file: string | undefined, text: string | undefined): Pem | undefined {
  if (isSet(file)) return { file: file ?? "" };
  return isSet(text) ? { text: text ?? "" } : undefined;
}

/** Alloy treats an empty text as one that was not written. */
export function isSet(...texts: (string | undefined)[]): boolean {
  return texts.some((text) => text !== undefined && text !== "");
}

/** OpenSSL's name of a suite that was checked before, as a list of one or none. */
export function opensslName(goName: string, allowInsecure: boolean): string[] {
  const suite = cipherSuite(goName, allowInsecure);
  return "openssl" in suite && suite.openssl !== undefined ? [suite.openssl] : [];
}

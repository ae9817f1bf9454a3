import assert from "node:assert/strict";
import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { test } from "node:test";
import type { GoValue, Typed } from "@invar/go-compat";
import { parseTemplate } from "../template-set.ts";
import { sprigFunctions } from "./sprig.ts";

const NOW = 1_700_000_000_000_000_000n;
const functions = sprigFunctions({ now: () => NOW });

function render(template: string, data: GoValue = null): string {
  return parseTemplate("t", template, { functions }).execute("t", data);
}

/** Runs a template that ends in `.Cert` and `.Key` on lines between bars. */
function certificates(template: string, data: GoValue = null): { cert: X509Certificate; key: string }[] {
  const parts = render(template, data).split("|");
  return Array.from({ length: parts.length / 2 }, (_, index) => ({
    cert: new X509Certificate(parts[2 * index] as string),
    key: parts[2 * index + 1] as string,
  }));
}

test("a signed certificate chains to its authority and carries names and addresses", () => {
  const [ca, leaf] = certificates(
    '{{$ca := genCA "my-ca" 365}}{{$c := genSignedCert "leaf" (list "10.0.0.1" "2001:db8::1") (list "a.example" "*.b.example") 30 $ca}}{{$ca.Cert}}|{{$ca.Key}}|{{$c.Cert}}|{{$c.Key}}',
  ) as [{ cert: X509Certificate; key: string }, { cert: X509Certificate; key: string }];
  assert.equal(ca.cert.ca, true);
  assert.equal(ca.cert.subject, "CN=my-ca");
  assert.equal(ca.cert.verify(ca.cert.publicKey), true);
  assert.equal(leaf.cert.checkIssued(ca.cert), true);
  assert.equal(leaf.cert.verify(ca.cert.publicKey), true);
  assert.equal(leaf.cert.ca, false);
  assert.equal(leaf.cert.issuer, "CN=my-ca");
  assert.equal(leaf.cert.subjectAltName, "DNS:a.example, DNS:*.b.example, IP Address:10.0.0.1, IP Address:2001:DB8:0:0:0:0:0:1");
  assert.equal(leaf.cert.checkIP("10.0.0.1"), "10.0.0.1");
  assert.equal(leaf.cert.checkHost("x.b.example"), "*.b.example");
  assert.equal(leaf.cert.checkPrivateKey(createPrivateKey(leaf.key)), true);
  assert.match(leaf.key, /^-----BEGIN RSA PRIVATE KEY-----\n/);
  assert.equal(new Date(leaf.cert.validFrom).getTime(), 1_700_000_000_000);
  assert.equal(new Date(leaf.cert.validTo).getTime() - new Date(leaf.cert.validFrom).getTime(), 30 * 86_400_000);
});

test("keys of every kind sign certificates in the form that belongs to them", () => {
  const kinds: [string, string, RegExp][] = [
    [
      "rsa",
      generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
      /RSA PRIVATE KEY/,
    ],
    [
      "ec",
      generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey.export({ type: "sec1", format: "pem" }).toString(),
      /EC PRIVATE KEY/,
    ],
    ["ed25519", generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString(), /BEGIN PRIVATE KEY/],
  ];
  for (const [kind, pem, header] of kinds) {
    const [own, ca, leaf] = certificates(
      `{{$o := genSelfSignedCertWithKey "own" nil (list "x") 1 .}}{{$a := genCAWithKey "ca" 1 .}}{{$l := genSignedCertWithKey "leaf" nil nil 1 $a .}}{{$o.Cert}}|{{$o.Key}}|{{$a.Cert}}|{{$a.Key}}|{{$l.Cert}}|{{$l.Key}}`,
      pem,
    ) as { cert: X509Certificate; key: string }[];
    assert.ok(own && ca && leaf);
    assert.equal(own.cert.verify(own.cert.publicKey), true, kind);
    assert.equal(leaf.cert.checkIssued(ca.cert), true, kind);
    assert.match(own.key, header);
    assert.equal(createPrivateKey(own.key).equals(createPrivateKey(pem)), true);
  }
});

test("an empty common name makes the alternative names critical, and long validity uses four-digit years", () => {
  const [own] = certificates('{{$o := genSelfSignedCert "" nil (list "x") 36500}}{{$o.Cert}}|{{$o.Key}}') as [
    { cert: X509Certificate; key: string },
  ];
  assert.equal(own.cert.subject ?? "", "");
  assert.equal(own.cert.subjectAltName, "DNS:x");
  assert.equal(new Date(own.cert.validTo).getUTCFullYear(), 2123);
});

test("buildCustomCert takes what fits and names what does not", () => {
  const again =
    '{{$c := genCA "x" 1}}{{$b := buildCustomCert ($c.Cert | b64enc) ($c.Key | b64enc)}}{{eq $b.Cert $c.Cert}} {{eq $b.Key $c.Key}}';
  assert.equal(render(again), "true true");
  assert.throws(
    () => render('{{$c := genCA "x" 1}}{{buildCustomCert ($c.Cert | b64enc) ("nope" | b64enc)}}'),
    /error parsing private key: no PEM data in input/,
  );
  assert.throws(() => render('{{$c := genCA "x" 1}}{{buildCustomCert ($c.Key | b64enc) ($c.Key | b64enc)}}'), /error parsing certificate/);
});

test("private keys come in the PEM form of their kind and can be read again", () => {
  assert.equal(createPrivateKey(render('{{genPrivateKey "ecdsa"}}')).asymmetricKeyDetails?.namedCurve, "prime256v1");
  assert.equal(createPrivateKey(render('{{genPrivateKey "ed25519"}}')).asymmetricKeyType, "ed25519");
  const dsa = render('{{genPrivateKey "dsa"}}');
  assert.match(dsa, /^-----BEGIN DSA PRIVATE KEY-----\n/);
  assert.equal(createPrivateKey(dsa).asymmetricKeyType, "dsa");
});

test("a certificate is a struct with two fields", () => {
  const functionsMap = sprigFunctions();
  const made = functionsMap.get("genCA")?.call("x", 1n) as Typed;
  assert.equal(made.type.name, "sprig.certificate");
  assert.deepEqual([...(made.raw as Map<string, GoValue>).keys()], ["Cert", "Key"]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Environment, type ProxySettings, proxyRule, proxyUrl } from "./proxy.ts";

/** "url -> proxy's host" or "url -> direct", one a line. */
function check(settings: ProxySettings, environment: Environment, cases: string): void {
  const rule = proxyRule(settings, environment);
  for (const line of cases.trim().split("\n")) {
    const [url = "", expected] = line.trim().split(/ -> /);
    assert.equal(rule(new URL(url))?.host ?? "direct", expected, line);
  }
}

test("a proxy's URL alone holds for everything, this machine included", () => {
  check(
    { url: new URL("http://proxy:3128") },
    {},
    `http://localhost/ -> proxy:3128
     https://example.com/ -> proxy:3128`,
  );
});

test("no_proxy excludes addresses, prefixes, names and what is below them", () => {
  check(
    {
      url: new URL("http://proxy:3128"),
      noProxy: "10.1.2.3, 10.2.0.0/16,example.com,.internal,only.port:8080,*.star.org,[fd00::1]:90,fd01::/16,nonsense/99",
    },
    {},
    `http://10.1.2.3/ -> direct
     http://10.1.2.4/ -> proxy:3128
     https://10.2.9.9/ -> direct
     http://example.com/ -> direct
     http://deep.below.example.com/ -> direct
     http://notexample.com/ -> proxy:3128
     http://internal/ -> proxy:3128
     http://a.internal/ -> direct
     http://only.port:8080/ -> direct
     http://only.port/ -> proxy:3128
     http://a.star.org/ -> direct
     http://star.org/ -> proxy:3128
     http://[fd00::1]:90/ -> direct
     http://[fd00::1]/ -> proxy:3128
     http://[fd01::77]/ -> direct
     http://localhost/ -> direct
     http://127.9.9.9/ -> direct
     http://[::1]/ -> direct`,
  );
});

test("a star excludes everything", () => {
  check({ url: new URL("http://proxy:3128"), noProxy: "a,*" }, {}, "http://b/ -> direct");
});

test("the environment decides by scheme, in small letters first", () => {
  const environment = { HTTP_PROXY: "plain:1", http_proxy: "small:2", HTTPS_PROXY: "https://secure:3", NO_PROXY: "skip.me" };
  check(
    { fromEnvironment: true },
    environment,
    `http://a/ -> small:2
     https://a/ -> secure:3
     https://skip.me/ -> direct`,
  );
  check({ fromEnvironment: true }, {}, "http://a/ -> direct");
});

test("a proxy's scheme may be left out", () => {
  assert.equal(proxyUrl("proxy:3128")?.href, "http://proxy:3128/");
  assert.equal(proxyUrl("socks5://proxy:1080")?.protocol, "socks5:");
  assert.equal(proxyUrl("http://[bad"), undefined);
  assert.equal(proxyUrl(""), undefined);
});

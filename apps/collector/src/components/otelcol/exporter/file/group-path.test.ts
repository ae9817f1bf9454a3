import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { groupPath } from "./group-path.ts";

// path, segment -> file
const cases = `
/data/*.json        shop           /data/shop.json
/data/*.json        a/b            /data/a/b.json
/data/*/app.log     shop           /data/shop/app.log
/data/*/app.log     ./shop         /data/shop/app.log
/data/*.json        ../etc/passwd  /data/etc/passwd.json
/data/*.json        a/../../etc/x  /data/etc/x.json
/data/*.json        ../../x        /data/x.json
/data/*.json        /etc/x         /data/etc/x.json
/data/x-*.json      ../y           /data/x-/y.json
./data/*.json       shop           data/shop.json
/data//logs/*       shop           /data/logs/shop
/*                  shop           /shop
`;

for (const line of cases.trim().split("\n")) {
  const [path = "", segment = "", file] = line.split(/\s+/);
  test(`${path} with ${segment} is ${file}`, () => assert.equal(groupPath(path, segment), file));
}

test("no segment leads out of the folder before the star", () => {
  const segment = fc.array(fc.constantFrom("..", ".", "a", "", "*", "\\", "b.c"), { maxLength: 8 }).map((parts) => parts.join("/"));
  fc.assert(fc.property(segment, (text) => assert.ok(groupPath("/data/logs/*/x.json", text).startsWith("/data/logs/"))));
});

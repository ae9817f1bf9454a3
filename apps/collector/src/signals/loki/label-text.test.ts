import assert from "node:assert/strict";
import { test } from "node:test";
import { MalformedInput } from "../../bytes/malformed-input.ts";
import { parseLabelText } from "./label-text.ts";
import { internRecord } from "./stream-labels.ts";

test("labels are read as clients write them", () => {
  const cases: [string, string][] = [
    ["{}", "[]"],
    ['{a="b"}', '[["a","b"]]'],
    [' { a = "b" , c = "d" , } ', '[["a","b"],["c","d"]]'],
    ['{a="x\\"y\\n\\u00e4\\xc3\\xa4\\101"}', '[["a","x\\"y\\nääA"]]'],
    ["{a='it\\'s', b=`raw\\n`}", '[["a","it\'s"],["b","raw\\\\n"]]'],
    ['{"quoted name"="b"}', '[["quoted name","b"]]'],
    ['up{a="b"}', '[["__name__","up"],["a","b"]]'],
    ['{"up", a="b"}', '[["__name__","up"],["a","b"]]'],
    ["up", '[["__name__","up"]]'],
    ['{a="b", # why\n c="d"}', '[["a","b"],["c","d"]]'],
    ['{a=""}', '[["a",""]]'],
    ['{a="b",a="c"}', '[["a","b"],["a","c"]]'],
  ];
  for (const [text, pairs] of cases) assert.equal(JSON.stringify(parseLabelText(text)), pairs, text);
});

test("what is no set of labels is refused with the place", () => {
  const cases: [string, RegExp][] = [
    ["", /expected "\{" at character 1, found the end/],
    ['{a="b"', /expected "," or "}" at character 7, found the end/],
    ['{a="b}', /expected a value in quotes at character 4/],
    ["{a=b}", /expected a value in quotes at character 4, found "b}"/],
    ['{a="b"} x', /expected nothing more at character 9/],
    ['{a="b" c="d"}', /expected "," or "}" at character 8/],
    ['{1a="b"}', /expected a label name or "}" at character 2/],
    ['{a="\\q"}', /expected a value in quotes/],
    ['{a="\\ud800"}', /expected a value in quotes/],
    ['{,a="b"}', /expected a label name/],
  ];
  for (const [text, message] of cases)
    assert.throws(
      () => parseLabelText(text),
      (error) => error instanceof MalformedInput && message.test(error.message),
      text,
    );
});

test("what labels are written as is read as the same labels", () => {
  const records: Record<string, string>[] = [{ a: 'x"\\\n' }, { a: "\udcff\x00ä" }, { a: "1", b: "💥" }];
  for (const record of records) assert.deepEqual(parseLabelText(internRecord(record).text), Object.entries(record));
});

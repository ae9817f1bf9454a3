import assert from "node:assert/strict";
import { test } from "node:test";
import { type GoValue, int64, textFromBytes } from "@invar/go-compat";
import fc from "fast-check";
import { sampleData } from "../sample-data.ts";
import { parseTemplate } from "../template-set.ts";
import { bcryptHash } from "./bcrypt.ts";
import { decodeJson } from "./json-decode.ts";
import { encodeJson } from "./json-encode.ts";
import { type SprigWorld, sprigFunctions } from "./sprig.ts";

const character = fc.integer({ min: 0, max: 0x10f7ff }).map((rune) => String.fromCodePoint(rune < 0xd800 ? rune : rune + 0x800));
const SECOND = 1_000_000_000n;

function render(template: string, world: SprigWorld = {}, data: GoValue = sampleData()): string {
  return parseTemplate("t", template, { functions: sprigFunctions(world) }).execute("t", data);
}

test("dates are told by the given clock", () => {
  const world = { now: () => 1_700_000_000n * SECOND + 5n };
  assert.equal(render("{{now.Unix}} {{now | date `2006`}}", world), "1700000000 2023");
  assert.equal(render("{{ago .}} {{ago `x`}}", world, int64(1_699_999_000n)), "16m40s 0s");
  assert.equal(render("{{durationRound now}}", world), "0s");
  assert.equal(render("{{date `2006-01-02` `no date`}}", world), "2023-11-14");
});

test("the environment is there only when it is given", () => {
  const world = { environment: (name: string) => (name === "A" ? "1" : "") };
  assert.equal(render("{{env `A`}}{{env `B`}} {{expandenv `$A ${A}b $B $ ${ $A_ $$ x`}}", world), "1 1 1b  $    x");
  assert.throws(() => render("{{env `A`}}"), /function "env" not defined/);
});

test("hosts are looked up only by the given function", () => {
  assert.equal(render("{{getHostByName `a`}}", { lookUpHost: (name) => `${name}.1` }), "a.1");
  assert.equal(render("{{getHostByName `a`}}"), "");
});

test("random texts have their length and alphabet", () => {
  assert.match(render("{{randAlphaNum 20}}"), /^[A-Za-z0-9]{20}$/);
  assert.match(render("{{randAlpha 20}}"), /^[A-Za-z]{20}$/);
  assert.match(render("{{randNumeric 20}}"), /^[0-9]{20}$/);
  assert.match(render("{{randAscii 20}}"), /^[ -~]{20}$/);
  assert.match(render("{{uuidv4}}"), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.match(render("{{randInt 3 5}}"), /^[34]$/);
  assert.equal(Buffer.from(render("{{randBytes 9}}"), "base64").length, 9);
  assert.equal([...render("{{shuffle `abc\u00e9`}}")].sort().join(""), "abc\u00e9");
  assert.notEqual(render("{{randAlphaNum 20}}"), render("{{randAlphaNum 20}}"));
});

test("bcrypt hashes are the ones that other programs check", () => {
  // Checked with Go's and OpenBSD's implementations.
  assert.equal(
    bcryptHash(Buffer.from("password"), Buffer.alloc(16, 1), 10),
    "$2a$10$.OC/.OC/.OC/.OC/.OC/.Oon6.als5ldnMRu5vPG47dy8ZPTMoa5y",
  );
  assert.equal(
    bcryptHash(Buffer.from("U*U"), Buffer.from("10410410410410410410410410410410", "hex"), 5),
    "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
  );
  assert.match(
    render("{{bcrypt .}}", {}, "x".repeat(73)),
    /^failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes$/,
  );
});

test("absurd sizes are refused before they are made", () => {
  for (const template of [
    "{{repeat 1000000000 `xxxx`}}",
    "{{until 1000000000}}",
    "{{untilStep 0 9223372036854775807 1}}",
    "{{seq 1000000000}}",
    "{{indent 1000000000 `x`}}",
    "{{randAlphaNum 1000000000000}}",
    "{{randBytes 1000000000000}}",
    "{{$x := repeat 1000000 `x`}}{{replace `x` $x $x}}",
  ]) {
    assert.throws(() => render(template), /the limit is/, template);
  }
});

test("JSON that is encoded decodes to the same value", () => {
  const json: fc.Arbitrary<GoValue> = fc.letrec<{ value: GoValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<GoValue>(null, true, false, ""),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
      fc.string({ unit: character }),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.array(fc.tuple(fc.string(), tie("value")), { maxLength: 4 }).map((entries) => new Map(entries)),
    ),
  })).value;
  fc.assert(
    fc.property(json, fc.boolean(), fc.constantFrom("", "  "), (value, escapesHtml, indent) => {
      const text = encodeJson(value, { escapesHtml, indent });
      assert.deepEqual(decodeJson(text), value);
      assert.doesNotThrow(() => JSON.parse(text));
    }),
  );
});

test("bytes that are not UTF-8 become U+FFFD in JSON", () => {
  assert.equal(encodeJson(textFromBytes(Uint8Array.of(0x61, 0xff)), { escapesHtml: true, indent: "" }), '"a\\ufffd"');
  assert.equal(decodeJson(`"${textFromBytes(Uint8Array.of(0xff))}"`), "\ufffd");
});

test("every function of sprig is there", () => {
  const names =
    "hello ago date date_in_zone date_modify dateInZone dateModify duration durationRound htmlDate htmlDateInZone must_date_modify mustDateModify mustToDate now toDate unixEpoch abbrev abbrevboth trunc trim upper lower title untitle substr repeat trimall trimAll trimSuffix trimPrefix nospace initials randAlphaNum randAlpha randAscii randNumeric swapcase shuffle snakecase camelcase kebabcase wrap wrapWith contains hasPrefix hasSuffix quote squote cat indent nindent replace plural sha1sum sha256sum sha512sum adler32sum toString atoi int64 int float64 seq toDecimal split splitList splitn toStrings until untilStep add1 add sub div mod mul randInt add1f addf subf divf mulf biggest max min maxf minf ceil floor round join sortAlpha default empty coalesce all any compact mustCompact fromJson toJson toPrettyJson toRawJson mustFromJson mustToJson mustToPrettyJson mustToRawJson ternary deepCopy mustDeepCopy typeOf typeIs typeIsLike kindOf kindIs deepEqual env expandenv getHostByName base dir clean ext isAbs osBase osClean osDir osExt osIsAbs b64enc b64dec b32enc b32dec tuple list dict get set unset hasKey pluck keys pick omit merge mergeOverwrite mustMerge mustMergeOverwrite values append push mustAppend mustPush prepend mustPrepend first mustFirst rest mustRest last mustLast initial mustInitial reverse mustReverse uniq mustUniq without mustWithout has mustHas slice mustSlice concat dig chunk mustChunk bcrypt htpasswd genPrivateKey derivePassword buildCustomCert genCA genCAWithKey genSelfSignedCert genSelfSignedCertWithKey genSignedCert genSignedCertWithKey encryptAES decryptAES randBytes uuidv4 semver semverCompare fail regexMatch mustRegexMatch regexFindAll mustRegexFindAll regexFind mustRegexFind regexReplaceAll mustRegexReplaceAll regexReplaceAllLiteral mustRegexReplaceAllLiteral regexSplit mustRegexSplit regexQuoteMeta urlParse urlJoin".split(
      " ",
    );
  const table = sprigFunctions({ environment: () => "" });
  assert.deepEqual(
    names.filter((name) => !table.has(name)),
    [],
  );
  assert.equal(table.size, names.length);
});

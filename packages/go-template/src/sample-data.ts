import {
  ANY,
  ANY_MAP,
  COMPLEX128,
  FLOAT32,
  fixedZone,
  GoError,
  type GoFunction,
  type GoType,
  type GoValue,
  INT,
  INT_SLICE,
  int64,
  mapOf,
  pointerTo,
  STRING,
  STRING_MAP,
  STRING_SLICE,
  stringSlice,
  Typed,
  textFromBytes,
  UINT,
  UINT8,
} from "@invar/go-compat";
import { fn, int, text, variadic } from "./function.ts";
import { durationValue, timeValue } from "./go-time.ts";
import { sequence } from "./sequence.ts";

/** The data under which the cases were recorded; the recorder has the same, in Go. */
export function sampleData(): Map<string, GoValue> {
  const next = person("next", 0n, ["z"], null, null);
  const ann = person("ann", 5n, ["p", "q"], next, new Map([["k", "v"]]));
  return new Map<string, GoValue>([
    ["s", "h\u00e9llo"],
    ["e", ""],
    ["i", 7n],
    ["i64", int64(-3n)],
    ["u", new Typed(UINT, 9n)],
    ["u8", new Typed(UINT8, 200n)],
    ["f", 1.5],
    ["big", 1_000_000],
    ["one", 1],
    ["t", true],
    ["F", false],
    ["nil", null],
    ["list", ["a", 1, null, true]],
    ["strs", stringSlice(["x", "y"])],
    ["ints", new Typed(INT_SLICE, [3n, 1n, 2n])],
    ["empty", []],
    [
      "m",
      new Map<string, GoValue>([
        ["b", 1],
        ["a", "A"],
        ["n", null],
        [
          "deep",
          new Map<string, GoValue>([
            ["k", "v"],
            ["l", [new Map([["x", "y"]])]],
          ]),
        ],
      ]),
    ],
    ["ms", new Typed(STRING_MAP, new Map([["k", "v"]]))],
    [
      "mi",
      new Typed(
        mapOf(INT, STRING),
        new Map([
          [2n, "two"],
          [1n, "one"],
        ]),
      ),
    ],
    ["mnil", new Typed(ANY_MAP, null)],
    ["snil", new Typed(STRING_SLICE, null)],
    ["bytes", Uint8Array.from([0x68, 0x69])],
    ["obj", new Typed(PERSON_POINTER, ann)],
    ["val", ann],
    ["pnil", new Typed(PERSON_POINTER, null)],
    [
      "fn",
      functionValue(
        "func(int, string) string",
        fn([int, text], (a, b) => `${a}-${b}`),
      ),
    ],
    [
      "vfn",
      functionValue(
        "func(string, ...int) string",
        variadic([text], int, (a, rest) => `${a}[${rest.join(" ")}]`),
      ),
    ],
    [
      "efn",
      functionValue(
        "func() (int, error)",
        fn([], () => {
          throw new GoError("efn failed");
        }),
      ),
    ],
    ["err", new Typed(ERROR, new Map())],
    ["dur", durationValue(90_000_000_000n)],
    ["seq", sequence("iter.Seq[int]", { arity: 1, iterate: () => [[0n], [10n], [20n]] })],
    ["seq0", sequence("iter.Seq[int]", { arity: 1, iterate: () => [] })],
    [
      "seq2",
      sequence("iter.Seq2[string,int]", {
        arity: 2,
        iterate: () => [
          ["k0", 0n],
          ["k1", 1n],
        ],
      }),
    ],
    ["f32", new Typed(FLOAT32, Math.fround(0.1))],
    ["c", new Typed(COMPLEX128, { re: 1, im: 2 })],
    [
      "maps",
      [
        new Map<string, GoValue>([
          ["n", "x"],
          ["v", 1],
        ]),
        new Map<string, GoValue>([
          ["n", "y"],
          ["v", 2],
        ]),
        null,
      ],
    ],
    ["bad", textFromBytes(Uint8Array.of(0x61, 0xff, 0x62))],
    ["html", '<a href="x">\'&\0\u2028\u00e9='],
    [
      "vals",
      new Typed(
        VALUES,
        new Map<string, GoValue>([
          ["k", "v"],
          ["n", null],
        ]),
      ),
    ],
    ["nested", [[1, 2], []]],
    ["text", "The quick brown fox\njumps over"],
    ["date", timeValue({ unixNanos: 1_700_000_000_123_456_789n, zone: fixedZone("UTC", 0) })],
  ]);
}

function nameOf(receiver: GoValue): string {
  const struct = receiver instanceof Typed && receiver.type.kind === "ptr" ? (receiver.raw as Typed) : (receiver as Typed);
  if (struct === null) throw new GoError("runtime error: invalid memory address or nil pointer dereference");
  return (struct.raw as Map<string, GoValue>).get("Name") as string;
}

const PERSON: GoType = {
  name: "main.T",
  kind: "struct",
  fields: ["Name", "Age", "Tags", "Next", "Any"],
  methods: { Upper: { params: [], isVariadic: false, call: (receiver) => nameOf(receiver as GoValue).toUpperCase() } },
};

const PERSON_POINTER: GoType = pointerTo(PERSON, {
  methods: {
    Greet: { params: [STRING], isVariadic: false, call: (receiver, whom) => `hello ${whom} from ${nameOf(receiver as GoValue)}` },
    Sum: {
      params: [INT],
      isVariadic: true,
      call: (_, ...numbers) => numbers.reduce<bigint>((sum, number) => sum + (number as bigint), 0n),
    },
    Fail: {
      params: [],
      isVariadic: false,
      call: () => {
        throw new GoError("it failed");
      },
    },
    Self: { params: [], isVariadic: false, call: (receiver) => receiver as GoValue },
  },
});

const ERROR: GoType = {
  name: "main.E",
  kind: "struct",
  fields: [],
  isError: true,
  text: () => "an error",
  methods: { Error: { params: [], isVariadic: false, call: () => "an error" } },
};

const VALUES: GoType = {
  name: "main.Vals",
  kind: "map",
  key: STRING,
  elem: ANY,
  methods: { Size: { params: [], isVariadic: false, call: (receiver) => BigInt(((receiver as Typed).raw as Map<string, GoValue>).size) } },
};

function person(name: string, age: bigint, tags: string[], next: Typed | null, any: GoValue): Typed {
  const pointer = new Typed(PERSON_POINTER, next);
  return new Typed(
    PERSON,
    new Map<string, GoValue>([
      ["Name", name],
      ["Age", age],
      ["Tags", stringSlice(tags)],
      ["Next", pointer],
      ["Any", any],
    ]),
  );
}

function functionValue(name: string, body: GoFunction): Typed {
  return new Typed({ name, kind: "func" }, body);
}

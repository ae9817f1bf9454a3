import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { follow, problemsOf } from "./advice.ts";
import { render } from "./rendering.ts";

// Each file under mistakes/values is a values file that must fail. Its first lines, "# says: …", are parts of what the error says.
// Where the error gives YAML to write, that YAML over the values must end the problem.

const mistakes = join(import.meta.dirname, "mistakes/values");

for (const file of readdirSync(mistakes).sort()) {
  const values = readFileSync(join(mistakes, file), "utf8");
  const expected = [...values.matchAll(/^# says: (.*)$/gm)].map(([, part]) => part as string);

  test(`${file} fails with a clear message`, () => {
    const error = render(values).errors.join("\n");
    assert.ok(expected.length > 0, "the file does not say what is expected");
    for (const part of expected) assert.ok(error.includes(part), `the error does not say: ${part}\nit says: ${error}`);
  });

  test(`${file}: what its message advises ends the problem`, () => {
    for (const { message, advice } of problemsOf(render(values).errors)) {
      if (advice === "") continue;
      const mended = follow(advice, values);
      const left = problemsOf(render(mended).errors).map((problem) => problem.message);
      assert.ok(!left.includes(message), `still wrong with the advice: ${message}\n${advice}`);
    }
  });
}

import { GoError, type GoMap, type GoValue } from "@invar/go-compat";

/** Values with just this one at a path like `a.b[0].[key.with.dots]`, as `set` of suites has it. Throws `GoError`. */
export function valuesAt(path: string, value: GoValue): GoMap {
  const steps = stepsOf(path);
  const whole = steps.reduceRight<GoValue>((inner, step) => {
    if (typeof step === "string") return new Map([[step, inner]]);
    return [...Array.from({ length: step }, (): GoValue => null), inner];
  }, value);
  return whole as GoMap;
}

const MAX_INDEX = 65_536;

function stepsOf(path: string): (string | number)[] {
  if (path === "") throw new GoError("set path is empty");
  const illegal = /[,{}=]/.exec(path);
  if (illegal !== null) throw new GoError(`invalid token found ${illegal[0]}`);
  const steps: (string | number)[] = [];
  let isKeyNext = true;
  for (let at = 0; at < path.length; ) {
    const rest = path.slice(at);
    const key = isKeyNext ? /^(?:\[([^[\]]*)\]|([^.[\]]+))/.exec(rest) : null;
    const index = isKeyNext ? null : /^\[([^\]]*)\]/.exec(rest);
    if (key !== null) {
      steps.push(key[1] ?? (key[2] as string));
      at += key[0].length;
    } else if (index !== null) {
      const number = Number(index[1]);
      if (!/^\d+$/.test(index[1] as string) || number > MAX_INDEX) {
        throw new GoError(`strconv.Atoi: parsing "${index[1]}": invalid syntax; write .[${index[1]}] for a key with dots`);
      }
      steps.push(number);
      at += index[0].length;
    } else throw new GoError(`invalid key at "${rest}" of the set path "${path}"`);
    isKeyNext = path[at] === ".";
    if (isKeyNext) at++;
    else if (at < path.length && path[at] !== "[") throw new GoError(`invalid denotation token ${path[at]}`);
  }
  if (isKeyNext) throw new GoError(`unexpected end of "${path}"`);
  if (typeof steps[0] === "number") throw new GoError(`the set path "${path}" begins with an index`);
  return steps;
}

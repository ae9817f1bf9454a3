import { type Expression, leftSpine } from "./ast.ts";
import { EvaluationError } from "./diagnostic.ts";
import { blame, fault } from "./fault.ts";
import { nearest } from "./nearest.ts";
import { applyOperator, applySign } from "./operators.ts";
import { lookup, type Scope } from "./scope.ts";
import { isFunction, isObject, typeName, type Value } from "./value.ts";

/**
 * The value of an expression. Throws `EvaluationError` with the smallest expression at fault, whose text begins the message where it
 * does in the incumbent.
 */
export function evaluate(expression: Expression, scope: Scope): Value {
  const spine = leftSpine(expression);
  let value = evaluateInnermost(spine[spine.length - 1] as Expression, scope);
  for (let at = spine.length - 2; at >= 0; at--) value = evaluateOn(value, spine[at] as Expression, scope);
  return value;
}

function evaluateInnermost(node: Expression, scope: Scope): Value {
  switch (node.kind) {
    case "literal":
      return node.value;
    case "identifier": {
      const value = lookup(scope, node.name);
      if (value !== undefined) return value;
      throw new EvaluationError("reference.unknown", `identifier ${JSON.stringify(node.name)} does not exist`, {
        start: node.start,
        end: node.end,
      });
    }
    case "array":
      return node.items.map((item) => evaluate(item, scope));
    case "object": {
      const object: Record<string, Value> = Object.create(null);
      for (const field of node.fields) object[field.key.text] = evaluate(field.value, scope);
      return object;
    }
    case "unary":
      return applySign(node, evaluate(node.operand, scope));
    case "group":
      return evaluate(node.inner, scope);
    case "access":
    case "index":
    case "call":
    case "binary":
      throw new Error(`expected the inner end of a left edge, came ${node.kind}`);
    default:
      return node satisfies never;
  }
}

// `value` is the value of what stands on the node's left edge.
function evaluateOn(value: Value, node: Expression, scope: Scope): Value {
  switch (node.kind) {
    case "access":
      return readField(value, node);
    case "index":
      return readElement(value, evaluate(node.index, scope), node);
    case "call": {
      if (value === null || !isFunction(value)) throw fault("value.type", node.callee, `should be function, got ${typeName(value)}`);
      const args = node.args.map((arg) => evaluate(arg, scope));
      try {
        return value.call(args);
      } catch (error) {
        throw error instanceof EvaluationError ? blame(error, node) : error;
      }
    }
    case "binary":
      return applyOperator(node, value, evaluate(node.right, scope));
    default:
      throw new Error(`expected a node with a left edge, came ${node.kind}`);
  }
}

function readField(value: Value, { object, member }: Expression & { kind: "access" }): Value {
  const name = JSON.stringify(member.text);
  if (value === null || !isObject(value)) {
    if (typeName(value) === "capsule") throw notConvertible(object);
    throw fault("value.type", object, `cannot access field ${name} on value of type ${typeName(value)}`);
  }
  if (Object.hasOwn(value, member.text)) return value[member.text] ?? null;
  const near = nearest(member.text, Object.keys(value));
  const hint = near === undefined ? undefined : `did you mean ${JSON.stringify(near)}?`;
  throw new EvaluationError("reference.field", `field ${name} does not exist`, { start: member.start, end: member.end }, hint);
}

// A key that an object does not have gives null, an index that an array does not have is an error.
function readElement(value: Value, index: Value, node: Expression & { kind: "index" }): Value {
  if (Array.isArray(value)) {
    if (typeof index !== "bigint" && typeof index !== "number") {
      throw fault("value.type", node.index, `should be number, got ${typeName(index)}`);
    }
    const at = Math.trunc(Number(index));
    if (at >= 0 && at < value.length) return value[at];
    throw fault("value.range", node.index, `index ${at} is out of range of array with length ${value.length}`);
  }
  if (value !== null && isObject(value)) {
    if (typeof index !== "string") throw fault("value.type", node.index, `should be string, got ${typeName(index)}`);
    return Object.hasOwn(value, index) ? (value[index] ?? null) : null;
  }
  if (typeName(value) === "capsule") throw notConvertible(node.object);
  throw fault("value.type", node.object, `expected object or array, got ${typeName(value)}`);
}

function notConvertible(node: Expression): EvaluationError {
  return fault("value.type", node, "expected object or array or a capsule convertible to an object, got capsule");
}

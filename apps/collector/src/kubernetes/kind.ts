/** One kind of Kubernetes object as we keep it: where it is found, and what of it stays in memory. */
export interface Kind<T extends Kept> {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** The plural in URLs and permissions. */
  readonly resource: string;
  readonly namespaced: boolean;
  /** Takes from an object what we need of it; the rest is garbage at once. */
  keep(wire: WireObject): T;
}

/** What is kept of every object. */
export interface Kept {
  readonly name: string;
  /** Empty for objects without one. */
  readonly namespace: string;
  readonly uid: string;
  /** Tells one state of the object from another. */
  readonly resourceVersion: string;
}

export interface Owner {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** An object with what users write on it. */
export interface Described extends Kept {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** An object as the API server writes it. Which fields there are depends on its kind; `keep` is the one place that reads them. */
export interface WireObject {
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly {
      readonly kind?: string;
      readonly name?: string;
      readonly uid?: string;
      readonly controller?: boolean;
    }[];
  };
}

export function keptOf({ metadata = {} }: WireObject): Kept {
  return {
    name: metadata.name ?? "",
    namespace: metadata.namespace ?? "",
    uid: metadata.uid ?? "",
    resourceVersion: metadata.resourceVersion ?? "",
  };
}

const nothing: Readonly<Record<string, string>> = Object.freeze({});

export function describedOf(wire: WireObject): Described {
  return { ...keptOf(wire), labels: wire.metadata?.labels ?? nothing, annotations: wire.metadata?.annotations ?? nothing };
}

/** The object that made this one and looks after it. */
export function controllerOf({ metadata }: WireObject): Owner | undefined {
  const owner = metadata?.ownerReferences?.find((reference) => reference.controller === true);
  return owner && { kind: owner.kind ?? "", name: owner.name ?? "", uid: owner.uid ?? "" };
}

/** Under which an object is found in a store: `namespace/name`, or `name` alone. */
export function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}

/** The path of a kind's collection, in one namespace or, where that is empty, in all. */
export function collectionPath(kind: Pick<Kind<Kept>, "group" | "version" | "resource">, namespace: string): string {
  const root = kind.group === "" ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  const place = namespace === "" ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}${place}/${kind.resource}`;
}

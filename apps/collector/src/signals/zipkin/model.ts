/** A span as version 2 of Zipkin's format has it. Times are microseconds. */
export interface ZipkinSpan {
  /** 16 bytes. */
  readonly traceId: Uint8Array;
  /** 8 bytes. */
  readonly id: Uint8Array;
  readonly parentId: Uint8Array | undefined;
  readonly name: string;
  /** In capitals; what is not a kind is none. */
  readonly kind: string;
  /** Undefined: the span does not tell when it began. */
  readonly timestamp: number | undefined;
  readonly duration: number;
  readonly local: Endpoint | undefined;
  readonly remote: Endpoint | undefined;
  readonly annotations: readonly { readonly timestamp: number; readonly value: string }[];
  readonly tags: ReadonlyMap<string, string>;
}

export interface Endpoint {
  readonly serviceName: string;
  /** As text in its usual form; undefined where it is absent. */
  readonly ipv4: string | undefined;
  readonly ipv6: string | undefined;
  readonly port: number;
}

/** A span as version 1 has it. */
export interface OldSpan {
  readonly traceId: Uint8Array;
  readonly id: Uint8Array;
  readonly parentId: Uint8Array | undefined;
  readonly name: string;
  readonly timestamp: number;
  readonly duration: number;
  readonly annotations: readonly OldAnnotation[];
  readonly binaryAnnotations: readonly OldBinaryAnnotation[];
}

export interface OldAnnotation {
  readonly timestamp: number;
  readonly value: string;
  readonly endpoint: OldEndpoint | undefined;
}

export interface OldBinaryAnnotation {
  readonly key: string;
  readonly value: string | boolean | number | bigint;
  /** The value as text: for the name of a component. */
  readonly text: string;
  /** Undefined where there is no endpoint; "" where it has no name. */
  readonly serviceName: string | undefined;
}

export interface OldEndpoint {
  readonly serviceName: string;
  readonly ipv4: string;
  readonly ipv6: string;
  readonly port: number;
}

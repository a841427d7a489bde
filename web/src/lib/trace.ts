/** An attribute value as the page shows and filters it. */
export interface Attribute {
  key: string;
  value: string;
  /** Decides how a filter on it is quoted. */
  type: "string" | "number" | "bool" | "json";
}

/** Something that happened at one moment of a span; `exception` events carry a stack trace. */
export interface SpanEvent {
  name: string;
  /** Unix nanoseconds. */
  time: bigint;
  attributes: Attribute[];
}

/** A pointer to a span of this or another trace. Ids are lower-case hex. */
export interface SpanLink {
  traceId: string;
  spanId: string;
  attributes: Attribute[];
}

/** One operation of a trace. Ids are lower-case hex; `parentId` is empty for a root. */
export interface Span {
  traceId: string;
  spanId: string;
  parentId: string;
  name: string;
  service: string;
  kind: "unspecified" | "internal" | "server" | "client" | "producer" | "consumer";
  /** Unix nanoseconds. */
  start: bigint;
  end: bigint;
  status: "unset" | "ok" | "error";
  statusMessage: string;
  attributes: Attribute[];
  resource: Attribute[];
  scope: string;
  events: SpanEvent[];
  links: SpanLink[];
}

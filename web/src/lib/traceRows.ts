/** A trace as a search finds it. */
export interface TraceRow {
  /** 32 hex digits. */
  traceId: string;
  rootService: string;
  rootName: string;
  /** Unix nanoseconds. */
  start: bigint;
  durationMs: number;
  /** Spans and failed spans by service; empty when the server does not count them. */
  services: { name: string; spans: number; errors: number }[];
  /** Spans the query selects. */
  matched: number;
  /** Id of the first span the query selects. */
  firstMatch: string | undefined;
}

/** Spans of the whole trace, as far as the server counted them. */
export function spanCount(row: TraceRow): number {
  return row.services.reduce((sum, service) => sum + service.spans, 0);
}

/** Failed spans of the whole trace. */
export function errorCount(row: TraceRow): number {
  return row.services.reduce((sum, service) => sum + service.errors, 0);
}

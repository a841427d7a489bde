import { KeyValue } from "../../components/KeyValue";
import type { Labels } from "../../lib/labels";

/** What the annotations of an alert came out as; of `omit` the reader has read before. */
export function Texts({ annotations, omit = "" }: { annotations: Labels; omit?: string }) {
  const pairs = Object.entries(annotations).flatMap(([key, value]) => (key === omit || value === "" ? [] : [{ key, value }]));
  return pairs.length === 0 ? null : <KeyValue mono={false} pairs={pairs} />;
}

import { formatValue } from "../../lib/units";
import { shareToken } from "./graph";

/** A share of failed calls, coloured if it is worth a look. */
export function FailedShare({ share }: { share: number | null }) {
  const token = shareToken(share);
  if (!token) return formatValue(share, "percentunit");
  return <span style={{ color: `var(--o-${token})`, fontWeight: 600 }}>{formatValue(share, "percentunit")}</span>;
}
